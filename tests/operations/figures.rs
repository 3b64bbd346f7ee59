//! What is counted of the parts: the queue for hashing, the database's connections, limits, mails.

use crate::calls::{call, call_from, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::Service;
use crate::server::Server;
use crate::smtp::{Answer, SmtpSink};
use crate::wire::{HangUp, Wire};

fn begin(service: &Service, request: &Request) -> Wire {
    let mut wire = Wire::connect(service.address);
    wire.send(request);
    wire
}

#[track_caller]
fn assert_figures(service: &Service, figures: &[(&str, f64)]) {
    for (name, value) in figures {
        assert_eq!(
            service.figure(&format!("wp_sidecar_{name}")),
            Some(*value),
            "{name}\n{}",
            service.figures()
        );
    }
}

#[test]
fn the_queue_for_hashing_shows_who_waits_who_works_and_who_was_turned_away() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| {
        setup
            .set("limits.login_account", "1000/1s")
            .set("limits.login_address", "1000/1s")
            .set("hashing.threads", "1")
            .set("hashing.queue", "8")
            .set("hashing.wait_seconds", "2")
    });
    let slow = "UPDATE wp_users SET user_pass = REPLACE(user_pass, 'm=65536,t=4', 'm=131072,t=16') \
                WHERE user_login = 'argonuser'";
    server.exec(&database, slow);
    assert_figures(
        &service,
        &[
            ("hashing_threads", 1.0),
            ("hashing_working", 0.0),
            ("hashing_waiting", 0.0),
            ("hashing_queue_max", 8.0),
        ],
    );
    let begin_slow = || begin(&service, &login("argonuser", "wrong"));
    let mut slow = vec![begin_slow()];
    wait_until("it hashes", || service.figure("wp_sidecar_hashing_working") == Some(1.0));
    let leaver = begin(&service, &login("john", "john Pass 3"));
    wait_until("one waits", || service.figure("wp_sidecar_hashing_waiting") == Some(1.0));
    leaver.hang_up(HangUp::Close);
    wait_until("he is gone", || service.figure("wp_sidecar_hashing_abandoned_total") == Some(1.0));
    slow.extend((0..8).map(|_| begin_slow()));
    wait_until("all places are taken", || service.figure("wp_sidecar_hashing_waiting") == Some(8.0));
    assert_eq!(service.send(&login("editor", "editor-Pass-2")).status, 503);
    assert_figures(&service, &[("hashing_refused_total{reason=\"queue_full\"}", 1.0)]);
    let statuses: Vec<u16> = slow.iter_mut().map(|wire| wire.answer().expect("an answer").status).collect();
    wait_until("it is done", || service.figure("wp_sidecar_hashing_working") == Some(0.0));
    let count = |status: u16| {
        f64::from(u16::try_from(statuses.iter().filter(|one| **one == status).count()).unwrap())
    };
    let (hashed, late) = (count(401), count(503));
    assert!(statuses.iter().all(|status| matches!(status, 401 | 503)), "{statuses:?}");
    assert!(hashed >= 1.0 && late >= 1.0, "{statuses:?}");
    let ends = "http_requests_total{endpoint=\"user/generate_auth_cookie\",code=";
    assert_figures(
        &service,
        &[
            ("hashing_waiting", 0.0),
            ("hashing_refused_total{reason=\"waited_too_long\"}", late),
            // All but the one who was turned away.
            ("hashing_wait_seconds_count", 10.0),
            ("hashing_work_seconds_count", hashed),
            // So long does none take.
            ("hashing_work_seconds_bucket{le=\"30\"}", hashed),
            ("hashing_work_seconds_bucket{le=\"0.001\"}", 0.0),
            (&format!("{ends}\"499\",status=\"none\"}}"), 1.0),
            (&format!("{ends}\"503\",status=\"error\"}}"), late + 1.0),
            (&format!("{ends}\"401\",status=\"error\"}}"), hashed),
        ],
    );
}

#[test]
fn the_pool_shows_what_is_in_use_who_waits_and_what_was_done_again() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup.set("database.max_connections", "2"));
    let given = nonce(service.address);
    assert_figures(&service, &[("database_connections_max", 2.0), ("database_connections_waiting", 0.0)]);
    let held =
        server.hold(&database, "BEGIN; SELECT * FROM wp_options WHERE option_name = 'user_count' FOR UPDATE");
    let mut wires: Vec<Wire> =
        ["one", "two", "three"].map(|name| begin(&service, &register(name, &given))).into();
    wait_until("both are in use and others wait", || {
        let text = service.figures();
        // The third waits, and now and then the service itself, which reads the site.
        ["{state=\"used\"} 2\n", "{state=\"idle\"} 0\n"].iter().all(|state| text.contains(state))
            && !text.contains("wp_sidecar_database_connections_waiting 0\n")
    });
    drop(held);
    for wire in &mut wires {
        assert_eq!(wire.answer().expect("an answer").status, 200);
    }
    wait_until("nobody waits", || service.figure("wp_sidecar_database_connections_waiting") == Some(0.0));
    let statements = service.figure("wp_sidecar_database_statement_seconds_count").expect("a figure");
    assert!(statements > 20.0, "{statements}");
    let connections = service.figure("wp_sidecar_database_connections_opened_total").expect("a figure");
    assert!(connections >= 2.0, "{connections}");
}

#[test]
fn a_deadlock_counts_as_a_conflict_that_was_done_again_and_a_missing_table_as_refused() {
    let server = Server::mariadb();
    let (service, database) = Service::recorded(server, |setup| setup.set("database.statement_seconds", "2"));
    let cookie = crate::calls::cookie(&service.send(&login("john", "john Pass 3")));
    let form = [("cookie", cookie.as_str()), ("meta_key", "color"), ("meta_value", "green")];
    let row = server.hold(&database, "BEGIN; SELECT * FROM wp_users WHERE user_login = 'john' FOR UPDATE");
    let mut wire = begin(&service, &call("user/update_user_meta", &form));
    wait_until("the lock's wait timed out", || {
        service.figure("wp_sidecar_database_retries_total") >= Some(1.0)
    });
    drop(row);
    assert_eq!(wire.answer().expect("an answer").status, 200);
    let conflicts = service.figure("wp_sidecar_database_errors_total{kind=\"conflict\"}");
    assert_eq!(conflicts, service.figure("wp_sidecar_database_retries_total"));
    server.exec(&database, "RENAME TABLE wp_usermeta TO elsewhere");
    assert_eq!(service.send(&call("user/get_user_meta", &form)).status, 503);
    assert!(service.figure("wp_sidecar_database_errors_total{kind=\"refused\"}") >= Some(1.0));
    assert_figures(&service, &[("database_up", 1.0)]);
}

#[test]
fn each_limit_counts_those_it_turned_away() {
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup
            .set("limits.login_account", "1/1d")
            .set("limits.register_address", "1/1d")
            .set("limits.reset_address", "1/1d")
            .set("limits.body_seconds", "1")
    });
    let ip = "203.0.113.9";
    for status in [401, 429, 429] {
        let login =
            call_from(ip, "user/generate_auth_cookie", &[("username", "editor"), ("password", "wrong")]);
        assert_eq!(service.send(&login).status, status);
    }
    let given = nonce(service.address);
    for (name, status) in [("first", 200), ("second", 429)] {
        assert_eq!(service.send(&register(name, &given).header("X-Forwarded-For", ip)).status, status);
    }
    for status in [400, 429] {
        let reset = call_from(ip, "user/retrieve_password", &[("user_login", "nobody")]);
        assert_eq!(service.send(&reset).status, status);
    }
    let mut wire = Wire::connect(service.address);
    wire.write("POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na=1");
    assert_eq!(wire.answer().expect("an answer").status, 408);
    assert_figures(
        &service,
        &[
            ("limits_refused_total{limit=\"login_account\"}", 2.0),
            ("limits_refused_total{limit=\"register_address\"}", 1.0),
            ("limits_refused_total{limit=\"reset_address\"}", 1.0),
            ("limits_refused_total{limit=\"body_seconds\"}", 1.0),
            ("limits_refused_total{limit=\"login_address\"}", 0.0),
            ("events_total{event=\"limited\"}", 4.0),
            ("events_total{event=\"registration\"}", 1.0),
        ],
    );
}

#[test]
fn mails_count_as_sent_given_up_and_tried_again() {
    let sink = SmtpSink::start();
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup.set("mail.transport", "smtp").set("mail.smtp_url", &sink.url())
    });
    let given = nonce(service.address);
    let register = |name: &str| {
        let email = format!("{name}@example.net");
        let form = [("username", name), ("email", &email), ("nonce", &given), ("notify", "both")];
        assert_eq!(service.send(&call("user/register", &form)).status, 200);
    };
    register("sent");
    sink.wait_for(2);
    wait_until("both are counted", || service.figure("wp_sidecar_mail_queue") == Some(0.0));
    assert_figures(
        &service,
        &[
            ("mail_sent_total", 2.0),
            ("mail_failed_total", 0.0),
            ("mail_retries_total", 0.0),
            ("mail_queue_max", 1000.0),
        ],
    );
    sink.set_manner(
        |line| if line.starts_with("RCPT") { Answer::Say("550 No such user") } else { Answer::Usual },
    );
    register("refused");
    wait_until("both are given up", || service.figure("wp_sidecar_mail_failed_total") == Some(2.0));
    sink.set_manner(|line| if line.starts_with("RCPT") { Answer::Say("451 Later") } else { Answer::Usual });
    register("later");
    wait_until("both wait for another attempt", || {
        service.figure("wp_sidecar_mail_retries_total") >= Some(2.0)
    });
    assert_figures(&service, &[("mail_queue", 2.0), ("mail_sent_total", 2.0)]);
    sink.set_manner(|_| Answer::Usual);
    wait_until("both left", || service.figure("wp_sidecar_mail_sent_total") == Some(4.0));
    assert_figures(&service, &[("mail_queue", 0.0), ("mail_failed_total", 2.0)]);
    // Somebody who waits for his mail.
    sink.set_manner(
        |line| if line.starts_with("RCPT") { Answer::Say("550 No such user") } else { Answer::Usual },
    );
    let answer = service.send(&call("user/retrieve_password", &[("user_login", "john")]));
    assert_ne!(answer.json()["status"], "ok");
    assert_figures(&service, &[("mail_failed_total", 3.0)]);
}

#[test]
fn the_figures_say_which_program_runs_since_when_and_beside_which_site() {
    let before = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs_f64().floor();
    let (service, _) = Service::recorded(Server::mariadb(), |setup| setup);
    let started = service.figure("process_start_time_seconds").expect("a figure");
    assert!((before..before + 60.0).contains(&started), "{started}");
    let features =
        [("mysql-rsa", cfg!(feature = "mysql-rsa")), ("opentelemetry", cfg!(feature = "opentelemetry"))];
    let features: Vec<&str> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let build = format!(
        "build_info{{version=\"{}\",features=\"{}\"}}",
        env!("CARGO_PKG_VERSION"),
        features.join(",")
    );
    assert_figures(&service, &[(&build, 1.0), ("site_info{wordpress=\"6.8\"}", 1.0)]);
    // They outlive what they tell of.
    let unready = crate::process::Setup::on("mysql://user:password@127.0.0.1:1/wordpress").start_unready();
    wait_until("it knows that the database is away", || {
        unready.figure("wp_sidecar_database_up") == Some(0.0)
    });
    assert_figures(&unready, &[("site_info{wordpress=\"unknown\"}", 0.0)]);
}
