//! Calls of the endpoints, each from an address that the test chooses: loopback is a trusted proxy.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::http::{Request, Response};

/// A call of `controller/method`.
pub fn call(method: &str, form: &[(&str, &str)]) -> Request {
    Request::post(&format!("/api/{method}/?insecure=cool"), form)
}

/// The same from that address.
pub fn call_from(ip: &str, method: &str, form: &[(&str, &str)]) -> Request {
    call(method, form).header("X-Forwarded-For", ip)
}

pub fn login(username: &str, password: &str) -> Request {
    call("user/generate_auth_cookie", &[("username", username), ("password", password)])
}

pub fn login_from(ip: &str, username: &str, password: &str) -> Request {
    login(username, password).header("X-Forwarded-For", ip)
}

/// A nonce for registrations.
#[track_caller]
pub fn nonce(to: SocketAddr) -> String {
    let answer = Request::get("/api/get_nonce/?controller=user&method=register").send(to);
    answer.json()["nonce"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

pub fn register(name: &str, nonce: &str) -> Request {
    let email = format!("{}@example.net", name.replace(' ', ""));
    let form = [("username", name), ("email", &email), ("nonce", nonce), ("user_pass", "a Pass")];
    call("user/register", &form)
}

/// A good login's cookie.
#[track_caller]
pub fn cookie(answer: &Response) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["cookie"].as_str().expect("a cookie").to_owned()
}

/// Waits for something that happens by itself, on a busy machine too.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
