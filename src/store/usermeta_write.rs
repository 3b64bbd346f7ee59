//! Writes to `usermeta` as `add_metadata()`, `update_metadata()` and `delete_metadata()` make them, in a transaction.
//!
//! What is to be written, and whether, is decided in `account`.

use super::usermeta::{MetaRow, meta_of};
use super::{StoreError, Transaction, row};

impl Transaction<'_> {
    /// The rows of one user whose key matches in the column's collation, lowest `umeta_id` first; with `value` only
    /// those whose value matches too. `None` when there is no such user.
    ///
    /// They are locked, and the user's own row before them: the schema has no unique key, so that row is what puts
    /// two writers of a new key in order. WordPress takes no locks.
    pub async fn list_meta_for_update(
        &mut self,
        user_id: u64,
        key: &str,
        value: Option<&[u8]>,
    ) -> Result<Option<Vec<MetaRow>>, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT m.umeta_id, m.meta_key, m.meta_value FROM {users} u LEFT JOIN {usermeta} m \
                 ON m.user_id = u.ID AND m.meta_key = ?",
                if value.is_some() { " AND m.meta_value = ?" } else { "" },
                " WHERE u.ID = ? ORDER BY m.umeta_id FOR UPDATE",
            ],
            0,
        );
        let mut query = sqlx::query(sql).bind(key);
        if let Some(value) = value {
            query = row::bind_text(query, value);
        }
        let found = self.lease.fetch_all(query.bind(user_id)).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            rows.extend(meta_of(row, 0)?);
        }
        Ok(Some(rows))
    }

    /// Gives the rows a value; `None` is SQL NULL.
    pub async fn update_meta(&mut self, ids: &[u64], value: Option<&[u8]>) -> Result<(), StoreError> {
        let sql = self
            .tables
            .sql_of(&["UPDATE {usermeta} SET meta_value = ? WHERE umeta_id IN ({list})"], ids.len());
        let query = sqlx::query(sql).persistent(ids.len() == 1);
        let query = match value {
            Some(value) => row::bind_text(query, value),
            None => query.bind(None::<&str>),
        };
        self.lease.execute(ids.iter().fold(query, |query, id| query.bind(*id))).await?;
        Ok(())
    }

    /// Adds a row and gives its `umeta_id`.
    pub async fn insert_meta(
        &mut self,
        user_id: u64,
        key: &str,
        value: Option<&[u8]>,
    ) -> Result<u64, StoreError> {
        let sql = self.tables.sql("INSERT INTO {usermeta} (user_id, meta_key, meta_value) VALUES (?, ?, ?)");
        let query = sqlx::query(sql).bind(user_id).bind(key);
        let query = match value {
            Some(value) => row::bind_text(query, value),
            None => query.bind(None::<&str>),
        };
        Ok(self.lease.execute(query).await?.last_insert_id())
    }

    /// Deletes the rows.
    pub async fn delete_meta(&mut self, ids: &[u64]) -> Result<(), StoreError> {
        let sql = self.tables.sql_of(&["DELETE FROM {usermeta} WHERE umeta_id IN ({list})"], ids.len());
        let query = sqlx::query(sql).persistent(ids.len() == 1);
        self.lease.execute(ids.iter().fold(query, |query, id| query.bind(*id))).await?;
        Ok(())
    }
}
