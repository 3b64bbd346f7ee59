//! Writes to `usermeta` as `add_metadata()`, `update_metadata()` and `delete_metadata()` make them, in a transaction.
//!
//! What is to be written, and whether, is decided in `account`.

use super::usermeta::{MetaRow, rows_of};
use super::{StoreError, Transaction, row};

impl Transaction<'_> {
    /// Locks a user's own row; false when there is no such user.
    ///
    /// The schema of `usermeta` has no unique key, so this is what puts two writers of a user's meta in order.
    /// WordPress takes no locks, and none is taken that it would meet: a reader that locked the rows it passes would
    /// meet WordPress's updates in another order, and WordPress does not do again what a deadlock undid.
    pub async fn lock_user(&mut self, user_id: u64) -> Result<bool, StoreError> {
        let sql = self.tables.sql("SELECT ID FROM {users} WHERE ID = ? FOR UPDATE");
        Ok(self.lease.fetch_optional(sqlx::query(sql).bind(user_id)).await?.is_some())
    }

    /// The rows of one user whose key matches in the column's collation, lowest `umeta_id` first; with `value` only
    /// those whose value matches too. They are not locked; the user is, see [`Self::lock_user`].
    pub async fn list_meta(
        &mut self,
        user_id: u64,
        key: &str,
        value: Option<&[u8]>,
    ) -> Result<Vec<MetaRow>, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT umeta_id, meta_key, meta_value FROM {usermeta} WHERE user_id = ? AND meta_key = ?",
                if value.is_some() { " AND meta_value = ?" } else { "" },
            ],
            0,
        );
        let mut query = sqlx::query(sql).bind(user_id).bind(key);
        if let Some(value) = value {
            query = row::bind_text(query, value);
        }
        rows_of(&self.lease.fetch_all(query).await?)
    }

    /// Gives the rows a value; `None` is SQL NULL. Fails as a deadlock does when one of them is gone.
    pub async fn update_meta(&mut self, ids: &[u64], value: Option<&[u8]>) -> Result<(), StoreError> {
        let sql = self
            .tables
            .sql_of(&["UPDATE {usermeta} SET meta_value = ? WHERE umeta_id IN ({list})"], ids.len());
        let query = sqlx::query(sql).persistent(ids.len() == 1);
        let query = match value {
            Some(value) => row::bind_text(query, value),
            None => query.bind(None::<&str>),
        };
        let done = self.lease.execute(ids.iter().fold(query, |query, id| query.bind(*id))).await?;
        if done.rows_affected() < ids.len() as u64 { Err(StoreError::Overtaken) } else { Ok(()) }
    }

    /// Adds the first row of a key and gives its `umeta_id`. Fails as a deadlock does when there is one by now.
    pub async fn insert_meta(
        &mut self,
        user_id: u64,
        key: &str,
        value: Option<&[u8]>,
    ) -> Result<u64, StoreError> {
        // WordPress may have added one since; from here on it waits. Two statements: INSERT with SELECT would lock the
        // table's counter as well, and MariaDB calls a deadlock over that by another name.
        let sql = self.tables.sql("SELECT 1 FROM {usermeta} WHERE user_id = ? AND meta_key = ? FOR UPDATE");
        let found = self.lease.fetch_optional(sqlx::query(sql).bind(user_id).bind(key)).await?;
        if found.is_some() {
            return Err(StoreError::Overtaken);
        }
        let sql = self.tables.sql("INSERT INTO {usermeta} (user_id, meta_key, meta_value) VALUES (?, ?, ?)");
        let query = sqlx::query(sql).bind(user_id).bind(key);
        let query = match value {
            Some(value) => row::bind_text(query, value),
            None => query.bind(None::<&str>),
        };
        Ok(self.lease.execute(query).await?.last_insert_id())
    }

    /// Deletes those of the rows that still have the value. True when there were any.
    pub async fn delete_meta(&mut self, ids: &[u64], value: &[u8]) -> Result<bool, StoreError> {
        let sql = self
            .tables
            .sql_of(&["DELETE FROM {usermeta} WHERE meta_value = ? AND umeta_id IN ({list})"], ids.len());
        let query = row::bind_text(sqlx::query(sql).persistent(ids.len() == 1), value);
        let done = self.lease.execute(ids.iter().fold(query, |query, id| query.bind(*id))).await?;
        Ok(done.rows_affected() > 0)
    }
}
