//! What a request may take: time for its head, its body and itself, its size, and the number of connections.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::calls::{call, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::Service;
use crate::server::Server;
use crate::wire::Wire;

fn recorded(set: impl FnOnce(Setup) -> Setup) -> (TestApp, String) {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let setup =
        Setup::on(&server.url(&database)).set("wordpress.version", "6.8").set("limits.enabled", "true");
    (set(setup).start(), database)
}

fn info() -> Request {
    Request::get("/api/user/info/?insecure=cool")
}

/// Sends a byte every so often until the service hangs up. How long that took, and the status if it said one.
fn trickle(wire: &mut Wire) -> (Duration, Option<u16>) {
    let begun = Instant::now();
    wire.write("GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x");
    while !wire.has_answer(Duration::from_millis(100)) {
        assert!(begun.elapsed() < Duration::from_secs(30), "a slow head is never cut");
        wire.write("x");
    }
    (begun.elapsed(), wire.answer().map(|answer| answer.status))
}

#[test]
fn a_head_that_comes_slowly_is_cut_on_a_new_connection() {
    let (app, _) = recorded(|setup| setup.set("limits.head_seconds", "1"));
    // Nothing at all is a slow head too.
    let mut silent = Wire::connect(app.address);
    let mut wire = Wire::connect(app.address);
    let (took, status) = trickle(&mut wire);
    assert_eq!(status, Some(408));
    assert!((900..4000).contains(&took.as_millis()), "{took:?}");
    assert!(wire.is_closed());
    assert_eq!(silent.answer().map(|answer| answer.status), Some(408));
    assert!(silent.is_closed());
}

#[test]
fn a_head_that_comes_slowly_is_cut_on_a_kept_connection_too() {
    let (app, _) = recorded(|setup| setup.set("limits.head_seconds", "1"));
    let mut wire = Wire::connect(app.address);
    wire.send(&info());
    assert_eq!(wire.answer().expect("an answer").status, 200);
    // After the time for a pause between two requests and that for a head.
    let (took, status) = trickle(&mut wire);
    assert_eq!(status, None);
    assert!((900..10_000).contains(&took.as_millis()), "{took:?}");
    assert!(wire.is_closed());
}

#[test]
fn a_kept_connection_serves_one_request_after_the_other_and_ends_after_a_pause() {
    let (app, _) = recorded(|setup| setup.set("limits.head_seconds", "1"));
    let mut wire = Wire::connect(app.address);
    let begun = Instant::now();
    // Longer in all than a single head may take.
    while begun.elapsed() < Duration::from_millis(1500) {
        wire.send(&info());
        assert_eq!(wire.answer().expect("an answer").status, 200);
        std::thread::sleep(Duration::from_millis(200));
    }
    let begun = Instant::now();
    assert!(wire.is_closed());
    assert!((4000..12_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[test]
fn a_body_that_comes_slowly_is_answered_and_the_connection_closed() {
    let (app, _) = recorded(|setup| setup.set("limits.body_seconds", "1"));
    let begun = Instant::now();
    let mut wires =
        ["Content-Length: 100\r\n\r\na=1", "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n"].map(|rest| {
            let mut wire = Wire::connect(app.address);
            wire.write(format!("POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n{rest}"));
            wire
        });
    for wire in &mut wires {
        let answer = wire.answer().expect("an answer");
        assert!((900..4000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
        let text = "The request did not arrive within 1 seconds.";
        assert_eq!(answer.json(), json!({"status": "error", "error": text}));
    }
    assert!(wires.iter_mut().all(Wire::is_closed));
}

#[test]
fn a_request_that_takes_too_long_is_answered_before_it_is_done() {
    let (app, database) = recorded(|setup| setup.set("limits.request_seconds", "1"));
    let server = Server::mariadb();
    let request = register("late", &nonce(app.address));
    let row =
        server.hold(&database, "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE");
    let begun = Instant::now();
    let answer = app.send(&request);
    assert!((900..5000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    let text = "The request took longer than 1 seconds. What it was to write may still be written.";
    assert_eq!((answer.status, answer.json()), (408, json!({"status": "error", "error": text})));
    assert_eq!(app.send(&info()).status, 200);
    drop(row);
    assert!(app.on_server(|app| Box::pin(async move { app.running.wait(Duration::from_secs(30)).await })));
    let written = "SELECT COUNT(*) FROM wp_users WHERE user_login = 'late'";
    assert_eq!(server.query(&database, written), [["1"]]);
}

#[test]
fn a_body_that_is_too_large_is_refused_with_and_without_its_length_announced() {
    let (app, _) = recorded(|setup| setup.set("limits.body_bytes", "2000"));
    let body = |length: usize| format!("a={}", "x".repeat(length - 2));
    let head = "POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let announced = |body: &str| format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let chunked = |body: &str| {
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
    };
    let refused = json!({"status": "error", "error": "The request body is larger than 2000 bytes."});
    for form in [&announced as &dyn Fn(&str) -> String, &chunked] {
        let mut wire = Wire::connect(app.address);
        wire.write(form(&body(2000)));
        assert_eq!(wire.answer().expect("an answer").status, 200);
        wire.write(form(&body(2001)));
        let answer = wire.answer().expect("an answer");
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
        assert_eq!(answer.json(), refused);
        assert!(wire.is_closed());
    }
    // What is announced too large is refused before any of it comes.
    let mut wire = Wire::connect(app.address);
    wire.write(format!("{head}Content-Length: 999999999999\r\n\r\n"));
    assert_eq!(wire.answer().expect("an answer").status, 413);
}

#[test]
fn a_head_that_is_too_large_or_has_too_many_lines_ends_the_connection() {
    let (app, _) = recorded(|setup| setup);
    let large = format!("X-Large: {}\r\n", "x".repeat(140_000));
    let many = "X-One: y\r\n".repeat(97);
    for headers in [large, many] {
        let mut wire = Wire::connect(app.address);
        wire.write(format!("GET /api/user/info/?insecure=cool HTTP/1.1\r\n{headers}\r\n"));
        if let Some(answer) = wire.answer() {
            assert!(matches!(answer.status, 400 | 431), "{answer:?}");
            assert_eq!(answer.text(), "");
            assert!(wire.is_closed());
        }
    }
    // As many as one may send.
    let enough = "X-One: y\r\n".repeat(95);
    let mut wire = Wire::connect(app.address);
    wire.write(format!("GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n{enough}\r\n"));
    assert_eq!(wire.answer().expect("an answer").status, 200);
}

#[test]
fn one_connection_more_than_allowed_is_told_so_and_does_not_count() {
    let (app, _) = recorded(|setup| setup.set("limits.connections", "4"));
    let connect = || {
        let mut wire = Wire::connect(app.address);
        wire.send(&info());
        let answer = wire.answer().expect("an answer");
        (wire, answer)
    };
    // Kept open for as long as this takes: each request renews the pause.
    let mut open: Vec<Wire> = (0..4)
        .map(|_| {
            let (wire, answer) = connect();
            assert_eq!(answer.status, 200);
            wire
        })
        .collect();
    for _ in 0..20 {
        let (mut fifth, answer) = connect();
        assert_eq!((answer.status, answer.header("connection")), (429, Some("close")));
        assert!(answer.header("retry-after").is_some());
        assert_eq!(answer.json(), json!({"status": "error", "error": "Too many connections."}));
        assert!(fifth.is_closed());
        for wire in &mut open {
            wire.send(&info());
            assert_eq!(wire.answer().expect("an answer").status, 200);
        }
    }
    drop(open.pop());
    // The service learns of it in its own time.
    let mut next = None;
    wait_until("a place is free", || {
        for wire in &mut open {
            wire.send(&info());
            assert_eq!(wire.answer().expect("an answer").status, 200);
        }
        let (wire, answer) = connect();
        next = Some(wire);
        answer.status == 200
    });
    let (_, answer) = connect();
    assert_eq!(answer.status, 429);
}

#[test]
fn connections_that_say_nothing_give_their_places_back() {
    let (app, _) = recorded(|setup| setup.set("limits.connections", "4").set("limits.head_seconds", "1"));
    let _silent: Vec<Wire> = (0..40).map(|_| Wire::connect(app.address)).collect();
    wait_until("somebody is served", || app.send(&info()).status == 200);
}

#[test]
fn requests_sent_in_one_go_are_answered_in_their_order() {
    let (app, _) = recorded(|setup| setup);
    let mut wire = Wire::connect(app.address);
    let slow = login("oldphpass", "phpass-Pass-4");
    let bad = call("user/validate_auth_cookie", &[("cookie", "x")]);
    let all = [info(), slow, Request::get("/nowhere"), bad, info()];
    let bytes: Vec<u8> = all
        .iter()
        .flat_map(|one| [one.head("Host: x\r\n").into_bytes(), one.body.clone()].concat())
        .collect();
    for _ in 0..10 {
        wire.write(&bytes);
        let answers: Vec<_> = (0..all.len()).map(|_| wire.answer().expect("an answer")).collect();
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 404, 200, 200]);
        assert_eq!(answers[3].json()["valid"], false);
        assert_eq!(answers[4].text(), r#"{"status":"ok","version":"3.6.0"}"#);
    }
    // Many more than are worked at a time.
    wire.write(info().head("Host: x\r\n").repeat(200));
    for _ in 0..200 {
        assert_eq!(wire.answer().expect("an answer").status, 200);
    }
}

#[test]
fn as_many_files_may_be_open_as_the_connections_need_and_too_few_are_warned_of() {
    const WARNING: &str = "too few open files are allowed";
    let start = |soft: u32, hard: u32| {
        let (service, _) = Service::recorded(Server::mariadb(), |setup| {
            setup.set("limits.connections", "2000").open_files(soft, hard)
        });
        let warned = service.lines().iter().any(|line| line.contains(WARNING));
        (service.open_files_allowed(), warned)
    };
    assert_eq!(start(256, 9000), (5024, false));
    assert_eq!(start(8000, 9000), (8000, false));
    assert_eq!(start(256, 3000), (3000, true));
}
