//! Locks of other clients: those that end, those that do not, and those that turn in a circle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::deed::{Deed, Record, Writer};
use crate::service::within;
use crate::stage::Stage;

/// What the service may take to get to the point where it waits.
const SOON: Duration = Duration::from_secs(2);

/// Nothing is begun anew after five seconds, and the last wait takes one at most; and a little.
const LOCKED: Duration = Duration::from_secs(8);

/// A user who writes, and what the server and the service need for it.
fn stage() -> (Stage, Arc<Writer>) {
    let stage = Stage::mariadb(&[]);
    let writer = stage.writers(1).remove(0);
    (stage, writer)
}

#[track_caller]
fn assert_all(records: &[Record], status: u16) {
    for record in records {
        assert_eq!((record.status, &record.wrong), (status, &None), "{:?}: {}", record.deed, record.answer);
    }
}

#[test]
fn a_short_lock_is_waited_for_and_a_long_one_is_answered_503() {
    let (stage, writer) = stage();
    let mut other = stage.session();
    // The first thing that each of them locks.
    let lock = format!(
        "BEGIN; SELECT ID FROM wp_users WHERE ID = {} FOR UPDATE; \
         SELECT option_id FROM wp_options WHERE option_name = 'user_count' FOR UPDATE",
        writer.id
    );

    other.run(&lock);
    let records = std::thread::scope(|scope| {
        let run = scope.spawn(|| stage.run(&writer, "short", Deed::writing("short")));
        within(SOON, "they do not wait", || stage.waiting() == Deed::writing("").len());
        other.run("ROLLBACK");
        run.join().expect("the requests")
    });
    assert_all(&records, 200);
    stage.checker().check(&records);

    other.run(&lock);
    let long = stage.run(&writer, "long", Deed::writing("long"));
    other.run("ROLLBACK");
    for record in &long {
        println!("{:?} behind a lock: 503 after {:?}", record.deed, record.took);
    }
    assert_all(&long, 503);
    assert!(long.iter().all(|record| record.took < LOCKED));
    stage.checker().check(&[records, long].concat());
    assert_eq!(stage.sql("SELECT COUNT(*) FROM wp_users WHERE user_login = 'newlong'"), [["0"]]);
    assert_all(&stage.run(&writer, "later", Deed::writing("later")), 200);
    stage.uses_all_connections("a long lock", Instant::now());
}

#[test]
fn a_deadlock_is_done_again() {
    let (stage, writer) = stage();
    let keys = ["a", "b", "c"].map(|name| format!("vars{name}"));
    let vars = |tag: &str| stage.run(&writer, tag, vec![Deed::Vars(keys.clone())]);
    assert_all(&vars("first"), 200);
    let deadlocks = || -> u64 {
        let status = stage.sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
        status[0][1].parse().expect("a number")
    };
    let before = deadlocks();

    // The one who changed less is rolled back; that is to be the service.
    let mut other = stage.session();
    other.run(&format!(
        "BEGIN; UPDATE wp_posts SET post_content = CONCAT(post_content, ' '); \
         SELECT umeta_id FROM wp_usermeta WHERE user_id = {} FOR UPDATE",
        writer.id
    ));
    let records = std::thread::scope(|scope| {
        let run = scope.spawn(|| vars("second"));
        within(SOON, "it does not wait", || stage.waiting() == 1);
        other.run(&format!("SELECT ID FROM wp_users WHERE ID = {} FOR UPDATE; COMMIT", writer.id));
        run.join().expect("the request")
    });
    assert_eq!(deadlocks(), before + 1);
    assert_all(&records, 200);
    stage.checker().check(&records);
}

#[test]
fn killed_connections_cost_the_requests_under_way_and_no_other() {
    let (stage, writer) = stage();
    stage.uses_all_connections("the start", Instant::now());
    stage.kill_connections();
    // Used longer ago than a second, a connection is looked at before it is used.
    std::thread::sleep(Duration::from_millis(1100));
    let idle = stage.run(&writer, "idle", Deed::writing("idle"));
    assert_all(&idle, 200);

    let mut other = stage.session();
    other.run(&format!(
        "BEGIN; SELECT ID FROM wp_users WHERE ID = {} FOR UPDATE; \
         SELECT option_id FROM wp_options WHERE option_name = 'user_count' FOR UPDATE",
        writer.id
    ));
    let busy = std::thread::scope(|scope| {
        let run = scope.spawn(|| stage.run(&writer, "busy", Deed::writing("busy")));
        within(SOON, "they do not wait", || stage.waiting() == Deed::writing("").len());
        stage.kill_connections();
        run.join().expect("the requests")
    });
    other.run("ROLLBACK");
    assert_all(&busy, 503);
    assert!(busy.iter().all(|record| record.took < SOON));
    stage.checker().check(&[idle, busy].concat());
    assert_eq!(stage.sql("SELECT COUNT(*) FROM wp_users WHERE user_login = 'newbusy'"), [["0"]]);
    assert_all(&stage.run(&writer, "later", Deed::writing("later")), 200);
    stage.uses_all_connections("KILL", Instant::now());
}
