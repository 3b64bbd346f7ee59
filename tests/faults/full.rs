//! A data file that must not grow.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::deed::Deed;
use crate::service::within;
use crate::stage::{RECOVERY_LIMIT, Stage};

/// Each round writes a little, so there comes one that finds no room.
const MOST_ROUNDS: usize = 50;

/// Nothing has to be waited for.
const SOON: Duration = Duration::from_secs(2);

/// Enough for the site and a little more. What undoes a transaction lies elsewhere: MariaDB itself ends when it finds no
/// room to undo, as it does with values that need pages of their own.
const OPTIONS: [&str; 3] = [
    "--innodb-data-file-path=ibdata1:12M:autoextend:max:40M",
    "--innodb-file-per-table=0",
    "--innodb-undo-tablespaces=2",
];

#[test]
fn a_full_data_file_is_answered_503_and_leaves_nothing_half() {
    let stage = Stage::mariadb(&OPTIONS);
    let writer = stage.writers(1).remove(0);
    // Rows that fit into a page.
    stage.sql("CREATE TABLE filler (id INT AUTO_INCREMENT PRIMARY KEY, text VARBINARY(7000)) ENGINE=InnoDB");
    // Smaller and smaller bites, each until the server refuses.
    for rows in [500, 50, 5, 1] {
        let insert = format!("INSERT INTO filler (text) SELECT REPEAT('x', 7000) FROM seq_1_to_{rows}");
        while stage.attempt(&insert) {}
    }

    // Large enough to need a page soon, and small enough to need no more than one.
    let tag = |round: usize| format!("full{round}{}", "x".repeat(7000));
    let (mut records, mut refused) = (Vec::new(), BTreeSet::new());
    let mut round = 0;
    // All but the profile, which is written where it stood before.
    while refused.len() < Deed::writing("").len() - 1 {
        assert!(round < MOST_ROUNDS, "there is room for all but {refused:?}");
        for (kind, mut deed) in Deed::writing(&format!("{round}")).into_iter().enumerate() {
            if let Deed::Register(name) = &mut deed {
                *name = format!("newfull{round}");
            }
            let record = deed.run(stage.service.address, &writer, &tag(round), &stage.nonce);
            assert!(record.took < SOON, "{:?} took {:?}", record.deed, record.took);
            if !record.is_acknowledged() {
                refused.insert(kind);
            }
            records.push(record);
        }
        round += 1;
    }
    stage.checker().check(&records);
    // What needs no room goes on.
    assert!(Deed::Read.run(stage.service.address, &writer, "read", "").is_acknowledged());

    stage.sql("DROP TABLE filler");
    // The server gives the room back after a while.
    let room = "CREATE TABLE IF NOT EXISTS room (text VARBINARY(7000)) ENGINE=InnoDB; \
                INSERT INTO room SELECT REPEAT('x', 7000) FROM seq_1_to_500";
    within(RECOVERY_LIMIT, "the server has no room again", || stage.attempt(room));
    let healed = Instant::now();
    stage.recovered("full", healed);
    stage.uses_all_connections("full", healed);
    let later = stage.run(&writer, "later", Deed::writing("later"));
    for record in &later {
        assert_eq!(record.status, 200, "{:?}: {}", record.deed, record.answer);
    }
    stage.checker().check(&[records, later].concat());
}
