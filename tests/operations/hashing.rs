//! The queue before the threads that hash passwords, and those who hang up in it.

use std::time::{Duration, Instant};

use crate::app::{Setup, TestApp, dump};
use crate::calls::{cookie, login, nonce, register, wait_until};
use crate::http::{Request, Response};
use crate::server::Server;
use crate::wire::{HangUp, Wire};

const PASSWORD: &str = "john Pass 3";

/// One thread, and a queue of that length, on a site where a password takes seconds.
fn slow(queue: usize) -> (TestApp, String) {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    // The most that is still hashed is twice as much: nobody knows the password, but trying one takes seconds.
    server.exec(
        &database,
        "UPDATE wp_users SET user_pass = REPLACE(user_pass, 'm=65536,t=4', 'm=131072,t=16') WHERE user_login = 'argonuser'",
    );
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8")
        .set("limits.enabled", "true")
        .set("limits.login_account", "1000/1s")
        .set("limits.login_address", "1000/1s")
        .set("hashing.threads", "1")
        .set("hashing.queue", &queue.to_string())
        .set("hashing.wait_seconds", "60")
        .start();
    (app, database)
}

/// Somebody whose password takes the thread for seconds, and whose it is now.
fn occupy(app: &TestApp) -> Wire {
    let all = app.app.hashing.places_left();
    let wire = waiting(app, &login("argonuser", "wrong"));
    wait_until_free(app, all - 1);
    wire
}

/// Somebody who waits: a request on a connection of its own, whose answer nobody reads yet.
fn waiting(app: &TestApp, request: &Request) -> Wire {
    let mut wire = Wire::connect(app.address);
    wire.send(request);
    wire
}

fn wait_until_full(app: &TestApp) {
    wait_until_free(app, 0);
}

fn wait_until_free(app: &TestApp, places: usize) {
    wait_until("so many places are free", || app.app.hashing.places_left() == places);
}

/// Connections that the service still holds.
fn connections_of(app: &TestApp) -> usize {
    let port = format!(":{:04X}", app.address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux's table of connections");
    let held = |line: &&str| {
        let parts: Vec<&str> = line.split_whitespace().collect();
        // Established, or hung up by the other side alone.
        parts[1].ends_with(&port) && matches!(parts[3], "01" | "08")
    };
    table.lines().skip(1).filter(held).count()
}

/// An answer and how long it took.
fn timed(app: &TestApp, request: &Request) -> (Response, Duration) {
    let begun = Instant::now();
    (app.send(request), begun.elapsed())
}

#[test]
fn one_more_than_the_queue_holds_is_turned_away_at_once_and_others_are_served() {
    let (app, _) = slow(2);
    let own = cookie(&app.send(&login("john", PASSWORD)));
    let _thread = occupy(&app);
    let mut queue =
        [waiting(&app, &login("oldphpass", "phpass-Pass-4")), waiting(&app, &login("oldphpass", "wrong"))];
    wait_until_full(&app);
    let (answer, took) = timed(&app, &login("john", PASSWORD));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    assert_eq!(answer.json()["error"], "Too many requests wait already. Try again in a moment.");
    assert!(took < Duration::from_millis(250), "{took:?}");
    let (refused, took) = timed(&app, &register("somebody", &nonce(app.address)));
    assert_eq!(refused.status, 503);
    assert!(took < Duration::from_millis(500), "{took:?}");
    let validate = crate::calls::call("user/validate_auth_cookie", &[("cookie", &own)]);
    let (valid, took) = timed(&app, &validate);
    assert_eq!(valid.json()["valid"], true);
    assert!(took < Duration::from_millis(250), "{took:?}");
    assert_eq!(app.app.hashing.places_left(), 0, "all this happened while the queue was full");
    let answers = queue.each_mut().map(|wire| wire.answer().expect("an answer").status);
    assert_eq!(answers, [200, 401]);
}

#[test]
fn a_password_that_is_too_long_is_refused_without_a_place() {
    let (app, _) = slow(0);
    let _thread = occupy(&app);
    let long = "x".repeat(4097);
    assert_eq!(app.send(&login("john", &long)).status, 401);
    assert_eq!(app.send(&login("nobody", &long)).status, 401);
    let given = nonce(app.address);
    let form =
        [("username", "somebody"), ("email", "s@example.net"), ("nonce", &given), ("user_pass", &long)];
    let refused = app.call("user/register", &form);
    assert_eq!(refused.json()["error"], "The 'user_pass' var may not be longer than 4096 bytes.");
    assert_eq!(app.send(&login("john", &long[..4096])).status, 503);
}

#[test]
fn whoever_hangs_up_while_waiting_for_a_login_frees_his_place() {
    let (app, _) = slow(1);
    let mut thread = occupy(&app);
    for manner in [HangUp::Close, HangUp::Reset] {
        let leaver = waiting(&app, &login("oldphpass", "phpass-Pass-4"));
        wait_until_full(&app);
        leaver.hang_up(manner);
        wait_until_free(&app, 1);
    }
    let mut next = waiting(&app, &login("oldphpass", "phpass-Pass-4"));
    wait_until_full(&app);
    assert_eq!(thread.answer().expect("an answer").status, 401);
    assert_eq!(next.answer().expect("an answer").status, 200);
}

#[test]
fn whoever_hangs_up_while_waiting_to_be_registered_frees_his_place_and_is_nobody() {
    let (app, database) = slow(1);
    let given = nonce(app.address);
    let mut thread = occupy(&app);
    for (name, manner) in [("leaver 1", HangUp::Close), ("leaver 2", HangUp::Reset)] {
        let leaver = waiting(&app, &register(name, &given));
        wait_until_full(&app);
        leaver.hang_up(manner);
        wait_until_free(&app, 1);
    }
    let mut next = waiting(&app, &register("next", &given));
    wait_until_full(&app);
    assert_eq!(thread.answer().expect("an answer").status, 401);
    assert_eq!(next.answer().expect("an answer").status, 200);
    let found = "SELECT user_login FROM wp_users WHERE user_login LIKE 'leaver %' OR user_login = 'next'";
    assert_eq!(Server::mariadb().query(&database, found), [["next"]]);
}

#[test]
fn whoever_hangs_up_after_his_password_was_hashed_is_registered_all_the_same() {
    let server = Server::mariadb();
    for manner in [HangUp::Close, HangUp::Reset] {
        let (app, database) = slow(1);
        // Registrations queue up at this row, and only then look whether the name is free.
        let counter = server
            .hold(&database, "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE");
        let leaver = waiting(&app, &register("leaver", &nonce(app.address)));
        server.wait_for_updates(&database, 1);
        leaver.hang_up(manner);
        // The connection is gone before the row is free.
        wait_until("nobody is connected", || connections_of(&app) == 0);
        drop(counter);
        assert!(
            app.on_server(|app| Box::pin(async move { app.running.wait(Duration::from_secs(30)).await }))
        );
        let count = "SELECT COUNT(*) FROM wp_usermeta m JOIN wp_users u ON u.ID = m.user_id \
                     WHERE u.user_login = 'leaver' AND u.user_email = 'leaver@example.net'";
        assert_eq!(server.query(&database, count), [["14"]], "{manner:?}");
        assert_eq!(app.send(&login("leaver", "a Pass")).status, 200);
    }
}
