//! What reaches the service of who asks: logging in as an app does, TLS, addresses, names of requests, bodies.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::agreement::{echo, echo_of};
use crate::front::{Behind, Front};
use crate::http::{Request, Response};
use crate::place::{BLOG, Place, ROOT};
use crate::process::own_address;
use crate::stage::{Answerer, HOST, PRETTY, Stage};
use crate::wordpress::ADMIN;

const LOGIN: &str = "/api/user/generate_auth_cookie/?insecure=cool";

/// curl, for TLS and for an address of the client's own.
#[track_caller]
fn curl(front: &Front, from: &str, url: &str, more: &[&str]) -> Response {
    let port = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let to = if port == "https" { front.tls } else { front.address };
    let number = if port == "https" { 443 } else { 80 };
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--insecure", "--include", "--http1.1", "--interface", from])
        .args(["--connect-to", &format!("{HOST}:{number}:{to}"), url])
        .args(more)
        .output()
        .expect("curl runs; script/setup installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Response::parse(&output.stdout)
}

fn failed_login(front: &Front, forged: &str) -> u16 {
    let form = [("username", "nobody-here"), ("password", "wrong")];
    front.send(&Request::post(LOGIN, &form).header("X-Forwarded-For", forged)).status
}

#[test]
fn an_app_logs_in_through_each_web_server_and_wordpress_behind_it_takes_the_cookie() {
    let stage = Stage::open(BLOG, PRETTY, |setup| setup);
    for front in Front::each(&stage) {
        let at = |method: &str| format!("/blog/mobile/v1/user/{method}/?insecure=cool");
        let form = [("username", ADMIN.0), ("password", ADMIN.1)];
        let answer: Value = front.send(&Request::post(&at("generate_auth_cookie"), &form)).json();
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{}: {answer}", front.name));
        let (name, cookie) = (text("cookie_name"), text("cookie"));

        let page = |cookie: &str| {
            let header = format!("{name}={}", cookie.replace('|', "%7C"));
            front.send(&Request::get("/blog/").header("Cookie", &header))
        };
        let good = page(cookie);
        assert_eq!(Answerer::of(&good), Answerer::WordPress);
        assert_eq!(good.header("x-user"), Some("1"), "{}", front.name);
        assert_eq!(page(&format!("{cookie}0")).header("x-user"), Some("0"), "{}", front.name);

        let valid = front.send(&Request::post(&at("validate_auth_cookie"), &[("cookie", cookie)]));
        assert_eq!(valid.json()["valid"], true, "{}", front.name);
    }
}

#[test]
fn what_a_client_says_about_its_own_address_does_not_count() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup.set("limits.login_address", "2/1d"));
    for (number, front) in Front::each(&stage).iter().enumerate() {
        // The three share a service, and so its budgets: each has clients of its own.
        let client = format!("127.0.9.{}", number + 1);
        let login = |from: &str, forged: &str| {
            let forwarded = format!("X-Forwarded-For: {forged}");
            let standard = format!("Forwarded: for={forged}");
            let url = format!("http://{HOST}{LOGIN}");
            let form = "username=nobody-here&password=wrong";
            curl(front, from, &url, &["-H", &forwarded, "-H", &standard, "-d", form]).status
        };
        let tries: Vec<u16> = (1..=4).map(|last| login(&client, &format!("203.0.113.{last}"))).collect();
        assert_eq!(tries, [401, 401, 429, 429], "{}", front.name);
        // Another client, though it claims to be the first.
        assert_eq!(login(&format!("127.0.8.{}", number + 1), &client), 401, "{}", front.name);
    }
}

#[test]
fn only_the_web_server_says_that_a_request_came_over_tls() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    for front in Front::each(&stage) {
        let request = Request::get("/api/user/info/")
            .header("X-Forwarded-Proto", "https")
            .header("Forwarded", "proto=https")
            .header("X-Forwarded-Ssl", "on");
        let answer = front.send(&request);
        assert_eq!(answer.status, 400, "{}", front.name);
        assert!(answer.text().contains("SSL is not enabled"), "{}", answer.text());
    }
    let nginx = Front::nginx(&(&stage).into());
    let over_tls = curl(&nginx, "127.0.0.1", &format!("https://{HOST}/api/user/info/"), &[]);
    assert_eq!((over_tls.status, Answerer::of(&over_tls)), (200, Answerer::Service));
    let forged = curl(
        &nginx,
        "127.0.0.1",
        &format!("https://{HOST}/api/user/info/"),
        &["-H", "X-Forwarded-Proto: http"],
    );
    assert_eq!(forged.status, 200);
}

#[test]
fn the_web_server_names_the_request_and_the_client_cannot() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    for front in Front::each(&stage) {
        let names: Vec<String> = (0..2)
            .map(|_| {
                let answer = front.send(&Request::get("/api/info/").header("X-Request-Id", "chosen"));
                answer.header("x-request-id").expect("a name").to_owned()
            })
            .collect();
        assert!(names[0] != names[1] && !names.contains(&"chosen".to_owned()), "{} {names:?}", front.name);
    }
}

#[test]
fn a_client_chooses_neither_its_trace_nor_its_name() {
    let service = echo_of(TcpListener::bind("127.0.0.1:0").expect("a port"), |head| head);
    let root = tempfile::tempdir().expect("an empty folder");
    let socket = PathBuf::from("/nonexistent/php.sock");
    let place = Place { page: true, ..ROOT };
    for front in Front::each(Behind { place, service, root: root.path(), socket: &socket }) {
        for target in ["/api/info/", "/docs"] {
            let request = Request::get(target)
                .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .header("Tracestate", "vendor=chosen")
                .header("X-Request-Id", "chosen-too")
                .header("X-Other", "passed on");
            let arrived = front.send(&request).text().to_lowercase();
            assert!(arrived.contains("x-other: passed on\r\n"), "{}: {arrived}", front.name);
            for dropped in ["trace", "chosen"] {
                assert!(!arrived.contains(dropped), "{} {target}: {arrived}", front.name);
            }
        }
    }
}

#[test]
fn bodies_over_the_limit_are_refused_in_the_words_of_the_service() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    let login = |front: &Front, password: &str| {
        front.send(&Request::post(
            LOGIN,
            &[("username", ADMIN.0), ("password", password), ("x", &"y".repeat(3 << 20))],
        ))
    };
    for front in Front::each(&stage) {
        // More than nginx takes by itself.
        assert_eq!(login(&front, ADMIN.1).status, 200, "{}", front.name);
        let refused = front.send(&Request::post(LOGIN, &[("x", &"y".repeat(8_400_000))]));
        assert_eq!((refused.status, Answerer::of(&refused)), (413, Answerer::Service), "{}", front.name);
        assert_eq!(refused.json()["error"], "The request body is larger than 8388608 bytes.");
        let cut_off = front.send(&Request::post(LOGIN, &[("x", &"y".repeat(20_000_000))]));
        assert_eq!(cut_off.status, 413, "{}", front.name);
    }
}

#[test]
fn when_the_service_is_gone_the_site_is_still_there() {
    let stage = Stage::open(ROOT, PRETTY, |setup| setup);
    let fronts = Front::each(&stage);
    stage.service.signal("KILL");
    for front in &fronts {
        let answer = front.get("/api/user/info/");
        let (status, retry_after) = match front.name {
            "nginx" => (503, Some("5")),
            "Apache" => (503, None),
            _ => (502, None),
        };
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{}", front.name);
        if front.name == "nginx" {
            assert_eq!(answer.json()["error"], "The service is not ready. Try again in a moment.");
        }
        assert_eq!(Answerer::of(&front.get("/")), Answerer::WordPress, "{}", front.name);
        assert_eq!(failed_login(front, "203.0.113.1"), answer.status, "{}", front.name);
    }
}

#[test]
fn a_request_that_the_service_does_not_answer_is_not_sent_again() {
    let (hung_up, arrived) = hangs_up();
    let root = tempfile::tempdir().expect("an empty folder");
    let socket = PathBuf::from("/nonexistent/php.sock");
    let behind = Behind { place: ROOT, service: hung_up, root: root.path(), socket: &socket };
    for front in Front::each(behind) {
        for method in ["GET", "POST"] {
            let before = arrived.load(Ordering::SeqCst);
            let answer = front.send(&Request::new(method, "/api/user/register/?username=carl"));
            assert!((500..=504).contains(&answer.status), "{} {answer:?}", front.name);
            assert_eq!(arrived.load(Ordering::SeqCst), before + 1, "{} {method}", front.name);
        }
    }
}

#[test]
fn a_service_that_is_back_is_asked_at_once() {
    let address = own_address();
    let root = tempfile::tempdir().expect("an empty folder");
    let socket = PathBuf::from("/nonexistent/php.sock");
    let fronts = Front::each(Behind { place: ROOT, service: address, root: root.path(), socket: &socket });
    let ask = |front: &Front| front.get("/api/info/").status;
    let away: Vec<u16> = fronts.iter().map(ask).collect();
    assert!(away.iter().all(|status| (502..=504).contains(status)), "{away:?}");
    echo(TcpListener::bind(address).expect("an address of the test's own"));
    assert_eq!(fronts.each_ref().map(ask), [200; 3], "nginx, Apache, Caddy");
}

/// Takes a request, counts it, and hangs up. It ends with the test process.
fn hangs_up() -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let arrived = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&arrived);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut head = BufReader::new(stream.expect("a connection")).lines().map_while(Result::ok);
            if head.any(|line| line.is_empty()) {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (address, arrived)
}
