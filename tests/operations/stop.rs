//! How the service ends.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitStatus;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use crate::app::dump;
use crate::calls::{call, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::{Service, Setup};
use crate::server::{Server, Session};
use crate::smtp::{Answer, SmtpSink};
use crate::wire::{HangUp, Wire};

/// Longer than any of it takes, shorter than what a service manager waits.
const LIMIT: Duration = Duration::from_secs(20);

/// Registrations queue up at this row.
fn hold_registrations(database: &str) -> Session {
    let sql = "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE";
    Server::mariadb().hold(database, sql)
}

fn begin(service: &Service, request: &Request) -> Wire {
    let mut wire = Wire::connect(service.address);
    wire.send(request);
    wire
}

/// Tells it to stop and waits until it knows.
fn tell_to_stop(service: &Service) {
    service.signal("TERM");
    service.wait_for_line("stopping");
}

fn wait_until_refused(service: &Service) {
    let begun = Instant::now();
    wait_until("new connections are refused", || TcpStream::connect(service.address).is_err());
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

fn assert_success(status: ExitStatus, service: &Service) {
    assert!(status.success(), "{status}:\n{}", service.lines().join("\n"));
}

#[test]
fn what_runs_is_answered_mails_leave_and_nobody_new_is_let_in() {
    let server = Server::mariadb();
    let sink = SmtpSink::with_manner(|line| {
        if line == "." {
            // A mail server that takes its time.
            std::thread::sleep(Duration::from_millis(300));
        }
        Answer::Usual
    });
    let (mut service, database) = Service::recorded(server, |setup| {
        setup.set("mail.transport", "smtp").set("mail.smtp_url", &sink.url()).set("server.stop_seconds", "15")
    });
    server.exec(
        &database,
        "UPDATE wp_users SET user_pass = REPLACE(user_pass, 'm=65536,t=4', 'm=131072,t=16') WHERE user_login = 'argonuser'",
    );
    let given = nonce(service.address);
    // A connection that rests.
    let mut idle = begin(&service, &Request::get("/api/info/"));
    assert_eq!(idle.answer().expect("an answer").status, 200);
    let row = hold_registrations(&database);
    let notified: Vec<Wire> = (0..3)
        .map(|number| {
            let (name, email) = (format!("new {number}"), format!("new{number}@example.net"));
            let form =
                [("username", name.as_str()), ("email", &email), ("nonce", &given), ("notify", "both")];
            begin(&service, &call("user/register", &form))
        })
        .collect();
    server.wait_for_updates(&database, 3);
    let before = service.busy_ticks("hashing-");
    let mut slow = begin(&service, &login("argonuser", "wrong"));
    wait_until("the slow login is under way", || service.busy_ticks("hashing-") > before);

    tell_to_stop(&service);
    wait_until_refused(&service);
    assert_eq!(slow.answer().expect("an answer").status, 401);
    drop(row);
    for mut wire in notified {
        let answer = wire.answer().expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let begun = Instant::now();
    assert_success(service.wait(LIMIT), &service);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(idle.is_closed());
    // To each new user and to the administrator.
    assert_eq!(sink.take().len(), 6);
    let found = "SELECT COUNT(*) FROM wp_users WHERE user_login LIKE 'new _'";
    assert_eq!(server.query(&database, found), [["3"]]);
    assert!(!service.lines().iter().any(|line| line.contains("ERROR") || line.contains("did not end")));
}

#[test]
fn callers_that_go_on_asking_on_their_connections_do_not_keep_it_up() {
    let (mut service, _) =
        Service::recorded(Server::mariadb(), |setup| setup.set("server.stop_seconds", "15"));
    let address = service.address;
    let (asked, wait) = std::sync::mpsc::channel();
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let asked = asked.clone();
            std::thread::spawn(move || {
                let mut wire = Wire::connect(address);
                let mut answers = 0;
                loop {
                    wire.send(&Request::get("/api/user/info/?insecure=cool"));
                    let Some(answer) = wire.answer() else { return answers };
                    assert_eq!(answer.status, 200);
                    answers += 1;
                    let _ = asked.send(());
                }
            })
        })
        .collect();
    for _ in 0..50 {
        wait.recv_timeout(LIMIT).expect("answers");
    }
    let begun = Instant::now();
    tell_to_stop(&service);
    assert_success(service.wait(LIMIT), &service);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    for caller in callers {
        assert!(caller.join().expect("a caller") > 0);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for second in ["TERM", "INT"] {
        let (mut service, database) = Service::recorded(Server::mariadb(), |setup| setup);
        let request = register("somebody", &nonce(service.address));
        let _row = hold_registrations(&database);
        let mut wire = begin(&service, &request);
        Server::mariadb().wait_for_updates(&database, 1);
        tell_to_stop(&service);
        let begun = Instant::now();
        service.signal(second);
        let status = service.wait(LIMIT);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert_eq!(status.code(), Some(1));
        assert!(service.lines().iter().any(|line| line == "wp-sidecar: ended by a second signal"));
        assert!(wire.is_closed());
    }
}

#[test]
fn a_request_that_hangs_keeps_it_up_no_longer_than_the_setting_says() {
    let (mut service, database) =
        Service::recorded(Server::mariadb(), |setup| setup.set("server.stop_seconds", "2"));
    let request = register("somebody", &nonce(service.address));
    let _row = hold_registrations(&database);
    let _wire = begin(&service, &request);
    Server::mariadb().wait_for_updates(&database, 1);
    let begun = Instant::now();
    tell_to_stop(&service);
    assert_success(service.wait(LIMIT), &service);
    assert!((1500..6000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    service.wait_for_line("some requests did not end in time");
}

#[test]
fn it_ends_while_the_database_is_away() {
    // A port that nobody listens on, and one where nobody says anything.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = crate::process::own_address();
    for address in [closed, silent.local_addr().expect("an address")] {
        let setup = Setup::on(&format!("mysql://user:password@{address}/wordpress"));
        let mut service = setup.set("server.stop_seconds", "5").start_unready();
        let mut wire = begin(&service, &Request::get("/api/user/info/?insecure=cool"));
        assert_eq!(wire.answer().expect("an answer").status, 503);
        let begun = Instant::now();
        service.signal("INT");
        assert_success(service.wait(LIMIT), &service);
        assert!(begun.elapsed() < Duration::from_secs(6), "{address}: {:?}", begun.elapsed());
    }
}

/// Passes connections on to a server until it is frozen; from then on nothing comes through, and nothing breaks.
fn relay(to: SocketAddr) -> (SocketAddr, Arc<RwLock<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, gate) = (listener.local_addr().expect("an address"), Arc::new(RwLock::new(())));
    std::thread::spawn({
        let gate = Arc::clone(&gate);
        move || {
            for one in listener.incoming().flatten() {
                let other = TcpStream::connect(to).expect("the database listens");
                for (mut from, mut into) in [(one.try_clone(), other.try_clone()), (Ok(other), Ok(one))]
                    .map(|(a, b)| (a.unwrap(), b.unwrap()))
                {
                    let gate = Arc::clone(&gate);
                    std::thread::spawn(move || {
                        let mut bytes = [0; 4096];
                        while let Ok(count @ 1..) = from.read(&mut bytes) {
                            let _open = gate.read();
                            if into.write_all(&bytes[..count]).is_err() {
                                return;
                            }
                        }
                        let _ = into.shutdown(Shutdown::Both);
                    });
                }
            }
        }
    });
    (address, gate)
}

#[test]
fn it_ends_when_the_database_fell_silent_in_the_middle() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let (address, gate) = relay(format!("{}:{}", server.host(), server.port()).parse().expect("an address"));
    let url = format!("mysql://{}:{}@{address}/{database}", server.user(), server.password());
    let mut service = Setup::on(&url).set("server.stop_seconds", "2").start();
    assert_eq!(service.send(&login("oldphpass", "phpass-Pass-4")).status, 200);
    let _frozen = gate.write();
    let _hanging = [
        begin(&service, &login("oldphpass", "phpass-Pass-4")),
        begin(&service, &call("user/retrieve_password", &[("user_login", "john")])),
    ];
    let begun = Instant::now();
    tell_to_stop(&service);
    assert_success(service.wait(LIMIT), &service);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn what_a_caller_began_and_left_is_finished_before_the_end() {
    let server = Server::mariadb();
    for manner in [HangUp::Close, HangUp::Reset] {
        let (mut service, database) = Service::recorded(server, |setup| setup);
        let request = register("leaver", &nonce(service.address));
        let row = hold_registrations(&database);
        let leaver = begin(&service, &request);
        server.wait_for_updates(&database, 1);
        leaver.hang_up(manner);
        tell_to_stop(&service);
        wait_until_refused(&service);
        drop(row);
        let begun = Instant::now();
        assert_success(service.wait(LIMIT), &service);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let complete = "SELECT COUNT(*) FROM wp_usermeta m JOIN wp_users u ON u.ID = m.user_id \
                        WHERE u.user_login = 'leaver'";
        assert_eq!(server.query(&database, complete), [["14"]], "{manner:?}");
    }
}

#[test]
fn a_service_that_could_not_start_says_why() {
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let done = Setup::on(&url).set("metrics.listen", &address).run();
    assert!(!done.status.success());
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(text.starts_with(&format!("wp-sidecar: metrics.listen = {address}: ")), "{text}");
}
