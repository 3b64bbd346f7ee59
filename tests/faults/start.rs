//! A service that starts before its database, and networks that never say anything.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::dump;
use crate::deed::Deed;
use crate::proxy::{Door, Proxy, Way};
use crate::server::Server;
use crate::service::{Service, within};
use crate::stage::{ANSWER_LIMIT, POOL, RECOVERY_LIMIT, Stage, prepare, prepare_account, settings, url};

/// What an answer may take once the service knows that the database is away.
const AT_ONCE: Duration = Duration::from_millis(1500);

/// Alive, not ready, and every answer 503 in time.
#[track_caller]
fn assert_waits(service: &Service, what: &str) {
    let begun = Instant::now();
    assert_eq!(service.get("/health/live").text(), "ok\n", "{what}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{what}: alive after {:?}", begun.elapsed());
    let begun = Instant::now();
    assert_eq!(service.get("/health/ready").status, 503, "{what}");
    let answer = service.get("/api/get_nonce/?controller=user&method=register");
    assert_eq!(answer.status, 503, "{what}: {}", answer.text());
    assert!(answer.header("retry-after").is_some(), "{what}");
    assert!(begun.elapsed() < ANSWER_LIMIT, "{what}: answers after {:?}", begun.elapsed());
}

#[test]
fn a_service_that_starts_before_its_database_is_alive_and_becomes_ready_with_it() {
    let server = Server::own_mariadb(&[]);
    std::thread::scope(|scope| {
        for door in [Door::Closed, Door::Hangup, Door::Silent] {
            let server = &server;
            scope.spawn(move || {
                let database = prepare(server);
                let proxy = Proxy::before(server.host(), server.port());
                proxy.door(door);
                let service = Service::start(&url(&proxy, &database, "?ssl-mode=disabled"), &settings());
                assert_waits(&service, &format!("{door:?}"));
                proxy.cut();
                proxy.door(Door::Open);
                assert_becomes_ready(&service, &format!("{door:?}"));
            });
        }
        scope.spawn(|| {
            let database = server.create_database();
            prepare_account(&server, &database);
            let proxy = Proxy::before(server.host(), server.port());
            let service = Service::start(&url(&proxy, &database, "?ssl-mode=disabled"), &settings());
            assert_waits(&service, "no tables");
            server.load_sql(&database, &dump("6.1"));
            assert_becomes_ready(&service, "no tables");
        });
    });
}

#[track_caller]
fn assert_becomes_ready(service: &Service, what: &str) {
    let took = within(RECOVERY_LIMIT, what, || service.is_ready());
    println!("{what} at the start: ready after {took:?}");
    assert!(!service.register_nonce().is_empty());
}

/// A way to begin a silence.
type Begin = fn(&Proxy);

#[test]
fn a_database_that_never_says_anything_keeps_nobody_waiting() {
    let server = Arc::new(Server::own_mariadb(&[]));
    let stalls: [(&str, Begin); 3] = [
        ("answers stall", |proxy| proxy.ways(Way::Pass, Way::Stall)),
        ("statements stall", |proxy| proxy.ways(Way::Stall, Way::Pass)),
        ("no greeting", |proxy| {
            proxy.door(Door::Silent);
            proxy.cut();
        }),
    ];
    std::thread::scope(|scope| {
        for (name, begin) in stalls {
            let server = Arc::clone(&server);
            scope.spawn(move || keeps_nobody_waiting(&Stage::on(server, "?ssl-mode=disabled"), name, begin));
        }
    });
}

#[track_caller]
fn keeps_nobody_waiting(stage: &Stage, name: &str, begin: Begin) {
    let writer = stage.writers(1).remove(0);
    let mut records = Vec::new();
    begin(&stage.proxy);
    for (round, limit) in [("first", ANSWER_LIMIT), ("second", AT_ONCE)] {
        let mut deeds = Deed::writing(round);
        deeds.extend((0..POOL).map(|_| Deed::Read));
        let answers = stage.run(&writer, round, deeds);
        let worst = answers.iter().map(|record| record.took).max().unwrap_or_default();
        println!("{name}, {round} requests: 503 after {worst:?}");
        for record in &answers {
            let seen = (record.status, &record.wrong);
            assert_eq!(seen, (503, &None), "{name}: {:?} {}", record.deed, record.answer);
        }
        assert!(worst < limit, "{name}, {round} requests: 503 after {worst:?}");
        records.extend(answers);
    }
    stage.proxy.ways(Way::Pass, Way::Pass);
    stage.proxy.door(Door::Open);
    let healed = Instant::now();
    stage.recovered(name, healed);
    stage.uses_all_connections(name, healed);
    stage.checker().check(&records);
}

#[test]
fn a_database_that_comes_back_behind_a_slow_network_is_found_again() {
    let server = Arc::new(Server::own_mariadb(&[]));
    let stage = Stage::on(server, "?ssl-mode=disabled");
    let writer = stage.writers(1).remove(0);
    stage.proxy.door(Door::Closed);
    stage.proxy.cut();
    let refused = stage.run(&writer, "refused", vec![Deed::Read]);
    assert_eq!(refused[0].status, 503);
    // Connecting takes some ten of these ways to and fro: longer than a request waits now.
    let slow = Way::Delay(Duration::from_millis(80));
    stage.proxy.ways(slow, slow);
    stage.proxy.door(Door::Open);
    let took = within(RECOVERY_LIMIT * 2, "a slow network", || {
        stage.run(&writer, "slow", vec![Deed::Read])[0].status == 200
    });
    println!("behind 80 ms each way: well again after {took:?}");
    stage.proxy.ways(Way::Pass, Way::Pass);
}
