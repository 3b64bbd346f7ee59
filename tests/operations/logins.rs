//! The shield of the login and the other budgets, over HTTP.

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::calls::{call, call_from, login, login_from, nonce, register};
use crate::graph::{APP_ID, APP_SECRET, Graph};
use crate::http::{Request, Response};
use crate::server::Server;

const PASSWORD: &str = "john Pass 3";

fn on(url: &str) -> Setup {
    Setup::on(url).set("wordpress.version", "6.8").set("limits.enabled", "true")
}

fn recorded() -> Setup {
    let server = Server::mariadb();
    on(&server.url(&server.database_from(&dump("6.8"))))
}

fn statuses(app: &TestApp, requests: &[Request]) -> Vec<u16> {
    requests.iter().map(|request| app.send(request).status).collect()
}

/// Status, headers and body, but for what differs by the second and by the request.
fn shape(answer: &Response) -> String {
    let digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "#");
    let named = |(name, value): &(String, String)| match name.as_str() {
        "x-request-id" | "date" => format!("{name}\n"),
        _ => format!("{name}: {}\n", digits(value)),
    };
    let mut headers: Vec<String> = answer.headers.iter().map(named).collect();
    headers.sort();
    format!("{}\n{}\n{}", answer.status, headers.concat(), digits(&answer.text()))
}

#[test]
fn who_failed_too_often_is_told_when_to_come_back_whether_the_name_exists_or_not() {
    let app = recorded().set("limits.login_account", "2/1d").start();
    let refused: Vec<Response> =
        ["john", "JOHN@example.org", "nobody", "nobody@example.org", "<i>nobody</i> here"]
            .iter()
            .enumerate()
            .map(|(number, name)| {
                let from =
                    |host: usize| login_from(&format!("203.0.113.{}", 10 * number + host), name, "wrong");
                // The two names of the account share its budget.
                let before = if *name == "JOHN@example.org" { [429, 429] } else { [401, 401] };
                assert_eq!(statuses(&app, &[from(1), from(2)]), before, "{name}");
                app.send(&from(3))
            })
            .collect();
    for answer in &refused {
        assert_eq!(shape(answer), shape(&refused[0]));
        let seconds: u32 = answer.header("retry-after").expect("when to come back").parse().expect("seconds");
        assert!((43_100..=43_200).contains(&seconds), "{seconds}");
        let text = format!("Too many requests. Try again in {seconds} seconds.");
        assert_eq!(answer.json(), json!({"status": "error", "error": text}));
    }
    // The right password is not looked at either.
    assert_eq!(app.send(&login_from("203.0.113.99", "john", PASSWORD)).status, 429);
    let auth = [("username", "john"), ("password", PASSWORD)];
    assert_eq!(app.send(&call_from("203.0.113.99", "auth/generate_auth_cookie", &auth)).status, 429);
}

#[test]
fn a_refusal_takes_the_form_that_was_asked_for() {
    let app = recorded().set("limits.login_address", "1/1d").start();
    let wrong = |more: &str| {
        let target = format!("/api/user/generate_auth_cookie/?insecure=cool{more}");
        app.send(&Request::post(&target, &[("username", "john"), ("password", "wrong")]))
    };
    assert_eq!(wrong("").status, 401);
    assert_eq!(wrong("").status, 429);
    let script = wrong("&callback=cb");
    assert_eq!(script.status, 200);
    assert!(script.text().starts_with(r#"cb({"status":"error","error":"Too many requests. Try again in "#));
    let page = wrong("&dev=1");
    assert_eq!(page.status, 200);
    assert!(
        page.text().starts_with("{\n  \"status\": \"error\",\n  \"error\": \"Too many requests."),
        "{}",
        page.text()
    );
    let moved = wrong("&redirect=/x");
    assert_eq!(moved.status, 302);
    assert!(moved.header("location").is_some_and(|to| to.ends_with("/x?status=error")), "{moved:?}");
}

#[test]
fn good_logins_never_count() {
    let app = recorded()
        .set("limits.login_address", "2/1d")
        .set("limits.login_account", "2/1d")
        .set("limits.login_global", "2/1d")
        .start();
    let good = login_from("203.0.113.1", "oldphpass", "phpass-Pass-4");
    for number in 0..12 {
        assert_eq!(app.send(&good).status, 200, "login {number}");
        let elsewhere = login_from(&format!("203.0.113.{}", 10 + number), "oldphpass", "phpass-Pass-4");
        assert_eq!(app.send(&elsewhere).status, 200, "login {number} elsewhere");
    }
    // And what they took was given back: the whole budget is left.
    let wrong = login_from("198.51.100.1", "oldphpass", "wrong");
    assert_eq!(statuses(&app, &[wrong.clone(), wrong.clone(), wrong]), [401, 401, 429]);
}

#[test]
fn many_good_logins_at_once_pass_through_a_small_budget() {
    let app = recorded().set("limits.login_address", "2/1d").start();
    let good = login_from("203.0.113.1", "oldphpass", "phpass-Pass-4");
    let to = app.address;
    let all: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..12).map(|_| scope.spawn(|| good.send(to).status)).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    assert_eq!(all, [200; 12]);
}

#[test]
fn many_wrong_ones_at_once_do_not_outrun_the_count() {
    let app = recorded().set("limits.login_address", "3/1d").start();
    let wrong = login_from("203.0.113.1", "oldphpass", "wrong");
    let to = app.address;
    let mut all: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..12).map(|_| scope.spawn(|| wrong.send(to).status)).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).collect()
    });
    all.sort_unstable();
    assert_eq!(all, [[401; 3].as_slice(), &[429; 9]].concat());
}

#[test]
fn an_ipv6_caller_is_a_whole_network() {
    let app = recorded().set("limits.login_address", "2/1d").start();
    let from = |ip: &str| login_from(ip, "oldphpass", "wrong");
    assert_eq!(
        statuses(&app, &[from("2001:db8::1"), from("2001:db8::ffff:1"), from("2001:db8::2")]),
        [401, 401, 429]
    );
    assert_eq!(app.send(&from("2001:db8:0:1::1")).status, 401);
}

#[test]
fn an_account_under_attack_stays_open_where_it_was_used_before() {
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    let start = || on(&url).set("limits.login_account", "2/1d").start();
    let home = |password: &str| login_from("203.0.113.1", "john", password);
    let attack = |app: &TestApp| {
        let from = |host: u8| login_from(&format!("198.51.100.{host}"), "john", "wrong");
        assert_eq!(statuses(app, &[from(1), from(2), from(3)]), [401, 401, 429]);
    };
    let app = start();
    assert_eq!(app.send(&home(PASSWORD)).status, 200);
    attack(&app);
    // Failures at home count by themselves and lock out home alone.
    assert_eq!(statuses(&app, &[home(PASSWORD), home("wrong"), home(PASSWORD)]), [200, 401, 200]);
    drop(app);
    // A service that has just started knows of the home by the stored session.
    let app = start();
    attack(&app);
    assert_eq!(app.send(&login_from("203.0.113.2", "john", PASSWORD)).status, 429);
    assert_eq!(statuses(&app, &[home("wrong"), home(PASSWORD)]), [401, 200]);
    assert_eq!(statuses(&app, &[home("wrong"), home("wrong"), home(PASSWORD)]), [401, 429, 429]);
}

#[test]
fn a_session_that_is_over_is_no_recommendation() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let start = || on(&server.url(&database)).set("limits.login_account", "1/1d").start();
    let form = [("username", "john"), ("password", PASSWORD), ("seconds", "100")];
    assert_eq!(start().send(&call_from("203.0.113.1", "user/generate_auth_cookie", &form)).status, 200);
    let app = start();
    app.set_now(crate::app::NOW + 101);
    assert_eq!(app.send(&login_from("198.51.100.1", "john", "wrong")).status, 401);
    assert_eq!(app.send(&login_from("203.0.113.1", "john", PASSWORD)).status, 429);
}

#[test]
fn wrong_facebook_tokens_count_as_wrong_logins() {
    let graph = Graph::start();
    graph.add("good", json!({"id": "1", "name": "Jo Hn", "first_name": "Jo", "last_name": "Hn", "email": "john@example.org"}));
    let app = recorded()
        .set("limits.login_address", "2/1d")
        .set("facebook.graph_url", &graph.url())
        .set("facebook.app_id", APP_ID)
        .set("facebook.app_secret", APP_SECRET)
        .start();
    let token = |ip: &str, token: &str| call_from(ip, "user/fb_connect", &[("access_token", token)]);
    assert_eq!(statuses(&app, &[token("203.0.113.1", "good"), token("203.0.113.1", "good")]), [200, 200]);
    let bad = |token_text: &str| token("203.0.113.1", token_text);
    assert_eq!(statuses(&app, &[bad("a"), bad("b"), bad("c"), bad("good")]), [400, 400, 429, 429]);
    assert_eq!(graph.take_asked().iter().filter(|asked| asked.path == "/debug_token").count(), 4);
    // One budget with passwords.
    assert_eq!(app.send(&login_from("203.0.113.1", "oldphpass", "wrong")).status, 429);
    assert_eq!(app.send(&token("203.0.113.2", "good")).status, 200);
}

#[test]
fn nonces_registrations_and_password_mails_have_budgets_by_address() {
    let app = recorded()
        .set("limits.nonce_address", "2/1d")
        .set("limits.register_address", "2/1d")
        .set("limits.reset_address", "2/1d")
        .start();
    let given = nonce(app.address);
    let cases: [(&str, Request); 3] = [
        ("nonce", call("get_nonce", &[("controller", "user"), ("method", "register")])),
        ("register", register("somebody", &given)),
        ("reset", call("user/retrieve_password", &[("user_login", "nobody at all")])),
    ];
    for (what, request) in cases {
        let from = |ip: &str| app.send(&request.clone().header("X-Forwarded-For", ip));
        assert!(
            [from("203.0.113.1"), from("203.0.113.1")].iter().all(|answer| answer.status < 429),
            "{what}"
        );
        let refused = from("203.0.113.1");
        assert_eq!(refused.status, 429, "{what}");
        assert!(
            refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()),
            "{what}"
        );
        assert!(from("203.0.113.2").status < 429, "{what}");
    }
    // What only reads is not limited.
    let info = Request::get("/api/user/info/?insecure=cool").header("X-Forwarded-For", "203.0.113.1");
    assert_eq!(app.send(&info).status, 200);
}

#[test]
fn an_account_gets_few_password_mails_whoever_asks() {
    let app = recorded().set("limits.reset_account", "2/1d").keep_mails().start();
    let ask = |host: u8, name: &str| {
        call_from(&format!("203.0.113.{host}"), "user/retrieve_password", &[("user_login", name)])
    };
    let asked = [ask(1, "john"), ask(2, "john@example.org"), ask(3, "john"), ask(4, "editor")];
    assert_eq!(statuses(&app, &asked), [200, 200, 429, 200]);
    assert_eq!(app.take_mails().len(), 3);
}

#[test]
fn without_limits_nothing_is_counted() {
    let tiny = "1/1d";
    let mut setup = recorded().set("limits.enabled", "false").keep_mails();
    for name in [
        "login_address",
        "login_shared_address",
        "login_account",
        "login_global",
        "register_address",
        "reset_address",
        "reset_account",
        "nonce_address",
    ] {
        setup = setup.set(&format!("limits.{name}"), tiny);
    }
    let app = setup.set("limits.body_bytes", "1024").set("limits.connections", "1").start();
    let reset = call("user/retrieve_password", &[("user_login", "john")]);
    for _ in 0..3 {
        assert_eq!(app.send(&login("oldphpass", "wrong")).status, 401);
        assert_eq!(app.send(&reset).status, 200);
        let again = app.send(&register("somebody", &nonce(app.address)));
        assert!(again.status < 429, "{}", again.text());
    }
    let large = "x".repeat(4000);
    let form = [("controller", "user"), ("x", large.as_str())];
    assert_eq!(app.call("core/info", &form).status, 200);
}
