//! Budgets that two services share in a Redis, and what becomes of them when it is away.

use std::time::{Duration, Instant};

use crate::app::dump;
use crate::calls::{call_from, login_from, nonce, register, wait_until};
use crate::http::Response;
use crate::process::{Service, Setup, tied};
use crate::redis_server::RedisServer;
use crate::server::Server;

const UP: &str = "wp_sidecar_limits_redis_up";
const ERRORS: &str = "wp_sidecar_limits_redis_errors_total";
const AWAY: &str = "Redis is away";

const PASSWORD: &str = "john Pass 3";

/// Two services on one database and one Redis.
fn two(redis: &RedisServer, set: impl Fn(Setup) -> Setup) -> [Service; 2] {
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    [(); 2].map(|()| set(Setup::on(&url).set("limits.redis_url", &redis.url())).start())
}

#[track_caller]
fn assert_status(answer: &Response, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

#[test]
fn failed_logins_count_on_both_and_a_good_one_gives_back_what_it_took() {
    let redis = RedisServer::start();
    let [one, two] = two(&redis, |setup| setup.set("limits.login_address", "3/1d"));
    let from = |service: &Service, ip: &str, password: &str| service.send(&login_from(ip, "john", password));
    // More good ones than the budget holds, each from the same address.
    for name in ["editor", "tworoles", "norole", "bob@example.com"] {
        let password = match name {
            "editor" => "editor-Pass-2",
            "tworoles" => "two-Pass-9",
            "norole" => "norole-Pass-10",
            _ => "bob-Pass-8",
        };
        assert_status(&one.send(&login_from("203.0.113.1", name, password)), 200);
    }
    for service in [&one, &two, &one] {
        assert_status(&from(service, "203.0.113.1", "wrong"), 401);
    }
    for service in [&one, &two] {
        let answer = from(service, "203.0.113.1", PASSWORD);
        assert_status(&answer, 429);
        assert!(answer.header("retry-after").is_some());
    }
    assert_status(&from(&two, "203.0.113.2", PASSWORD), 200);
    assert_eq!((one.figure(UP), one.figure(ERRORS)), (Some(1.0), Some(0.0)));
}

#[test]
fn an_account_under_attack_stays_open_where_the_other_service_saw_a_good_login() {
    let redis = RedisServer::start();
    let [one, two] = two(&redis, |setup| setup.set("limits.login_account", "2/1d"));
    // Known to the first service alone; the session's row would tell as much, so it goes.
    assert_status(&one.send(&login_from("203.0.113.1", "john", PASSWORD)), 200);
    assert_status(&one.send(&login_from("203.0.113.2", "editor", "editor-Pass-2")), 200);
    for attacker in ["198.51.100.1", "198.51.100.2"] {
        assert_status(&two.send(&login_from(attacker, "john", "wrong")), 401);
    }
    assert_status(&two.send(&login_from("203.0.113.2", "john", PASSWORD)), 429);
    assert_status(&two.send(&login_from("203.0.113.1", "john", PASSWORD)), 200);
    assert_status(&two.send(&login_from("203.0.113.1", "john", "wrong")), 401);
}

#[test]
fn registrations_password_mails_and_nonces_count_on_both() {
    let redis = RedisServer::start();
    let [one, two] = two(&redis, |setup| {
        setup
            .set("limits.register_address", "2/1d")
            .set("limits.reset_address", "2/1d")
            .set("limits.nonce_address", "3/1d")
    });
    let given = nonce(one.address);
    let ip = "203.0.113.1";
    let register = |name: &str| register(name, &given).header("X-Forwarded-For", ip);
    assert_status(&one.send(&register("first")), 200);
    assert_status(&two.send(&register("second")), 200);
    assert_status(&one.send(&register("third")), 429);
    // Refused ones count too.
    let reset = call_from(ip, "user/retrieve_password", &[("user_login", "nobody at all")]);
    assert_status(&one.send(&reset), 400);
    assert_status(&two.send(&reset), 400);
    assert_status(&one.send(&reset), 429);
    let nonce = call_from(ip, "get_nonce", &[("controller", "user"), ("method", "register")]);
    assert_eq!([&one, &two, &one, &two].map(|service| service.send(&nonce).status), [200, 200, 200, 429]);
}

/// Logins as usual, each within a second, and a budget of its own for each service.
fn assert_each_counts_for_itself(services: [&Service; 2], addresses: [&str; 2]) {
    for service in services {
        let timed = |ip: &str, password: &str, status: u16| {
            let begun = Instant::now();
            let answer = service.send(&login_from(ip, "oldphpass", password));
            assert_status(&answer, status);
            assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        };
        timed(addresses[0], "phpass-Pass-4", 200);
        timed(addresses[1], "wrong", 401);
        timed(addresses[1], "wrong", 401);
        timed(addresses[1], "wrong", 429);
    }
}

/// Shared again: what one service takes is missing in the other.
fn assert_shared_again(services: [&Service; 2], ip: &str) {
    wait_until("both ask Redis again", || {
        services.iter().all(|service| {
            // Whoever asks for anything finds out.
            service.send(&call_from(
                "203.0.113.250",
                "get_nonce",
                &[("controller", "user"), ("method", "info")],
            ));
            service.figure(UP) == Some(1.0)
        })
    });
    assert_status(&services[0].send(&login_from(ip, "john", "wrong")), 401);
    assert_status(&services[1].send(&login_from(ip, "john", "wrong")), 401);
    assert_status(&services[0].send(&login_from(ip, "john", "wrong")), 429);
}

fn small(setup: Setup) -> Setup {
    setup
        .set("limits.login_address", "2/1d")
        .set("limits.login_account", "100/1d")
        .set("limits.nonce_address", "999/1s")
}

#[test]
fn a_redis_that_is_killed_locks_nobody_out_and_is_used_again_when_it_is_back() {
    let mut redis = RedisServer::start();
    let [one, two] = two(&redis, small);
    assert_status(&one.send(&login_from("203.0.113.9", "john", PASSWORD)), 200);
    assert_status(&two.send(&login_from("203.0.113.9", "john", PASSWORD)), 200);
    redis.kill();
    assert_each_counts_for_itself([&one, &two], ["203.0.113.1", "203.0.113.2"]);
    for service in [&one, &two] {
        assert_eq!(service.figure(UP), Some(0.0));
        let errors = service.figure(ERRORS).expect("errors are counted");
        assert!(errors >= 1.0);
        wait_until("more errors are counted", || {
            service.send(&login_from("203.0.113.3", "oldphpass", "phpass-Pass-4"));
            service.figure(ERRORS).expect("errors are counted") > errors
        });
        assert_eq!(service.lines().iter().filter(|line| line.contains(AWAY)).count(), 1);
    }
    redis.restart();
    assert_shared_again([&one, &two], "203.0.113.4");
    assert_eq!(one.lines().iter().filter(|line| line.contains("Redis is back")).count(), 1);
    assert_eq!(one.lines().iter().filter(|line| line.contains(AWAY)).count(), 1);
}

#[test]
fn a_redis_that_does_not_answer_delays_nobody_for_long() {
    let redis = RedisServer::start();
    let [one, two] = two(&redis, small);
    assert_status(&one.send(&login_from("203.0.113.9", "john", PASSWORD)), 200);
    redis.pause();
    // The second service never asked before: it finds a server that takes connections and says nothing.
    assert_each_counts_for_itself([&one, &two], ["203.0.113.1", "203.0.113.2"]);
    for service in [&one, &two] {
        assert_eq!(service.figure(UP), Some(0.0));
        assert_eq!(service.lines().iter().filter(|line| line.contains(AWAY)).count(), 1);
    }
    redis.resume();
    assert_shared_again([&one, &two], "203.0.113.4");
}

#[test]
fn sites_with_prefixes_of_their_own_share_a_redis_and_no_budget() {
    let redis = RedisServer::start();
    let server = Server::mariadb();
    let url = server.url(&server.database_from(&dump("6.8")));
    let service = |prefix: &str| {
        small(Setup::on(&url).set("limits.redis_url", &redis.url()).set("limits.redis_prefix", prefix))
            .start()
    };
    let wrong = login_from("203.0.113.1", "oldphpass", "wrong");
    for service in [service("one:"), service("two:")] {
        assert_eq!([(); 3].map(|()| service.send(&wrong).status), [401, 401, 429]);
        assert_eq!(service.figure(UP), Some(1.0));
    }
}

#[test]
fn a_redis_url_that_cannot_be_used_ends_the_start_without_telling_the_password() {
    let setup = |url: &str| Setup::on("mysql://user@127.0.0.1:9/none").set("limits.redis_url", url);
    for url in [
        "http://:geheim@127.0.0.1:6379",
        "rediss://:geheim@127.0.0.1:6379",
        "redis://:geheim@127.0.0.1:port",
        "redis://:geheim@/3",
        "redis://:geheim@127.0.0.1:6379/three",
        "redis://:geheim@127.0.0.1:6379/-1",
        "redis://:geheim@127.0.0.1:6379/1/2",
        "redis://:geheim@0.0.0.0:6379",
        "redis://:geheim%ff@127.0.0.1:6379",
        "redis://:geheim@127.0.0.1:6379?protocol=9",
        "geheim",
    ] {
        let done = setup(url).run();
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(
            text,
            "wp-sidecar: command line: limits.redis_url is not allowed; allowed: \
             redis://user:password@host:port/number\n",
            "{url}"
        );
        assert!(!done.status.success());
    }
}

/// What `check` says of the budgets; it needs no database for that.
fn checked(redis_url: &str) -> String {
    let output = tied(env!("CARGO_BIN_EXE_wp-sidecar"))
        .args(["check", "--set", "database.url=mysql://nobody@127.0.0.1:1/none"])
        .args(["--set", &format!("limits.redis_url={redis_url}")])
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("its findings are text");
    text.lines().find(|line| line.contains(" limits: ")).expect("a finding").to_owned()
}

#[test]
fn check_says_whether_redis_lets_the_service_in() {
    let mut redis = RedisServer::start();
    let url = redis.url();
    let address = url.split(['@', '/']).nth(3).expect("an address");
    let advice = "-> correct limits.redis_url; each process counts for itself until then";
    assert_eq!(
        checked(&url),
        format!("ok       limits: budgets in Redis at {address}: it lets the service in")
    );
    let wrong = url.replace("redis-Pass-1", "hush-hush");
    assert_eq!(
        checked(&wrong),
        format!("warning  limits: Redis at {address}: authentication failed {advice}")
    );
    redis.pause();
    assert_eq!(checked(&url), format!("warning  limits: Redis at {address}: no answer in time {advice}"));
    redis.resume();
    redis.kill();
    assert_eq!(checked(&url), format!("warning  limits: Redis at {address}: connection refused {advice}"));
}
