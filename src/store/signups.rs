//! The table `signups`: registrations of BuddyPress and multisite that wait for their activation.

use super::{Db, StoreError};

impl Db {
    /// True when a registration of that login was never activated.
    pub async fn has_open_signup(&self, login: &str) -> Result<bool, StoreError> {
        let sql = self.tables.sql("SELECT 1 FROM {signups} WHERE user_login = ? AND active = 0 LIMIT 1");
        Ok(self.pool.fetch_optional(sqlx::query(sql).bind(login)).await?.is_some())
    }
}
