//! The statements of one attempt, in order.

use sqlx::Row as _;

use super::{Inserted, Registered, Registration};
use crate::store::lease::Lease;
use crate::store::{Db, StoreError, row};
use crate::wp::new_user::nicename_with_suffix;

/// More users than this and WordPress no longer counts them at each change (`wp_is_large_user_count()`).
const MOST_COUNTED: u64 = 10_000;

/// How many suffixed nicenames one statement asks for.
const NICENAMES_AT_ONCE: u32 = 16;

/// What the transaction sees behind its first write.
struct Look {
    /// The user of an attempt before, whose end was not heard of.
    own: Option<u64>,
    login: bool,
    email: bool,
    nicename: bool,
    /// `user_count` with the 1 added.
    counted: String,
    /// The users before this one; 0 where WordPress does not count them.
    users: u64,
}

impl Db {
    /// One attempt; an error leaves nothing behind.
    pub(super) async fn attempt(&self, new: &Registration<'_>) -> Result<Inserted, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // A lock wait that timed out does not roll back by itself; a rollback that fails ends the connection.
        match self.write(&mut transaction, new).await {
            Ok((inserted, true)) => {
                transaction.commit().await?;
                Ok(inserted)
            }
            Ok((inserted, false)) => {
                let _ = transaction.rollback().await;
                Ok(inserted)
            }
            Err(error) => {
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// The outcome, and whether there is something to commit.
    async fn write(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
    ) -> Result<(Inserted, bool), StoreError> {
        self.update_shared_row(connection, new).await?;
        let look = self.find_obstacles(connection, new).await?;
        if let Some(id) = look.own {
            return Ok((Inserted::Done(id), false));
        }
        if look.login {
            return Ok((Inserted::LoginTaken, false));
        }
        if look.email {
            return Ok((Inserted::EmailTaken, false));
        }
        let nicename = if look.nicename {
            self.find_free_nicename(connection, new).await?
        } else {
            new.nicename.to_vec()
        };
        let id = self.insert_user(connection, new, &nicename).await?;
        self.insert_all_meta(connection, id, new.meta).await?;
        if new.may_repeat_keys {
            self.update_repeated_keys(connection, id).await?;
        }
        self.update_user_count(connection, new, &look).await?;
        Ok((Inserted::Done(id), true))
    }

    /// Changes the row that all registrations share, and so waits for the one before.
    async fn update_shared_row(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
    ) -> Result<(), StoreError> {
        let changed = match new.network {
            None => {
                let sql =
                    "UPDATE {options} SET option_value = option_value + 1 WHERE option_name = 'user_count'";
                connection.execute(sqlx::query(self.tables.sql(sql))).await?.rows_affected()
            }
            Some(network) => {
                let sql = "UPDATE {sitemeta} SET meta_value = meta_value + 1 \
                           WHERE meta_key = 'user_count' AND site_id = ?";
                let query = sqlx::query(self.tables.sql(sql)).bind(network);
                connection.execute(query).await?.rows_affected()
            }
        };
        if changed > 0 {
            return Ok(());
        }
        match new.network {
            None => {
                let sql = "INSERT INTO {options} (option_name, option_value, autoload) VALUES ('user_count', '1', ?) \
                           ON DUPLICATE KEY UPDATE option_value = option_value + 1";
                let query = sqlx::query(self.tables.sql(sql)).bind(new.not_autoloaded);
                connection.execute(query).await?;
            }
            Some(network) => {
                let sql = "INSERT INTO {sitemeta} (site_id, meta_key, meta_value) \
                           SELECT ?, 'user_count', '1' FROM DUAL WHERE NOT EXISTS \
                           (SELECT 1 FROM {sitemeta} WHERE meta_key = 'user_count' AND site_id = ? FOR UPDATE)";
                let query = sqlx::query(self.tables.sql(sql)).bind(network).bind(network);
                connection.execute(query).await?;
            }
        }
        Ok(())
    }

    async fn find_obstacles(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
    ) -> Result<Look, StoreError> {
        let counted = if new.network.is_none() {
            "(SELECT option_value FROM {options} WHERE option_name = 'user_count')"
        } else {
            "(SELECT MIN(meta_value) FROM {sitemeta} WHERE meta_key = 'user_count' AND site_id = ?)"
        };
        let sql = self.tables.sql_of(
            &[
                "SELECT (SELECT ID FROM {users} WHERE user_login = ? AND user_pass = ? LIMIT 1), \
                 EXISTS (SELECT 1 FROM {users} WHERE user_login = ?), \
                 EXISTS (SELECT 1 FROM {users} WHERE user_email IN (?, ?) AND user_email <> ''), \
                 EXISTS (SELECT 1 FROM {users} WHERE user_nicename = ? AND user_login <> ?), ",
                counted,
                // Spared where nobody asks for it; MOST_COUNTED and the 1 added.
                ", IF(",
                counted,
                " > 10001, 0, (SELECT COUNT(*) FROM {users}",
                if new.network.is_some() { " WHERE spam = 0 AND deleted = 0))" } else { "))" },
            ],
            0,
        );
        let query = sqlx::query(sql).bind(new.login).bind(new.pass).bind(new.login).bind(new.plain_email);
        let query = row::bind_text(row::bind_text(query, new.email), new.nicename).bind(new.login);
        let query = if let Some(network) = new.network { query.bind(network).bind(network) } else { query };
        let found = connection.fetch_one(query).await?;
        Ok(Look {
            own: found.try_get_unchecked(0)?,
            login: found.try_get_unchecked(1)?,
            email: found.try_get_unchecked(2)?,
            nicename: found.try_get_unchecked(3)?,
            counted: row::text(&found, 4)?,
            users: found.try_get_unchecked(5)?,
        })
    }

    /// The first nicename with a suffix that nobody has. Suffixes start at 2.
    async fn find_free_nicename(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
    ) -> Result<Vec<u8>, StoreError> {
        let one = "EXISTS (SELECT 1 FROM {users} WHERE user_nicename = ? AND user_login <> ?)";
        let mut parts = vec!["SELECT ", one];
        for _ in 1..NICENAMES_AT_ONCE {
            parts.extend([", ", one]);
        }
        let mut first = 2_u32;
        loop {
            let candidates: Vec<Vec<u8>> = (first..first.saturating_add(NICENAMES_AT_ONCE))
                .map(|suffix| nicename_with_suffix(new.nicename, suffix))
                .collect();
            let sql = sqlx::query(self.tables.sql_of(&parts, 0));
            let query = candidates
                .iter()
                .fold(sql, |query, nicename| row::bind_text(query, nicename).bind(new.login));
            let found = connection.fetch_one(query).await?;
            for (place, nicename) in candidates.iter().enumerate() {
                if !found.try_get_unchecked::<bool, _>(place)? {
                    return Ok(nicename.clone());
                }
            }
            first = first.saturating_add(NICENAMES_AT_ONCE);
        }
    }

    async fn insert_user(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
        nicename: &[u8],
    ) -> Result<u64, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "INSERT INTO {users} (user_login, user_pass, user_activation_key, user_nicename, user_email, user_url, \
                 display_name, user_registered) VALUES (?, ?, ?, ?, ?, ?, ?, ",
                match new.registered {
                    Registered::Text(_) => "?)",
                    Registered::Seconds(_) => "TIMESTAMPADD(SECOND, ?, '1970-01-01 00:00:00'))",
                },
            ],
            0,
        );
        let mut query = sqlx::query(sql).bind(new.login).bind(new.pass).bind(new.activation_key);
        for text in [nicename, new.email, new.url, new.display_name] {
            query = row::bind_text(query, text);
        }
        let query = match new.registered {
            Registered::Text(text) => query.bind(text),
            Registered::Seconds(seconds) => query.bind(seconds),
        };
        Ok(connection.execute(query).await?.last_insert_id())
    }

    async fn insert_all_meta(
        &self,
        connection: &mut Lease,
        user_id: u64,
        meta: &[(Vec<u8>, Option<Vec<u8>>)],
    ) -> Result<(), StoreError> {
        let mut parts = vec!["INSERT INTO {usermeta} (user_id, meta_key, meta_value) VALUES (?, ?, ?)"];
        parts.resize(meta.len(), ", (?, ?, ?)");
        let mut query = sqlx::query(self.tables.sql_of(&parts, 0));
        for (key, value) in meta {
            query = row::bind_text(query.bind(user_id), key);
            query = match value {
                Some(value) => row::bind_text(query, value),
                None => query.bind(None::<&str>),
            };
        }
        connection.execute(query).await?;
        Ok(())
    }

    /// Rows whose key repeats an earlier one's, as the column compares them, give that one their value: what
    /// `update_user_meta()` in turn would have done.
    async fn update_repeated_keys(&self, connection: &mut Lease, user_id: u64) -> Result<(), StoreError> {
        let sql = self.tables.sql(
            "UPDATE {usermeta} first \
             JOIN (SELECT MIN(umeta_id) AS first_id, MAX(umeta_id) AS last_id FROM {usermeta} WHERE user_id = ? \
             GROUP BY meta_key HAVING COUNT(*) > 1) repeated ON first.umeta_id = repeated.first_id \
             JOIN {usermeta} last ON last.umeta_id = repeated.last_id SET first.meta_value = last.meta_value",
        );
        if connection.execute(sqlx::query(sql).bind(user_id)).await?.rows_affected() > 0 {
            let sql = self.tables.sql(
                "DELETE later FROM {usermeta} later JOIN {usermeta} earlier ON earlier.user_id = later.user_id \
                 AND earlier.meta_key = later.meta_key AND earlier.umeta_id < later.umeta_id WHERE later.user_id = ?",
            );
            connection.execute(sqlx::query(sql).bind(user_id)).await?;
        }
        Ok(())
    }

    /// Leaves in `user_count` what WordPress would: the number of users while there are few, else the old value.
    /// Mirrors `wp_maybe_update_user_counts()`.
    async fn update_user_count(
        &self,
        connection: &mut Lease,
        new: &Registration<'_>,
        look: &Look,
    ) -> Result<(), StoreError> {
        let before = look.counted.parse().ok().and_then(|counted: u64| counted.checked_sub(1));
        let right = match before {
            Some(many) if many > MOST_COUNTED => many.to_string(),
            _ => (look.users + 1).to_string(),
        };
        if look.counted == right {
            return Ok(());
        }
        match new.network {
            None => {
                let sql = "UPDATE {options} SET option_value = ? WHERE option_name = 'user_count'";
                connection.execute(sqlx::query(self.tables.sql(sql)).bind(right)).await?;
            }
            Some(network) => {
                let sql =
                    "UPDATE {sitemeta} SET meta_value = ? WHERE meta_key = 'user_count' AND site_id = ?";
                connection.execute(sqlx::query(self.tables.sql(sql)).bind(right).bind(network)).await?;
            }
        }
        Ok(())
    }
}
