//! The lists of sessions: readable on both sides, and who is in them.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use wp_sidecar::wp::php_serialize::unserialize;
use wp_sidecar::wp::php_value::PhpKey;

use crate::ledger::{Ledger, Session};
use crate::tables::Tables;
use crate::theirs::Theirs;
use crate::wordpress::RealWordPress;

/// What WordPress did to sessions of the service.
#[derive(Debug, Default)]
pub struct Damage {
    /// Acknowledged and gone.
    pub overwritten: usize,
    /// Ended here and there again.
    pub revived: usize,
    /// Lists with two rows, one at least made by WordPress.
    pub doubled: usize,
}

/// What the service alone must keep: everything.
pub fn check_strictly(ledger: &Ledger, tables: &Tables, wordpress: &RealWordPress) {
    let damage = check(ledger, &Theirs::default(), tables, wordpress);
    assert_eq!((damage.overwritten, damage.revived, damage.doubled), (0, 0, 0), "{damage:?}");
}

/// What WordPress cannot be kept from is counted; all else fails.
pub fn check(ledger: &Ledger, theirs: &Theirs, tables: &Tables, wordpress: &RealWordPress) -> Damage {
    let stored = stored(tables, wordpress);
    let known: HashSet<String> = ledger
        .sessions
        .iter()
        .map(Session::verifier)
        .chain(ledger.registered.iter().map(|user| crate::ledger::verifier(&user.cookie)))
        .chain(theirs.sessions.iter().map(|session| session.verifier.clone()))
        .collect();
    for verifier in stored.values().flatten() {
        assert!(known.contains(verifier), "nobody started the session {verifier}");
    }

    let mut damage = Damage::default();
    let rows_of = |user_id| tables.of(user_id, "session_tokens");
    let by_wordpress = |id: &u64| theirs.inserted.contains(id);
    for user_id in stored.keys() {
        let rows = rows_of(*user_id);
        let here = rows.iter().filter(|row| !by_wordpress(&row.id)).count();
        assert!(here <= 1, "user {user_id}: the service made two lists: {rows:?}");
        damage.doubled += usize::from(rows.len() > 1);
    }

    let is_stored =
        |user_id: u64, verifier: &str| stored.get(&user_id).is_some_and(|list| list.contains(verifier));
    for session in &ledger.sessions {
        match (session.ended, is_stored(session.user_id, &session.verifier())) {
            (false, false) => damage.overwritten += 1,
            (true, true) => damage.revived += 1,
            (false, true) | (true, false) => {}
        }
    }
    // The service overwrites nothing that it did not see. What stood in a second row was never seen by anybody.
    for session in theirs.sessions.iter().filter(|session| !theirs.ended.contains(&session.verifier)) {
        let one_row = rows_of(session.user_id).len() == 1;
        let kept = is_stored(session.user_id, &session.verifier);
        assert!(kept || !one_row, "the service lost a session of WordPress: {session:?}");
    }
    damage
}

/// The verifiers of each user, read here and by PHP.
fn stored(tables: &Tables, wordpress: &RealWordPress) -> HashMap<u64, HashSet<String>> {
    let rows: Vec<_> = tables.meta.iter().filter(|row| row.key == "session_tokens").collect();
    let values: Vec<&str> = rows.iter().map(|row| row.value.as_str()).collect();
    let read = wordpress.php_with(
        "return array_map( function ( $value ) {
            $list = unserialize( $value );
            foreach ( $list as $session ) {
                if ( ! is_int( $session['expiration'] ) || ! is_int( $session['login'] ) ) {
                    throw new Exception( $value );
                }
            }
            return array_map( 'strval', array_keys( $list ) );
        }, $args );",
        json!(values),
    );
    let read: Vec<Vec<String>> = serde_json::from_value(read).expect("lists");
    let mut stored = HashMap::new();
    for (row, read) in rows.into_iter().zip(read) {
        let here = unserialize(row.value.as_bytes()).unwrap_or_else(|error| panic!("{error}: {row:?}"));
        let here = here.as_array().unwrap_or_else(|| panic!("no list: {row:?}"));
        let here: Vec<String> = here
            .iter()
            .map(|(key, _)| match key {
                PhpKey::Str(text) => String::from_utf8(text.clone()).expect("a verifier"),
                PhpKey::Int(number) => panic!("{number} is no verifier"),
            })
            .collect();
        assert_eq!(here, read, "PHP and the service differ");
        // The first row is the one that is read.
        stored.entry(row.user_id).or_insert_with(|| here.into_iter().collect());
    }
    stored
}
