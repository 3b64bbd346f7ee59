//! Clients that take their time, or a place: they are cut when their seconds are over, and nobody waits for them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::app::Setup;
use crate::http::Request;
use crate::raw::answers;
use crate::server::Server;
use crate::site::Site;

/// A second for a head and a second for a body; what a busy machine may add to it.
const LIMIT: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(9);

fn impatient(set: impl FnOnce(Setup) -> Setup) -> Site {
    Site::with(Server::mariadb(), |setup| {
        set(setup
            .set("limits.enabled", "true")
            .set("limits.head_seconds", "1")
            .set("limits.body_seconds", "1"))
    })
}

/// Sends the start at once and then a byte of the rest every tenth of a second, until it is cut. What came back, and
/// after which time.
fn drip(to: SocketAddr, start: &str, rest: &str) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(to).expect("the service listens");
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a socket");
    stream.write_all(start.as_bytes()).expect("the start goes out");
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    let mut rest_bytes = rest.bytes().cycle();
    loop {
        if let Some(byte) = rest_bytes.next() {
            let _ = stream.write_all(&[byte]);
        }
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => heard.extend_from_slice(&buffer[..count]),
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        assert!(
            begun.elapsed() < LIMIT + GRACE,
            "nobody cuts {start:?} {rest:?} {}",
            String::from_utf8_lossy(&heard)
        );
    }
    (heard, begun.elapsed())
}

/// Ways to be slow, all at once and several times each; meanwhile others are served.
#[track_caller]
fn are_cut(site: &Site, ways: &[(&str, &str)]) {
    let address = site.app.address;
    std::thread::scope(|scope| {
        let threads: Vec<_> = ways
            .iter()
            .cycle()
            .take(40)
            .map(|(start, rest)| (start, scope.spawn(move || drip(address, start, rest))))
            .collect();
        // While they drip.
        for _ in 0..20 {
            let begun = Instant::now();
            site.assert_alive("beside slow clients");
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        }
        for (start, thread) in threads {
            let (heard, after) = thread.join().unwrap();
            assert!(after < LIMIT + GRACE, "{start:?}: {after:?}");
            for answer in answers(&heard) {
                assert!(matches!(answer.status, 200 | 400 | 404 | 405 | 408), "{start:?}: {answer:?}");
                if answer.status == 408 && !answer.body.is_empty() {
                    assert!(
                        answer.body.contains("The request did not arrive within 1 seconds."),
                        "{answer:?}"
                    );
                }
            }
        }
    });
    site.assert_alive("after slow clients");
}

const GET: &str = "GET /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n";
const POST: &str = "POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\n";

#[test]
fn heads_that_do_not_end_are_cut() {
    let site = impatient(|setup| setup);
    are_cut(
        &site,
        &[
            ("", "G"),
            ("", "\r\n"),
            ("GET /", "x"),
            (GET, "X: y\r\n"),
            (GET, "y"),
            (GET, " "),
            (&format!("{GET}X: "), "y"),
            (&format!("{POST}Content-Length: 5"), "0"),
        ],
    );
}

#[test]
fn bodies_that_do_not_end_are_cut() {
    let site = impatient(|setup| setup);
    let form = format!("{POST}Content-Type: application/x-www-form-urlencoded\r\n");
    are_cut(
        &site,
        &[
            (&format!("{form}Content-Length: 1000\r\n\r\n"), "a"),
            (&format!("{form}Content-Length: 1000\r\n\r\n"), ""),
            (&format!("{form}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"), "a"),
            (
                &format!(
                    "{POST}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n"
                ),
                "-",
            ),
        ],
    );
}

#[test]
fn a_connection_that_was_used_gets_no_more_time_for_its_next_request_than_a_pause_and_a_head_may_take() {
    let site = impatient(|setup| setup);
    let good = format!("{GET}\r\n");
    are_cut(
        &site,
        &[
            (&good, "G"),
            (&format!("{good}GET /"), "x"),
            (&format!("{good}{GET}"), "X: y\r\n"),
            (&format!("{good}{good}{GET}X: "), "y"),
            (&format!("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n{GET}"), "X: y\r\n"),
        ],
    );
}

#[test]
fn bodies_in_chunks_that_do_not_end_are_cut() {
    let site = impatient(|setup| setup);
    let form =
        format!("{POST}Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n");
    are_cut(
        &site,
        &[
            (&format!("{form}\r\n"), "1\r\nx\r\n"),
            (&format!("{form}\r\n"), ""),
            (&format!("{form}\r\n"), "0"),
            (&format!("{form}\r\n1;"), "x"),
            (&format!("{form}\r\n0\r\n"), "X: y\r\n"),
            (&format!("{form}\r\nffffffffffffffff\r\n"), ""),
            (&format!("{form}Expect: 100-continue\r\n\r\n"), "1\r\nx\r\n"),
        ],
    );
}

#[test]
fn bodies_that_nobody_reads_are_not_waited_for() {
    let site = impatient(|setup| setup);
    are_cut(
        &site,
        &[
            ("GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "a"),
            ("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "a"),
            ("POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "a"),
            (&format!("{GET}\r\n{POST}Content-Length: 1000\r\n\r\n"), "a"),
        ],
    );
}

#[test]
fn connections_that_say_nothing_end_by_themselves() {
    let site = impatient(|setup| setup);
    let begun = Instant::now();
    let mut streams: Vec<TcpStream> =
        (0..50).map(|_| TcpStream::connect(site.app.address).expect("the service listens")).collect();
    // One that had an answer may rest a little longer.
    streams[0].write_all(format!("{GET}\r\n").as_bytes()).unwrap();
    site.assert_alive("beside silent clients");
    for stream in &mut streams {
        stream.set_read_timeout(Some(LIMIT + GRACE)).unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        assert!(begun.elapsed() < LIMIT + GRACE, "{:?}", begun.elapsed());
    }
}

#[test]
fn clients_that_do_not_read_hold_nobody_up() {
    // Writing such answers takes an unoptimised service long; others may have to wait for that.
    let site = impatient(|setup| setup.set("limits.head_seconds", "10"));
    // A value that no socket's buffer holds.
    let value = "x".repeat(4_000_000);
    let form = [("cookie", &*site.cookie), ("meta_key", "large"), ("meta_value", &value)];
    assert_eq!(site.app.call("user/update_user_meta", &form).status, 200);
    let cookie = crate::site::encoded(&site.cookie);
    let request = format!(
        "GET /api/user/get_user_meta/?insecure=cool&meta_key=large&cookie={cookie} HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    let streams: Vec<TcpStream> = (0..6)
        .map(|_| {
            let mut stream = TcpStream::connect(site.app.address).expect("the service listens");
            stream.write_all(request.as_bytes()).expect("a request goes out");
            stream
        })
        .collect();
    for _ in 0..10 {
        let begun = Instant::now();
        site.assert_alive("beside clients that do not read");
        // The database is free for others, too.
        let read = site.app.call("user/get_userinfo", &[("user_id", "3")]);
        assert_eq!(read.status, 200);
        assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    }
    drop(streams);
    site.assert_alive("after clients that did not read");
}

#[test]
fn whoever_comes_when_all_places_are_taken_is_told_and_served_when_one_is_free() {
    let site = impatient(|setup| setup.set("limits.connections", "10").set("limits.head_seconds", "60"));
    let held: Vec<TcpStream> = (0..10).map(|_| TcpStream::connect(site.app.address).unwrap()).collect();
    let begun = Instant::now();
    // The service may count the ten a moment later than it serves this one, and free them a moment later.
    let ask_until = |wanted: u16| loop {
        let answer = site.app.send(&Request::get("/api/user/info/?insecure=cool"));
        assert!(matches!(answer.status, 200 | 429), "{answer:?}");
        if answer.status == wanted {
            break answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{wanted} never comes");
    };
    let turned_away = ask_until(429);
    assert_eq!(turned_away.json()["error"], "Too many connections.");
    assert_eq!(turned_away.header("connection"), Some("close"));
    assert!(turned_away.header("retry-after").is_some());
    drop(held);
    ask_until(200);
}

#[test]
fn hashes_that_would_wait_too_long_are_refused_at_once() {
    let site = impatient(|setup| {
        setup.set("hashing.threads", "1").set("hashing.queue", "2").set("hashing.wait_seconds", "1")
    });
    let address = site.app.address;
    let answers: Vec<(u16, Option<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40)
            .map(|number| {
                scope.spawn(move || {
                    // A hash of argon2: the slowest there is.
                    let form = [("username", "argonuser"), ("password", "wrong")];
                    let request = Request::post("/api/user/generate_auth_cookie/?insecure=cool", &form);
                    let answer =
                        request.header("X-Forwarded-For", &format!("203.0.113.{number}")).send(address);
                    (answer.status, answer.header("retry-after").map(str::to_owned))
                })
            })
            .collect();
        for _ in 0..10 {
            let begun = Instant::now();
            site.assert_alive("beside hashes");
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        }
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (status, retry_after) in &answers {
        assert!(matches!(status, 401 | 429 | 503), "{answers:?}");
        assert_eq!(retry_after.is_some(), *status != 401, "{answers:?}");
    }
    assert!(answers.iter().any(|(status, _)| *status == 503), "{answers:?}");
}
