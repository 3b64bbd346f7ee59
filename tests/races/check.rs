//! Holds the tables against the ledger, and against what WordPress says it did.
//!
//! Without WordPress nothing may be missing or double. With it, rows and values are told apart by who made them: it
//! takes no locks, and what it doubles or overwrites the service cannot help.

pub mod meta;
pub mod profiles;
pub mod sessions;
pub mod users;

use std::collections::HashMap;
use std::hash::Hash;

use crate::ledger::Ledger;
use crate::tables::Tables;

/// What the service gave up is nowhere.
pub fn assert_given_up_is_not_there(ledger: &Ledger, tables: &Tables) {
    for value in &ledger.given_up {
        let meta = tables.meta.iter().find(|row| row.value == *value);
        assert!(meta.is_none(), "given up, and there: {meta:?}");
        let name = tables.full_names.iter().find(|(_, name)| name == value);
        assert!(name.is_none(), "given up, and there: {name:?}");
    }
}

/// The items by what they have in common.
fn groups<K: Eq + Hash, T>(items: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    groups
}
