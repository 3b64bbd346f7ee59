//! The service's own processes, nobody else: nothing is doubled, nothing is lost.

use crate::check::{assert_given_up_is_not_there, meta, profiles, sessions, users};
use crate::process::call;
use crate::race::Track;
use crate::seed::{alone, seed};
use crate::server::Server;
use crate::tables::Tables;
use crate::theirs::Theirs;

fn race(server: &'static Server, test: &str) {
    let _alone = alone();
    let track = Track::new(server, seed(test), false);
    let ledger = track.run();
    let tables = Tables::read(&track.wordpress);

    println!(
        "{test}: {} operations; {} registered, {} refused, {} logins, {} values written, {} deleted, \
         {} requests given up",
        ledger.operations,
        ledger.registered.len(),
        ledger.refused.len(),
        ledger.sessions.len(),
        ledger.written.len(),
        ledger.deleted.len(),
        ledger.given_up.len(),
    );
    assert_eq!(users::check(&ledger, &Theirs::default(), &tables, &track.before), 0);
    assert_eq!(tables.user_count, tables.users.len().to_string());
    assert_eq!(meta::check(&ledger, &Theirs::default(), &tables), 0);
    profiles::check(&ledger, &tables);
    assert_given_up_is_not_there(&ledger, &tables);
    sessions::check_strictly(&ledger, &tables, &track.wordpress);
    // And each process says so of what the other may have acknowledged.
    for (place, session) in ledger.sessions.iter().enumerate() {
        let to = track.race.addresses[place % 2];
        let answer = call(to, "user/validate_auth_cookie", &[("cookie", &session.cookie)]);
        assert_eq!(answer["valid"], !session.ended, "{session:?}");
    }
}

#[test]
fn what_two_processes_acknowledge_is_there_once_on_mariadb() {
    race(Server::mariadb(), "alone on MariaDB");
}

#[test]
fn what_two_processes_acknowledge_is_there_once_on_mysql() {
    race(Server::mysql97(), "alone on MySQL");
}
