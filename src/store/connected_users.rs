//! A new row of `users` with its meta, in one transaction.

use super::{Db, StoreError};

/// What is stored of a new user.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns' names say it")]
pub struct ConnectedUser<'a> {
    pub login: &'a str,
    pub pass: &'a str,
    pub nicename: &'a str,
    pub email: &'a str,
    pub display_name: &'a str,
    /// `user_registered`, in Unix seconds.
    pub now: i64,
    /// Key and value, in order.
    pub meta: &'a [(&'a str, &'a str)],
}

impl Db {
    /// Inserts all of it and gives the user's id.
    pub async fn insert_connected_user(&self, user: &ConnectedUser<'_>) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // The session's time zone is not always UTC, so the date is reckoned from 1970.
        let sql = self.tables.sql(
            "INSERT INTO {users} (user_login, user_pass, user_nicename, user_email, display_name, user_registered, \
             user_url, user_activation_key, user_status) \
             VALUES (?, ?, ?, ?, ?, DATE_ADD('1970-01-01', INTERVAL ? SECOND), '', '', 0)",
        );
        let done = sqlx::query(sql)
            .bind(user.login)
            .bind(user.pass)
            .bind(user.nicename)
            .bind(user.email)
            .bind(user.display_name)
            .bind(user.now)
            .execute(&mut *transaction)
            .await?;
        let user_id = done.last_insert_id();
        for (key, value) in user.meta {
            let sql =
                self.tables.sql("INSERT INTO {usermeta} (user_id, meta_key, meta_value) VALUES (?, ?, ?)");
            sqlx::query(sql).bind(user_id).bind(*key).bind(*value).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(user_id)
    }
}
