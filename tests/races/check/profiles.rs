//! Profiles: one row a field, and the names agree with it.

use crate::check::groups;
use crate::ledger::Ledger;
use crate::tables::Tables;

pub fn check(ledger: &Ledger, tables: &Tables) {
    for (user_id, written) in groups(&ledger.profiles, |written| written.user_id) {
        let rows: Vec<&String> =
            tables.full_names.iter().filter(|(id, _)| *id == user_id).map(|(_, value)| value).collect();
        let [full] = rows[..] else { panic!("user {user_id}: {rows:?}") };
        let own = written.iter().find(|written| written.value == *full);
        let own = own.unwrap_or_else(|| panic!("user {user_id}: nobody wrote {full}"));
        let later = written.iter().find(|written| own.span.is_before(written.span));
        assert!(later.is_none(), "user {user_id}: a later value was lost to {full}: {later:?}");

        let (first, last) = full.split_once(' ').expect("two words");
        for (key, expected) in [("nickname", full.as_str()), ("first_name", first), ("last_name", last)] {
            let values: Vec<&str> = tables.of(user_id, key).iter().map(|row| row.value.as_str()).collect();
            assert_eq!(values, [expected], "user {user_id}: {key}");
        }
        let user = tables.users.iter().find(|user| user.id == user_id).expect("the user");
        assert_eq!(user.display_name, *full);
    }
}
