//! The same with a WordPress that writes to the same users, keys and names: it takes no locks, the service does.

use crate::check::{assert_given_up_is_not_there, meta, profiles, sessions, users};
use crate::race::Track;
use crate::seed::{alone, seed};
use crate::server::Server;
use crate::tables::Tables;
use crate::theirs::Writer;

#[test]
fn beside_a_writing_wordpress_nothing_is_garbled_and_the_service_doubles_and_loses_nothing() {
    let _alone = alone();
    let track = Track::new(Server::mariadb(), seed("beside WordPress"), true);
    let race = &track.race;
    let writer = Writer {
        seed: race.seed,
        choices: &["log_in", "log_in", "log_in_newcomer", "log_out", "write", "write", "write", "register"],
        pause: 0,
        turn: None,
        users: &race.users,
        newcomers: &race.newcomers,
        password: &race.password,
    };
    let (ledger, theirs) = writer.while_running(&track.wordpress, || track.run());
    let tables = Tables::read(&track.wordpress);

    println!(
        "beside WordPress: {} operations here ({} registered, {} logins, {} values written), {} there \
         ({} users, {} logins, {} values written)",
        ledger.operations,
        ledger.registered.len(),
        ledger.sessions.len(),
        ledger.written.len(),
        theirs.acts,
        theirs.users.len(),
        theirs.sessions.len(),
        theirs.written.len(),
    );
    let users = users::check(&ledger, &theirs, &tables, &track.before);
    let keys = meta::check(&ledger, &theirs, &tables);
    profiles::check(&ledger, &tables);
    assert_given_up_is_not_there(&ledger, &tables);
    let damage = sessions::check(&ledger, &theirs, &tables, &track.wordpress);
    println!(
        "beside WordPress: it overwrote {} of {} sessions made here and brought {} back that were ended here; \
         {} requests found their session gone; it doubled {} names, addresses or slugs, {} meta keys and {} lists \
         of sessions; {} statements of its own failed{}, and {} requests here were given up",
        damage.overwritten,
        ledger.sessions.len(),
        damage.revived,
        ledger.turned_away,
        users,
        keys,
        damage.doubled,
        theirs.failed.len(),
        theirs.failed.first().map(|text| format!(" ({text})")).unwrap_or_default(),
        ledger.given_up.len(),
    );
}
