//! Adding a user: everything of one registration in one transaction, and only one registration at a time.
//!
//! # Why one at a time
//! Neither login, e-mail nor nicename is unique in WordPress's schema, so "is it free?" and "take it" must not be
//! interleaved with somebody else's. Named locks and `SELECT … FOR UPDATE` would do on one server; on a Galera or
//! Group Replication cluster they hold on one node only. What all of them honour is a conflict of writes: two
//! transactions that change the same row. So each registration begins by really changing one row that they all
//! share, the option `user_count` (of the network, where there is one), and looks only then.
//!
//! - On one server the change waits until the transaction before it has ended. The look behind it is the
//!   transaction's first consistent read, so it sees what that one wrote, at any isolation level.
//! - On two nodes both go on; the second to commit fails certification, is rolled back, and starts over here. Until
//!   the first one's rows have arrived, its own change of the row is thrown out again by them, so its new look
//!   cannot miss them.
//! - The change must be real: an `UPDATE` that leaves the value as it was is neither logged nor certified. Hence
//!   `+ 1`, and a second statement if that is not what WordPress would store: the number of users, or the old
//!   value where there are more than 10,000, for then WordPress counts by cron.
//! - A site without the row gets it: `option_name` is unique, so two first ones collide as well. `sitemeta` has no
//!   unique key; two first ones of a network collide on one server (the statement locks the gap it looks at), and
//!   might not on two nodes. Networks are installed with the row.
//!
//! # Starting over
//! What the server rolled back (deadlock, lock wait, certification) is done again from the beginning. When the
//! connection is lost in COMMIT nobody knows how that ended: the next attempt, behind the same row, finds the user
//! with the very hash that it was about to write, and takes that for its own.
//!
//! WordPress itself takes no part in this: a form of its own that is sent in the same instant can still win twice.
//! So can two services of sites that share a `CUSTOM_USER_TABLE` but have options of their own.
//! On tables without transactions (MyISAM) nothing of this holds; see
//! [`Db::list_tables_without_transactions`].

mod attempt;

use sqlx::Row as _;

use super::{Db, StoreError, row};

/// One user, ready to be written.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    /// `user_login`
    pub login: &'a str,
    /// `user_pass`: freshly salted, so that no other row has it.
    pub pass: &'a str,
    /// `user_nicename`; gets a suffix where it is taken.
    pub nicename: &'a [u8],
    /// `user_email`
    pub email: &'a [u8],
    /// The address before `&` became an entity; must be free as well.
    pub plain_email: &'a str,
    /// `user_url`
    pub url: &'a [u8],
    /// `user_registered`: text that [`Db::find_datetime`] gave, or Unix seconds.
    pub registered: Registered<'a>,
    /// `user_activation_key`
    pub activation_key: &'a str,
    /// `display_name`
    pub display_name: &'a [u8],
    /// Rows of `usermeta`, in order; `None` is SQL NULL.
    pub meta: &'a [(Vec<u8>, Option<Vec<u8>>)],
    /// Some came from a client and may repeat a key before them.
    pub may_repeat_keys: bool,
    /// The network whose users are counted, where there is one.
    pub network: Option<u64>,
    /// The word that a new option that is not autoloaded has: `off`, before 6.6 `no`.
    pub not_autoloaded: &'a str,
}

/// When the user came.
#[derive(Clone, Copy, Debug)]
pub enum Registered<'a> {
    /// `YYYY-MM-DD hh:mm:ss`
    Text(&'a str),
    /// Unix seconds.
    Seconds(i64),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Written; the new `ID`.
    Done(u64),
    /// Another user has the login.
    LoginTaken,
    /// Another user has the e-mail address.
    EmailTaken,
}

/// What others have already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The login.
    pub login: bool,
    /// The e-mail address.
    pub email: bool,
}

impl Db {
    /// Whether login and e-mail are in use as of now; [`Self::insert_registration`] asks again.
    pub async fn find_taken(&self, login: &str, email: &str) -> Result<Taken, StoreError> {
        let sql = self.tables.sql(
            "SELECT EXISTS (SELECT 1 FROM {users} WHERE user_login = ?), \
             EXISTS (SELECT 1 FROM {users} WHERE user_email = ?)",
        );
        let found = self.pool.fetch_one(sqlx::query(sql).bind(login).bind(email)).await?;
        Ok(Taken { login: found.try_get_unchecked(0)?, email: found.try_get_unchecked(1)? })
    }

    /// What a `datetime` column makes of a text. `None` where it would store a zero date.
    pub async fn find_datetime(&self, text: &str) -> Result<Option<String>, StoreError> {
        // CONCAT: MySQL takes a bare parameter for a date already, and is not strict with it.
        let sql = "SELECT CAST(CAST(CONCAT(?, '') AS DATETIME) AS CHAR)";
        let found = self.pool.fetch_one(sqlx::query(sql).bind(text)).await?;
        let text = row::text(&found, 0)?;
        let date = text.get(..10).filter(|date| !date.contains("-00") && !date.starts_with("0000-"));
        Ok(date.is_some().then_some(text))
    }

    /// Writes a user with all meta and the count of users, or nothing.
    pub async fn insert_registration(&self, new: &Registration<'_>) -> Result<Inserted, StoreError> {
        let mut retry = self.retry();
        loop {
            match self.attempt(new).await {
                Err(error) => retry.again_if(error.is_retryable() || error.is_lost(), error).await?,
                Ok(done) => return Ok(done),
            }
        }
    }

    /// Those of the tables a registration writes that keep no transactions, with their engine.
    pub async fn list_tables_without_transactions(&self) -> Result<Vec<(String, String)>, StoreError> {
        let names = self.tables.names();
        let sql = "SELECT t.table_name, t.engine FROM information_schema.tables t \
             LEFT JOIN information_schema.engines e ON e.engine = t.engine \
             WHERE t.table_schema = DATABASE() AND t.table_name IN (?, ?, ?, ?) AND t.table_type = 'BASE TABLE' \
             AND COALESCE(e.transactions, 'NO') <> 'YES' ORDER BY t.table_name";
        let tables = [&names.users, &names.usermeta, &names.options, &names.sitemeta];
        let query = tables.iter().fold(sqlx::query(sql), |query, name| query.bind(name.as_str()));
        let found = self.pool.fetch_all(query).await?;
        found.iter().map(|found| Ok((row::text(found, 0)?, row::text(found, 1)?))).collect()
    }
}
