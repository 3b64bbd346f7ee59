//! Headers that every answer bears, the request's name, and pages of other sites.

use crate::app::{Setup, TestApp, dump};
use crate::calls::{call, login};
use crate::http::{Request, Response};
use crate::server::Server;

fn recorded(settings: &[(&str, &str)]) -> TestApp {
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    let setup = Setup::on(&url).set("wordpress.version", "6.8").set("limits.enabled", "true");
    settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value)).start()
}

fn all<'r>(answer: &'r Response, name: &str) -> Vec<&'r str> {
    answer.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
}

fn access_control(answer: &Response) -> Vec<&str> {
    answer
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

/// Requests for every kind of answer, with its status.
fn kinds() -> Vec<(u16, Request)> {
    let info = "/api/user/info/?insecure=cool";
    let large = format!("a={}", "x".repeat(2000));
    let get = Request::get;
    vec![
        (200, get(info)),
        (200, Request::new("HEAD", info)),
        (200, get(&format!("{info}&callback=cb"))),
        (200, get(&format!("{info}&dev=1"))),
        (302, get(&format!("{info}&redirect=/x"))),
        (204, Request::new("OPTIONS", info)),
        (204, Request::new("OPTIONS", "/nowhere")),
        (400, get("/api/nope/x/")),
        (400, get(&format!("{info}&callback=%28"))),
        (400, get(&format!("{info}&{}", "a&".repeat(1001)))),
        (401, login("john", "wrong")),
        (404, get("/nowhere")),
        (405, Request::new("PUT", info)),
        (405, Request::new("BREW", "/")),
        (413, Request::new("POST", info).body(large)),
        (
            429,
            call("get_nonce", &[("controller", "user"), ("method", "info")])
                .header("X-Forwarded-For", "203.0.113.1"),
        ),
        (200, get("/health/live")),
        (200, get("/health/ready")),
    ]
}

#[test]
fn no_answer_is_to_be_guessed_at_framed_or_to_tell_where_one_came_from() {
    let app = recorded(&[("limits.body_bytes", "1024"), ("limits.nonce_address", "1/1d")]);
    let nonce = call("get_nonce", &[("controller", "user"), ("method", "info")]);
    assert_eq!(app.send(&nonce.header("X-Forwarded-For", "203.0.113.1")).status, 200);
    let mut names = std::collections::BTreeSet::new();
    for (status, request) in kinds() {
        let what = format!("{} {}", request.method, &request.target[..request.target.len().min(60)]);
        let answer = app.send(&request);
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(all(&answer, "x-content-type-options"), ["nosniff"], "{what}");
        assert_eq!(all(&answer, "referrer-policy"), ["no-referrer"], "{what}");
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(all(&answer, "content-security-policy"), [policy], "{what}");
        assert_eq!(all(&answer, "cache-control"), ["no-store"], "{what}");
        assert_eq!(access_control(&answer), [""; 0], "{what}");
        assert_eq!(all(&answer, "vary"), [""; 0], "{what}");
        if !request.target.starts_with("/health") {
            let [name] = all(&answer, "x-request-id")[..] else { panic!("{what} has no name") };
            assert!(names.insert(name.to_owned()), "{name} twice");
        }
    }
}

#[test]
fn a_trusted_proxy_names_the_request_if_the_name_is_plain() {
    let app = recorded(&[]);
    let name = |given: &str| {
        let request = Request::get("/api/info/").header("X-Request-Id", given);
        app.send(&request).header("x-request-id").expect("a name").to_owned()
    };
    assert_eq!(name("7c9e6679-7425-40de-944b-e07fc1f90ae7"), "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    assert_eq!(name(&"x".repeat(64)), "x".repeat(64));
    for odd in ["a b", "a\"b", "{}", "<script>", "a;b", "ä", "a\tb", &"x".repeat(65), ""] {
        let own = name(odd);
        assert!(
            own.len() == 16 && own.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{odd:?} became {own:?}"
        );
    }
}

#[test]
fn a_stranger_names_nothing() {
    let app = recorded(&[("server.trusted_proxies", "192.0.2.0/24")]);
    let answer = app.send(&Request::get("/api/info/").header("X-Request-Id", "mine"));
    assert_eq!(answer.header("x-request-id").expect("a name").len(), 16);
}

const LISTED: [&str; 2] = ["https://app.example.org", "capacitor://localhost"];

#[test]
fn without_the_setting_no_page_of_another_site_may_call() {
    let app = recorded(&[("limits.body_bytes", "1024")]);
    for (_, request) in kinds() {
        let request = request.header("Origin", LISTED[0]).header("Access-Control-Request-Method", "POST");
        let answer = app.send(&request);
        assert_eq!((access_control(&answer), all(&answer, "vary")), (vec![], vec![]), "{}", request.target);
    }
}

#[test]
fn listed_pages_may_read_every_answer_and_others_none() {
    let app = recorded(&[("cors.allowed_origins", &LISTED.join(", ")), ("limits.body_bytes", "1024")]);
    let served = || kinds().into_iter().filter(|(_, request)| !request.target.starts_with("/health"));
    for origin in LISTED {
        for (_, request) in served() {
            let answer = app.send(&request.clone().header("Origin", origin));
            assert_eq!(all(&answer, "access-control-allow-origin"), [origin], "{}", request.target);
            assert_eq!(all(&answer, "access-control-expose-headers"), ["Retry-After, X-Request-Id"]);
            assert_eq!(all(&answer, "vary"), ["Origin"]);
            assert_eq!(access_control(&answer).len(), 2, "never with credentials: {answer:?}");
        }
    }
    for stranger in [
        "https://evil.example",
        "http://app.example.org",
        "https://app.example.org:8443",
        "null",
        "*",
        "",
        "https://app.example.org.evil.example",
        "https://evil-app.example.org",
        "https://app.example.org/",
        "https://app.example.org, https://evil.example",
    ] {
        for (_, request) in served() {
            let answer =
                app.send(&request.header("Origin", stranger).header("Access-Control-Request-Method", "POST"));
            assert_eq!(
                (access_control(&answer), all(&answer, "vary")),
                (vec![], vec!["Origin"]),
                "{stranger}"
            );
        }
    }
    // Without an Origin a cache must still know that one would matter.
    assert_eq!(app.get("/api/info/").header("vary"), Some("Origin"));
}

#[test]
fn a_browsers_question_is_answered_and_runs_nothing() {
    let app = recorded(&[("cors.allowed_origins", LISTED[0])]);
    let question = Request::new("OPTIONS", "/api/user/register/?insecure=cool")
        .header("Origin", LISTED[0])
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    let answer = app.send(&question);
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED[0]));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, POST, OPTIONS"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("Content-Type, X-Requested-With"));
    assert_eq!(answer.header("access-control-max-age"), Some("600"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), Some("Origin"));
}

#[test]
fn a_star_lets_every_page_call_but_never_with_the_browsers_cookies() {
    let app = recorded(&[("cors.allowed_origins", "*")]);
    let answer = app.send(&Request::get("/api/info/").header("Origin", "https://any.example"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://any.example"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), Some("Origin"));
}
