//! Registrations: none double, none lost, none half (D16).

use std::collections::{HashMap, HashSet};

use crate::check::groups;
use crate::ledger::{Ledger, Registered, verifier};
use crate::tables::{Account, Tables};
use crate::theirs::Theirs;

/// Rows of `usermeta` that a new user has, with the one custom field.
const META_ROWS: usize = 15;

/// Logins, addresses and nicenames that two users have, one at least made by WordPress.
pub fn check(ledger: &Ledger, theirs: &Theirs, tables: &Tables, before: &HashSet<u64>) -> usize {
    let made: HashMap<u64, &Registered> = ledger.registered.iter().map(|user| (user.user_id, user)).collect();
    assert_eq!(made.len(), ledger.registered.len(), "an id was acknowledged twice");
    let by_wordpress: HashSet<u64> = theirs.users.iter().map(|user| user.id).collect();
    let rows: HashMap<u64, &Account> = tables.users.iter().map(|row| (row.id, row)).collect();

    for row in tables.users.iter().filter(|row| !before.contains(&row.id)) {
        assert!(made.contains_key(&row.id) || by_wordpress.contains(&row.id), "nobody made {row:?}");
    }
    for user in &ledger.registered {
        let row = rows.get(&user.user_id).unwrap_or_else(|| panic!("lost: {user:?}"));
        assert_eq!((&row.login, &row.email), (&user.login, &user.email));
        assert_whole(user, tables);
    }
    for row in &tables.meta {
        assert!(rows.contains_key(&row.user_id), "meta of nobody: {row:?}");
    }
    for refused in &ledger.refused {
        let is_taken = |same: &dyn Fn(&Account) -> bool| tables.users.iter().any(same);
        let explained = match refused.text.as_str() {
            "Username already exists." => is_taken(&|row| row.login.eq_ignore_ascii_case(&refused.login)),
            "E-mail address is already in use." => is_taken(&|row| row.email == refused.email),
            _ => false,
        };
        assert!(explained, "refused without a reason: {refused:?}");
    }

    let mut doubled = 0;
    let columns: [fn(&Account) -> String; 3] =
        [|row| row.login.to_lowercase(), |row| row.email.clone(), |row| row.nicename.clone()];
    for column in columns {
        for (text, twins) in groups(&tables.users, |row| column(row)) {
            let here: Vec<&Registered> = twins.iter().filter_map(|row| made.get(&row.id).copied()).collect();
            assert!(here.len() <= 1, "the service gave {text} away twice: {here:?}");
            let there = theirs.users.iter().filter(|user| twins.iter().any(|row| row.id == user.id));
            for (here, there) in here.iter().flat_map(|here| there.clone().map(move |there| (here, there))) {
                assert!(!there.span().is_before(here.span), "{text} was taken already: {here:?}, {there:?}");
            }
            doubled += usize::from(twins.len() > 1);
        }
    }
    doubled
}

/// Everything that belongs to a user, once.
fn assert_whole(user: &Registered, tables: &Tables) {
    let rows = tables.meta.iter().filter(|row| row.user_id == user.user_id);
    let keys: HashSet<&str> = rows.clone().map(|row| row.key.as_str()).collect();
    assert_eq!((rows.count(), keys.len()), (META_ROWS, META_ROWS), "{user:?}: {keys:?}");
    assert_eq!(tables.of(user.user_id, "race_mark")[0].value, user.mark);
    let sessions = &tables.of(user.user_id, "session_tokens")[0].value;
    assert!(sessions.contains(&verifier(&user.cookie)), "{user:?}: {sessions}");
}
