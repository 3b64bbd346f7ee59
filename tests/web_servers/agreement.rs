//! Whatever a web server sends on, the service reads as a call of something it answers: made-up addresses, with a
//! listener in the service's place that says what arrived.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use wp_sidecar::http::params::{Body, Params};
use wp_sidecar::http::{endpoints, routes};

use crate::front::{Behind, Front};
use crate::http::{Request, Response};
use crate::place::{BLOG, Place, ROOT};
use crate::stage::{Answerer, HOST};

/// Addresses tried at each web server and place.
const CASES: u32 = 5000;

/// Answers like the service, with the target as the body.
pub fn echo(listener: TcpListener) -> SocketAddr {
    echo_of(listener, |head| head.split(' ').nth(1).unwrap_or_default())
}

/// Answers like the service, with a part of the request's head as the body. It ends with the test process.
pub fn echo_of(listener: TcpListener, part: fn(&str) -> &str) -> SocketAddr {
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let said = part(&head);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Security-Policy: default-src 'none'\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{said}",
                said.len()
            );
        }
    });
    address
}

fn pieces(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(of), 0..=most).prop_map(|pieces| pieces.concat())
}

/// Mostly nearly right.
fn targets(place: Place) -> impl Strategy<Value = String> {
    const PATH: &[&str] = &[
        "/",
        "//",
        ".",
        "user",
        "auth",
        "core",
        "USER",
        "info",
        "get_nonce",
        "get_posts",
        "x",
        "%2F",
        "%2e",
        "..",
        "/..",
        "%75",
        ";",
        "-",
        "\\",
        "@",
        ":",
        "index.php",
        "/index.php",
        "%00",
        "~",
    ];
    const QUERY: &[&str] = &[
        "?",
        "&",
        "&",
        "json",
        "json=",
        "&json=user/info",
        "json=info",
        "%6ason=",
        "+",
        "=",
        "[]",
        "[",
        "%",
        "%00",
        "user/info",
        "user%2Finfo",
        "get_posts",
        "/",
        ".",
        "x",
        "#",
        ";",
        "json_",
        "%20",
        "1",
    ];
    let starts = vec![
        format!("{}/{}/user/", place.folder, place.base),
        format!("{}/{}", place.folder, place.base),
        format!("{}/index.php/{}/", place.folder, place.base),
        format!("{}/", place.folder),
        place.folder.to_owned(),
        "/".to_owned(),
    ];
    let query = prop_oneof![Just(String::new()), pieces(QUERY, 6).prop_map(|query| format!("?{query}"))];
    (select(starts), pieces(PATH, 4), query).prop_map(|(start, path, query)| {
        let target = format!("{start}{path}{query}");
        if target.starts_with('/') { target } else { format!("/{target}") }
    })
}

/// Whether the service has an answer of its own to that target.
fn is_served(place: Place, target: &str) -> bool {
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let home = format!("http://{HOST}{}", place.folder);
    let params = Params::parse(query.as_bytes(), Body::None).expect("few variables");
    let found = routes::resolve(path, &params, routes::Place { home: &home, base: place.base });
    let Ok(Some(target)) = found else {
        return false;
    };
    match target.controller.as_str() {
        "core" => endpoints::find("core", &target.method).is_some(),
        controller => endpoints::gate_of(controller).is_some(),
    }
}

fn agree(place: Place, start: impl Fn(&Behind<'_>) -> Front) {
    let root = tempfile::tempdir().expect("an empty folder");
    let socket = PathBuf::from("/nonexistent/php.sock");
    let service = echo(TcpListener::bind("127.0.0.1:0").expect("a port"));
    let front = start(&Behind { place, service, root: root.path(), socket: &socket });
    let config =
        Config { cases: CASES, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() };
    let sent_on = Cell::new(0_u32);
    TestRunner::new(config)
        .run(&targets(place), |target| {
            let answer: Response = front.send(&Request::get(&target));
            if Answerer::of(&answer) == Answerer::Service {
                sent_on.set(sent_on.get() + 1);
                // As sent by the client and as it arrived.
                prop_assert!(is_served(place, &target), "{} sends on {target}", front.name);
                prop_assert!(is_served(place, &answer.text()), "{target} became {}", answer.text());
                // Apache merges doubled slashes.
                prop_assert!(front.name == "Apache" || answer.text() == target, "{}", answer.text());
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(sent_on.get() > CASES / 50, "{}: hardly anything was sent on", front.name);
}

#[test]
fn what_nginx_sends_on_is_served() {
    agree(ROOT, Front::nginx);
    agree(BLOG, Front::nginx);
}

#[test]
fn what_apache_sends_on_is_served() {
    agree(ROOT, Front::apache);
    agree(BLOG, Front::apache);
}

#[test]
fn what_caddy_sends_on_is_served() {
    agree(ROOT, Front::caddy);
    agree(BLOG, Front::caddy);
}
