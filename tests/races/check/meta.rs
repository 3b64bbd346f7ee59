//! User meta: each key one row, whose value is the last that was acknowledged.

use std::collections::{BTreeSet, HashSet};

use crate::ledger::{Deleted, Ledger, Span};
use crate::tables::Tables;
use crate::theirs::Theirs;
use crate::worker::PAIR;

/// A value that somebody wrote.
struct Value<'a> {
    text: &'a str,
    span: Span,
}

/// Keys that have two rows, one at least made by WordPress.
pub fn check(ledger: &Ledger, theirs: &Theirs, tables: &Tables) -> usize {
    let mut keys: BTreeSet<(u64, &str)> =
        ledger.written.iter().map(|written| (written.user_id, written.key.as_str())).collect();
    keys.extend(theirs.written.iter().map(|written| (written.user_id, written.key.as_str())));
    let registered: HashSet<u64> = ledger.registered.iter().map(|user| user.user_id).collect();
    for row in tables.meta.iter().filter(|row| row.key.starts_with("race_")) {
        let known = keys.contains(&(row.user_id, row.key.as_str())) || registered.contains(&row.user_id);
        assert!(known, "nobody wrote {row:?}");
    }
    let [left, right] = PAIR;
    for (user_id, key) in keys.iter().filter(|(_, key)| key.starts_with(left)) {
        let [one, other] = [(*key).to_owned(), key.replace(left, right)]
            .map(|key| tables.of(*user_id, &key).iter().map(|row| row.value.clone()).collect::<Vec<_>>());
        assert_eq!(one, other, "user {user_id}: {key}: a request was written half");
    }
    keys.into_iter().filter(|(user_id, key)| check_key(*user_id, key, ledger, theirs, tables)).count()
}

/// True when the key has two rows.
fn check_key(user_id: u64, key: &str, ledger: &Ledger, theirs: &Theirs, tables: &Tables) -> bool {
    let rows = tables.of(user_id, key);
    let here: Vec<_> = ledger.written.iter().filter(|w| w.user_id == user_id && w.key == key).collect();
    let there: Vec<_> = theirs.written.iter().filter(|w| w.user_id == user_id && w.key == key).collect();
    let deleted: Vec<&Deleted> =
        ledger.deleted.iter().filter(|d| d.user_id == user_id && d.key == key).collect();
    let mut values: Vec<Value<'_>> = Vec::new();
    values.extend(here.iter().map(|written| Value { text: &written.value, span: written.span }));
    values.extend(there.iter().map(|written| Value { text: &written.value, span: written.span() }));

    for row in &rows {
        let own = values.iter().find(|value| value.text == row.value);
        let own = own.unwrap_or_else(|| panic!("nobody wrote this: {row:?}"));
        assert!(deleted.iter().all(|deleted| deleted.value != row.value), "deleted, and there: {row:?}");
        let later = values.iter().find(|value| own.span.is_before(value.span));
        assert!(later.is_none(), "a later value was lost to {row:?}: {:?}", later.map(|value| value.text));
    }
    if rows.is_empty() {
        let last = |deleted: &&&Deleted| !values.iter().any(|value| deleted.span.is_before(value.span));
        assert!(deleted.iter().any(|deleted| last(&deleted)), "user {user_id}: {key} was lost");
    }

    let made: Vec<u64> = rows.iter().map(|row| row.id).filter(|id| !theirs.inserted.contains(id)).collect();
    assert!(made.len() <= 1, "user {user_id}: the service made two rows of {key}: {made:?}");
    for id in &made {
        let added = here.iter().find(|written| written.added == Some(*id));
        let added = added.unwrap_or_else(|| panic!("user {user_id}: no answer tells of row {id} of {key}"));
        for twin in rows.iter().filter(|row| row.id != *id) {
            let first = there.iter().filter(|written| written.span().is_before(added.span)).count();
            assert!(first == 0 || !deleted.is_empty(), "{key} was there already: {twin:?}");
        }
    }
    if there.is_empty() {
        // Each row that was added was deleted again, or is there.
        let added = here.iter().filter(|written| written.added.is_some()).count();
        assert_eq!(added, deleted.len() + rows.len(), "user {user_id}: {key}");
    }
    rows.len() > 1
}
