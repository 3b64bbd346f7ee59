//! BuddyPress's tables of extended profiles: fields with their options and settings, and what users entered.
//!
//! What a field's type means, and who may see it, is `wp::xprofile`'s business.

use std::collections::BTreeMap;

use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::lease::{Lease, Statement};
use super::{Db, StoreError, row};

/// What a request names a field by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldBy<'a> {
    /// Its number.
    Id(u64),
    /// Its name as stored: escaped and slashed. Compared by the column's collation.
    Name(&'a str),
}

/// Whose profile, and who reads it.
#[derive(Clone, Copy, Debug)]
pub struct ProfileOf {
    /// The user.
    pub user_id: u64,
    /// Somebody else who is logged in, if friendship is to be looked at.
    pub friend: Option<u64>,
}

/// A field with what one user has in it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// `id`
    pub id: u64,
    /// `type`
    pub kind: Vec<u8>,
    /// The user's value, of the first row.
    pub value: Option<Vec<u8>>,
    /// `bp_xprofile_meta` of the field, the first row of each key.
    pub meta: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// What was found of the fields that a request names.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    fields: BTreeMap<u64, Field>,
    /// The field of each of the request's names.
    found: Vec<Option<u64>>,
    /// The user's meta `bp_xprofile_visibility_levels`.
    pub levels: Option<Vec<u8>>,
    /// Reader and user are friends.
    pub friends: bool,
}

impl Profile {
    /// The field that the request's name at this place means.
    #[must_use]
    pub fn field(&self, place: usize) -> Option<&Field> {
        self.fields.get(&(*self.found.get(place)?)?)
    }

    /// Every field found.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }
}

/// Field meta that decides how and to whom a field is shown.
const META_KEYS: [&str; 4] =
    ["default_visibility", "allow_custom_visibility", "date_format", "date_format_custom"];

/// A value to write.
#[derive(Clone, Debug)]
pub struct FieldValue {
    /// The field.
    pub field_id: u64,
    /// The column's text; `None` empties the field.
    pub value: Option<Vec<u8>>,
}

/// The user's names, which follow the full-name field.
#[derive(Clone, Debug)]
pub struct Names {
    /// `users.display_name`; `None` leaves it.
    pub display_name: Option<Vec<u8>>,
    /// Rows of `usermeta`, by key.
    pub meta: [(&'static str, Vec<u8>); 3],
}

impl Db {
    /// The named fields with one user's values, settings and levels, in one statement.
    pub async fn find_profile(&self, of: ProfileOf, names: &[FieldBy<'_>]) -> Result<Profile, StoreError> {
        match self.find_fitting_profile(of, names).await {
            Err(error) if error.is_beyond_charset() => {
                // No field has a name that the column cannot hold, and none the number 0.
                let foreign = |name: &FieldBy<'_>| matches!(name, FieldBy::Name(text) if !text.is_ascii());
                let names: Vec<_> =
                    names.iter().map(|name| if foreign(name) { FieldBy::Id(0) } else { *name }).collect();
                self.find_fitting_profile(of, &names).await
            }
            other => other,
        }
    }

    async fn find_fitting_profile(
        &self,
        of: ProfileOf,
        names: &[FieldBy<'_>],
    ) -> Result<Profile, StoreError> {
        // Which of the names a field matches is told by the server, as one digit each. Rows are put in order here: the
        // server would sort their long texts in a table on its disk.
        let mut parts = vec![
            "SELECT f.id, d.id, m.id, f.type, d.value, m.meta_key, m.meta_value, (SELECT meta_value FROM {usermeta} \
             WHERE umeta_id = (SELECT MIN(umeta_id) FROM {usermeta} \
              WHERE user_id = ? AND CAST(CONVERT(meta_key USING {charset}) AS BINARY) = 'bp_xprofile_visibility_levels')), ",
        ];
        parts.push(match of.friend {
            Some(_) => {
                "EXISTS (SELECT 1 FROM {friends} WHERE is_confirmed = 1 AND \
                 (initiator_user_id = ? AND friend_user_id = ? OR initiator_user_id = ? AND friend_user_id = ?))"
            }
            None => "0",
        });
        parts.push(", CONCAT(''");
        parts.extend(names.iter().map(|name| match name {
            FieldBy::Id(_) => ", f.id = ?",
            FieldBy::Name(_) => ", f.parent_id = 0 AND f.name = ?",
        }));
        parts.push(
            ") FROM {xprofile_fields} f \
             LEFT JOIN {xprofile_data} d ON d.field_id = f.id AND d.user_id = ? \
             LEFT JOIN {xprofile_meta} m ON m.object_id = f.id AND m.object_type = 'field' AND m.meta_key IN ({list}) \
             WHERE FALSE",
        );
        parts.extend(names.iter().map(|name| match name {
            FieldBy::Id(_) => " OR f.id = ?",
            FieldBy::Name(_) => " OR f.parent_id = 0 AND f.name = ?",
        }));
        let sql = self.tables.sql_of(&parts, META_KEYS.len());
        // A long list is no statement to keep prepared.
        let mut query = sqlx::query(sql).persistent(names.len() < 16).bind(of.user_id);
        if let Some(friend) = of.friend {
            query = query.bind(friend).bind(of.user_id).bind(of.user_id).bind(friend);
        }
        query = bind_names(query, names).bind(of.user_id);
        query = META_KEYS.iter().fold(query, |query, key| query.bind(*key));
        profile_of(&self.pool.fetch_all(bind_names(query, names)).await?, names.len())
    }

    /// The options of some fields, by field, in their own order.
    pub async fn list_field_options(&self, fields: &[u64]) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = self.tables.sql_of(
            &["SELECT parent_id, name FROM {xprofile_fields} WHERE parent_id IN ({list}) ORDER BY option_order, id"],
            fields.len(),
        );
        let query = fields.iter().fold(sqlx::query(sql), |query, id| query.bind(*id));
        let rows = self.pool.fetch_all(query).await?;
        rows.iter().map(|found| Ok((found.try_get_unchecked(0)?, row::bytes(found, 1)?))).collect()
    }

    /// Writes values of one user, and the names where they follow, all or nothing. `now` is GMT.
    ///
    /// A field has no unique key; the user's own row, locked first, puts two writers in order.
    pub async fn update_profile(
        &self,
        user_id: u64,
        values: &[FieldValue],
        names: Option<&Names>,
        now: &str,
    ) -> Result<(), StoreError> {
        self.retried(async || {
            let mut transaction = self.pool.begin().await?;
            let lock = self.tables.sql("SELECT ID FROM {users} WHERE ID = ? FOR UPDATE");
            transaction.fetch_optional(sqlx::query(lock).bind(user_id)).await?;
            for value in values {
                self.write_field(&mut transaction, user_id, value, now).await?;
            }
            if let Some(names) = names {
                self.write_names(&mut transaction, user_id, names).await?;
            }
            transaction.commit().await
        })
        .await
    }

    async fn write_field(
        &self,
        connection: &mut Lease,
        user_id: u64,
        value: &FieldValue,
        now: &str,
    ) -> Result<(), StoreError> {
        let done = if let Some(text) = &value.value {
            let sql = self.tables.sql(
                "UPDATE {xprofile_data} SET value = ?, last_updated = ? WHERE user_id = ? AND field_id = ?",
            );
            let query = row::bind_text(sqlx::query(sql), text).bind(now);
            connection.execute(query.bind(user_id).bind(value.field_id)).await?
        } else {
            let sql = self.tables.sql("DELETE FROM {xprofile_data} WHERE user_id = ? AND field_id = ?");
            connection.execute(sqlx::query(sql).bind(user_id).bind(value.field_id)).await?
        };
        if done.rows_affected() == 0 {
            let sql = self.tables.sql(
                "INSERT INTO {xprofile_data} (field_id, user_id, value, last_updated) VALUES (?, ?, ?, ?)",
            );
            let query = sqlx::query(sql).bind(value.field_id).bind(user_id);
            let text = value.value.as_deref().unwrap_or_default();
            connection.execute(row::bind_text(query, text).bind(now)).await?;
        }
        Ok(())
    }

    async fn write_names(
        &self,
        connection: &mut Lease,
        user_id: u64,
        names: &Names,
    ) -> Result<(), StoreError> {
        for (key, value) in &names.meta {
            let sql =
                self.tables.sql("UPDATE {usermeta} SET meta_value = ? WHERE user_id = ? AND meta_key = ?");
            let query = row::bind_text(sqlx::query(sql), value).bind(user_id).bind(*key);
            if connection.execute(query).await?.rows_affected() == 0 {
                let sql = self
                    .tables
                    .sql("INSERT INTO {usermeta} (user_id, meta_key, meta_value) VALUES (?, ?, ?)");
                let query = sqlx::query(sql).bind(user_id).bind(*key);
                connection.execute(row::bind_text(query, value)).await?;
            }
        }
        if let Some(name) = &names.display_name {
            let sql = self.tables.sql("UPDATE {users} SET display_name = ? WHERE ID = ?");
            connection.execute(row::bind_text(sqlx::query(sql), name).bind(user_id)).await?;
        }
        Ok(())
    }
}

fn bind_names<'q>(query: Statement<'q>, names: &[FieldBy<'q>]) -> Statement<'q> {
    names.iter().fold(query, |query, name| match name {
        FieldBy::Id(id) => query.bind(*id),
        FieldBy::Name(name) => query.bind(*name),
    })
}

/// Rows of the join, one for each value and setting, as fields; the first row of a kind wins.
fn profile_of(rows: &[MySqlRow], names: usize) -> Result<Profile, StoreError> {
    let mut ordered = Vec::with_capacity(rows.len());
    for found in rows {
        let order: (u64, Option<u64>, Option<i64>) =
            (found.try_get_unchecked(0)?, found.try_get_unchecked(1)?, found.try_get_unchecked(2)?);
        ordered.push((order, found));
    }
    ordered.sort_unstable_by_key(|(order, _)| *order);
    let mut profile = Profile { found: vec![None; names], ..Profile::default() };
    for ((id, _, _), found) in ordered {
        if !profile.fields.contains_key(&id) {
            let matched = row::bytes(found, 9)?;
            for (place, _) in matched.iter().enumerate().filter(|(_, digit)| **digit == b'1') {
                if let Some(name) = profile.found.get_mut(place) {
                    name.get_or_insert(id);
                }
            }
            let (kind, value) = (row::bytes(found, 3)?, row::optional_bytes(found, 4)?);
            profile.fields.insert(id, Field { id, kind, value, meta: BTreeMap::new() });
        }
        if let (Some(field), Some(key)) = (profile.fields.get_mut(&id), row::optional_bytes(found, 5)?) {
            let value = row::bytes(found, 6)?;
            field.meta.entry(key).or_insert(value);
        }
        profile.levels = row::optional_bytes(found, 7)?;
        profile.friends = found.try_get_unchecked::<i64, _>(8)? != 0;
    }
    Ok(profile)
}
