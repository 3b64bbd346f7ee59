//! The log as whoever guards the site reads it: one line an event, and a line is an event.

use serde_json::Value;

use crate::calls::{call, call_from, login_from, nonce, register};
use crate::graph::{APP_ID, APP_SECRET, Graph};
use crate::http::{Request, Response};
use crate::process::{Service, Setup};
use crate::server::Server;
use crate::smtp::SmtpSink;

const IP: &str = "203.0.113.7";

fn recorded(set: impl FnOnce(Setup) -> Setup) -> Service {
    Service::recorded(Server::mariadb(), set).0
}

/// The events of one answer, by its name, in their order. An event is written before its answer leaves.
#[track_caller]
fn events_of(service: &Service, answer: &Response) -> Vec<Value> {
    let id = answer.header("x-request-id").expect("a name");
    // What is asked for afterwards is logged afterwards.
    let last = service.send(&login_from("198.51.100.77", "nobody at all", " "));
    service.wait_for_line(last.header("x-request-id").expect("a name"));
    service.events().into_iter().filter(|event| event["request_id"] == id).collect()
}

/// The one event of an answer.
#[track_caller]
fn event(service: &Service, request: &Request, status: u16) -> Value {
    let answer = service.send(request);
    assert_eq!(answer.status, status, "{}", answer.text());
    let events = events_of(service, &answer);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event["ip"], IP);
    event.clone()
}

#[test]
fn each_event_is_told_once_with_user_address_and_request() {
    let sink = SmtpSink::start();
    let graph = Graph::start();
    let me = serde_json::json!({"id": "9", "name": "Fay Ce", "email": "john@example.org"});
    graph.add("token", me);
    let service = recorded(|setup| {
        setup
            .set("mail.transport", "smtp")
            .set("mail.smtp_url", &sink.url())
            .set("limits.login_account", "1/1d")
            .set("facebook.graph_url", &graph.url())
            .set("facebook.app_id", APP_ID)
            .set("facebook.app_secret", APP_SECRET)
    });
    let told = |request: &Request, status: u16| {
        let event = event(&service, request, status);
        let name = event["event"].as_str().expect("an event").to_owned();
        (name, event["user_id"].as_u64(), event["level"].as_str().expect("a level").to_owned())
    };
    let row = |name: &str, user_id: Option<u64>, level: &str| (name.to_owned(), user_id, level.to_owned());

    assert_eq!(told(&login_from(IP, "john", "john Pass 3"), 200), row("login_ok", Some(3), "INFO"));
    let auth = [("username", "john"), ("password", "john Pass 3")];
    assert_eq!(
        told(&call_from(IP, "auth/generate_auth_cookie", &auth), 200),
        row("login_ok", Some(3), "INFO")
    );
    assert_eq!(told(&login_from(IP, "editor", "wrong"), 401), row("login_failed", Some(2), "INFO"));
    assert_eq!(told(&login_from(IP, "editor", "wrong"), 429), row("limited", None, "WARN"));
    assert_eq!(told(&login_from(IP, "no such name", "wrong"), 401), row("login_failed", None, "INFO"));
    assert_eq!(told(&login_from(IP, "spammer", "spam-Pass-11"), 401), row("login_failed", Some(11), "INFO"));
    let token = |token: &str| call_from(IP, "user/fb_connect", &[("access_token", token)]);
    assert_eq!(told(&token("token"), 200), row("login_ok", Some(3), "INFO"));
    assert_eq!(told(&token("unknown"), 400), row("login_failed", None, "INFO"));
    let new = register("newcomer", &nonce(service.address)).header("X-Forwarded-For", IP);
    assert_eq!(told(&new, 200), row("registration", Some(13), "INFO"));
    let reset = call_from(IP, "user/retrieve_password", &[("user_login", "john")]);
    assert_eq!(told(&reset, 200), row("password_reset", Some(3), "INFO"));
    let cookie = crate::calls::cookie(&service.send(&login_from(IP, "john", "john Pass 3")));
    for (method, more) in [
        ("user/update_user_meta", [("meta_key", "wp_capabilities"), ("meta_value", "x")].as_slice()),
        ("user/update_user_meta_vars", &[("wp_capabilities", "x")]),
        ("user/delete_user_meta", &[("meta_key", "wp_capabilities"), ("meta_value", "x")]),
        ("user/get_user_meta", &[("meta_key", "session_tokens")]),
    ] {
        let form = [&[("cookie", cookie.as_str())], more].concat();
        let refused = service.send(&call_from(IP, method, &form));
        let events = events_of(&service, &refused);
        if refused.status == 400 {
            let [event] = &events[..] else { panic!("{method}: {events:?}") };
            assert_eq!(
                (&event["event"], &event["user_id"]),
                (&"protected_meta_refused".into(), &3.into()),
                "{method}"
            );
            assert!(event["key"] == more[0].0 || event["key"] == more[0].1, "{event}");
        } else {
            assert_eq!((method, events.len()), ("user/get_user_meta", 0), "{}", refused.text());
        }
    }
}

#[test]
fn a_renewed_hash_is_told_once_beside_its_login() {
    let service = recorded(|setup| setup);
    let log_in = login_from(IP, "oldmd5", "md5-Pass-5");
    let names = |answer: &Response| -> Vec<String> {
        let events = events_of(&service, answer);
        assert!(events.iter().all(|event| event["user_id"] == 5 && event["ip"] == IP), "{events:?}");
        events.iter().map(|event| event["event"].as_str().expect("an event").to_owned()).collect()
    };
    assert_eq!(names(&service.send(&log_in)), ["login_ok", "password_rehashed"]);
    assert_eq!(names(&service.send(&log_in)), ["login_ok"]);
}

#[test]
fn people_read_the_same_on_one_line() {
    let service = recorded(Setup::human);
    let answer = service.send(&login_from(IP, "john", "john Pass 3"));
    let id = answer.header("x-request-id").expect("a name");
    let line = service.wait_for_line(id);
    for part in
        ["event=\"login_ok\"", "user_id=3", "ip=203.0.113.7", &format!("request_id=\"{id}\""), " INFO "]
    {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert_eq!(service.lines().iter().filter(|line| line.contains(id)).count(), 1);
}

/// Texts that would like to be lines of their own, or to change the line they are in.
const HOSTILE: [&str; 6] = [
    "x\n{\"level\":\"INFO\",\"event\":\"login_ok\",\"user_id\":1}",
    "x\r\n2026-11-22T00:00:00.000000Z  INFO event=\"login_ok\" user_id=1",
    "x\u{1b}[2K\u{1b}[1;31mlogin_ok\u{1b}[0m\u{7}\u{8}\u{9b}",
    "x\u{2028}login_ok\u{2029}\u{85}\u{b}\u{c}",
    "\",\"event\":\"login_ok\",\"x\":\"\\\\\"}\\",
    "\u{202e}ok_nigol\u{2066}\0%0a%s{}",
];

/// Hostile texts in every parameter, path and header, on every endpoint.
fn be_hostile(service: &Service) {
    let log_in = || crate::calls::cookie(&service.send(&login_from(IP, "john", "john Pass 3")));
    for text in HOSTILE {
        let cookie = log_in();
        let plain: String = text.chars().map(|c| if c.is_control() { '\t' } else { c }).collect();
        for endpoint in wp_sidecar::http::endpoints::ENDPOINTS {
            let method = format!("{}/{}", endpoint.controller, endpoint.method);
            let mut form: Vec<(&str, &str)> =
                endpoint.parameters.iter().map(|parameter| (parameter.name, text)).collect();
            form.push((text, text));
            service.send(&call_from(IP, &method, &form));
            // Further in, with a cookie that is good.
            form.retain(|(name, _)| *name != "cookie");
            form.push(("cookie", &cookie));
            let request = call(&method, &form)
                .header("User-Agent", &plain)
                .header("X-Request-Id", &plain)
                .header("X-Forwarded-For", &plain)
                .header("Origin", &plain)
                .header("Cookie", &format!("wordpress_logged_in_x={plain}"));
            service.send(&request);
        }
        // One of the endpoints ended the session.
        let cookie = log_in();
        let key = format!("guarded_{text}");
        let form = [("cookie", cookie.as_str()), ("meta_key", &key), ("meta_value", text), (&key, text)];
        service.send(&call("user/update_user_meta", &form));
        service.send(&call("user/update_user_meta_vars", &form));
        let encoded = serde_urlencoded::to_string([("x", text)]).unwrap();
        let encoded = encoded.trim_start_matches("x=");
        for target in [
            format!("/{encoded}"),
            format!("/api/{encoded}/{encoded}/?insecure=cool"),
            format!("/api/user/{encoded}/?insecure=cool&callback={encoded}"),
            format!("/?json={encoded}&dev={encoded}&redirect={encoded}"),
        ] {
            service.send(&Request::get(&target));
        }
    }
}

#[test]
fn no_text_of_a_client_makes_a_line_or_breaks_one() {
    let limits = |setup: Setup| {
        let setup = setup.set("meta.protected", "guarded_*");
        ["login_account", "login_address", "register_address", "reset_address"]
            .iter()
            .fold(setup, |setup, name| setup.set(&format!("limits.{name}"), "3/1d"))
    };
    for human in [false, true] {
        let service = recorded(|setup| limits(if human { setup.human() } else { setup }));
        be_hostile(&service);
        let last = service.send(&login_from("198.51.100.77", "nobody at all", " "));
        service.wait_for_line(last.header("x-request-id").expect("a name"));
        let lines = service.lines();
        assert!(
            lines.iter().any(|line| line.contains("protected_meta_refused")),
            "the texts come into the log"
        );
        for line in &lines {
            let odd =
                |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}' | '\u{2066}');
            assert!(!line.contains(odd), "{line:?}");
            if human {
                assert!(line.starts_with("20") && line.get(26..28) == Some("Z "), "{line}");
                assert!(!line.contains("user_id=1 ") && !line.ends_with("user_id=1"), "{line}");
            } else {
                let event: Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
                assert_ne!(event["user_id"], 1, "{line}");
            }
        }
    }
}

#[test]
fn one_proxy_that_is_not_trusted_is_warned_of_once() {
    const WARNING: &str = "all requests come from one peer";
    let service = recorded(|setup| setup.set("server.trusted_proxies", "192.0.2.1"));
    let info = Request::get("/api/info/").header("X-Forwarded-For", IP);
    let warnings = || {
        let last = service.send(&login_from(IP, "nobody at all", " "));
        service.wait_for_line(last.header("x-request-id").expect("a name"));
        service
            .events()
            .into_iter()
            .filter(|event| event["message"].as_str().is_some_and(|text| text.starts_with(WARNING)))
            .collect::<Vec<_>>()
    };
    for _ in 0..48 {
        service.send(&info);
    }
    assert_eq!(warnings().len(), 0);
    for _ in 0..100 {
        service.send(&info);
    }
    let warnings = warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!((&warnings[0]["level"], &warnings[0]["peer"]), (&"WARN".into(), &"127.0.0.1".into()));
}
