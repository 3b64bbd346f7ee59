//! What is counted of the parts: hashing, the database, limits, mails.

mod database;

use crate::calls::{call, call_from, login, nonce, register, wait_until};
use crate::http::Request;
use crate::process::{Service, Setup};
use crate::server::Server;
use crate::smtp::{Answer, SmtpSink};
use crate::wire::Wire;

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
fn passwords_that_were_hashed_and_turned_away_are_counted_as_they_were_answered() {
    let (service, _) = Service::recorded(Server::mariadb(), |setup| {
        setup
            .set("limits.login_account", "1000/1s")
            .set("limits.login_address", "1000/1s")
            .set("hashing.threads", "1")
            .set("hashing.queue", "0")
            .set("hashing.wait_seconds", "60")
    });
    assert_figures(
        &service,
        &[
            ("hashing_threads", 1.0),
            ("hashing_working", 0.0),
            ("hashing_waiting", 0.0),
            ("hashing_queue_max", 0.0),
            ("hashing_work_seconds_count", 0.0),
        ],
    );
    // However fast it hashes, one of them finds the thread at work.
    let mut wires = Vec::new();
    wait_until("one is turned away", || {
        wires.extend((0..3).map(|_| begin(&service, &login("argonuser", "wrong"))));
        service.figure("wp_sidecar_hashing_refused_total{reason=\"queue_full\"}") > Some(0.0)
    });
    let statuses: Vec<u16> = wires.iter_mut().map(|wire| wire.answer().expect("an answer").status).collect();
    let count = |status: u16| {
        f64::from(u16::try_from(statuses.iter().filter(|one| **one == status).count()).expect("a few"))
    };
    let (hashed, refused) = (count(401), count(503));
    assert!(hashed >= 1.0 && refused >= 1.0, "{statuses:?}");
    wait_until("it is done", || service.figure("wp_sidecar_hashing_working") == Some(0.0));
    let ends = "http_requests_total{endpoint=\"user/generate_auth_cookie\",code=";
    assert_figures(
        &service,
        &[
            ("hashing_waiting", 0.0),
            ("hashing_refused_total{reason=\"queue_full\"}", refused),
            ("hashing_refused_total{reason=\"waited_too_long\"}", 0.0),
            ("hashing_abandoned_total", 0.0),
            ("hashing_wait_seconds_count", hashed),
            ("hashing_work_seconds_count", hashed),
            (&format!("{ends}\"503\",status=\"error\"}}"), refused),
            (&format!("{ends}\"401\",status=\"error\"}}"), hashed),
        ],
    );
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
    let unready = Setup::on("mysql://user:password@127.0.0.1:1/wordpress").start_unready();
    wait_until("it knows that the database is away", || {
        unready.figure("wp_sidecar_database_up") == Some(0.0)
    });
    assert_figures(&unready, &[("site_info{wordpress=\"unknown\"}", 0.0)]);
}
