//! One fault after the other while several users write and read; afterwards the tables are held against what the
//! users were told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::checker::check_sessions;
use crate::deed::Record;
use crate::load::Load;
use crate::server::Server;
use crate::stage::{ANSWER_LIMIT, Stage};

mod faults;

use faults::{FAULTS, Fault, Scene};

/// Users at once: more than the pool has connections.
const USERS: usize = 6;

/// The load's seed; each run prints it.
const SEED: u64 = 20_261_121;

/// What clients saw of one fault.
struct Seen {
    fault: &'static str,
    done: usize,
    unavailable: usize,
    worst: Duration,
    recovery: Duration,
}

impl Seen {
    fn of(fault: &'static str, records: &[Record], recovery: Duration) -> Self {
        let count = |status: u16| records.iter().filter(|record| record.status == status).count();
        Self {
            fault,
            done: count(200),
            unavailable: count(503),
            worst: records.iter().map(|record| record.took).max().unwrap_or_default(),
            recovery,
        }
    }

    fn print(&self) {
        println!(
            "| {} | {} | {} | {:.2} s | {:.2} s |",
            self.fault,
            self.done,
            self.unavailable,
            self.worst.as_secs_f64(),
            self.recovery.as_secs_f64()
        );
    }
}

/// Lets a fault happen under load and gives what was seen.
#[track_caller]
fn suffer(scene: &mut Scene, load: &Load, fault: &Fault) {
    let before = load.answers();
    let begun = Instant::now();
    (fault.begin)(scene);
    while begun.elapsed() < fault.lasts {
        (fault.tick)(scene);
        std::thread::sleep(Duration::from_millis(50));
    }
    (fault.end)(scene);
    let healed = Instant::now();
    let recovery = scene.stage.recovered(fault.name, healed);
    load.pause();
    scene.stage.uses_all_connections(fault.name, healed);
    let records = load.since(before, healed);
    load.resume();
    let seen = Seen::of(fault.name, &records, recovery);
    seen.print();
    for record in &records {
        assert_eq!(record.wrong, None, "{}: {:?}", fault.name, record.deed);
    }
    assert!(seen.worst < fault.answers_within, "{}: an answer took {:?}", fault.name, seen.worst);
    if let Some(is_noticed) = fault.is_noticed {
        assert_eq!(is_noticed, seen.unavailable > 0, "{}: {} times 503", fault.name, seen.unavailable);
    }
}

/// Lets the faults happen one after the other and holds the tables against what the users were told.
#[track_caller]
fn suffer_all(stage: Stage, faults: &[&Fault]) {
    let mut scene = Scene::new(stage);
    let writers = scene.stage.writers(USERS);
    let load = Load::start(scene.stage.service.address, &writers, &scene.stage.nonce, SEED);
    let server = scene.stage.server.name();
    println!("\n| {server} | 200 | 503 | longest answer | well again after |\n|---|---:|---:|---:|---:|");
    for fault in faults {
        suffer(&mut scene, &load, fault);
    }
    let records = load.end();
    let checker = scene.stage.checker();
    checker.check(&records);
    let sessions = check_sessions(scene.stage.service.address, &records);
    println!("{server}: {} answers and {sessions} sessions were checked", records.len());
    assert!(records.iter().all(|record| record.took < ANSWER_LIMIT));
}

#[test]
fn writes_are_there_once_and_no_other_is_there_half() {
    suffer_all(Stage::mariadb(&[]), &FAULTS.iter().collect::<Vec<_>>());
}

#[test]
fn writes_are_there_once_on_mysql_too() {
    let stage = Stage::on(Arc::new(Server::own_mysql97(&[])), "");
    let faults: Vec<&Fault> = FAULTS.iter().filter(|fault| fault.on_mysql).collect();
    suffer_all(stage, &faults);
}
