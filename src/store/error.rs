//! What can go wrong below: the driver failed, or the data contradict themselves.

/// A failed statement, or a row that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the way to it failed.
    #[error("database: {0}")]
    Driver(#[source] sqlx::Error),
    /// MySQL's usual way to log in, with neither TLS nor the driver's RSA code to hide the password.
    #[error(
        "the database account logs in by caching_sha2_password, which needs a connection with TLS, and this one has \
         none. Turn TLS on in the server and for the service (ssl-mode=required in database.url, or \
         define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL) in wp-config.php), or build the service with \
         --features mysql-rsa"
    )]
    NeedsTls,
    /// COMMIT failed. Unless the server says that it rolled back, nobody knows how it ended.
    #[error("database, in COMMIT: {0}")]
    Commit(#[source] sqlx::Error),
    /// A value that the schema does not allow.
    #[error("unreadable value in {table}.{column}, row {row}")]
    Inconsistent {
        /// Table, without prefix.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// The settings of the connection cannot be used.
    #[error("database settings: {0}")]
    Settings(String),
    /// Other writers changed the row again and again.
    #[error("gave up writing {table} of user {user_id}: other writers kept changing it")]
    Contended {
        /// Table, without prefix.
        table: &'static str,
        /// Whose.
        user_id: u64,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // The driver names its own features only; a changed text falls back to it.
            sqlx::Error::Configuration(cause) if cause.to_string().contains("mysql-rsa") => Self::NeedsTls,
            other => Self::Driver(other),
        }
    }
}

impl StoreError {
    /// True when the server rolled back for somebody else's sake and the work may be done again: a deadlock or a
    /// lock-wait time-out, a row that changed under a snapshot (MariaDB), or a cluster's veto in COMMIT.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        // ER_CHECKREAD, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK (Galera's veto too),
        // ER_TRANSACTION_ROLLBACK_DURING_COMMIT (Group Replication).
        matches!(self.number(), Some(1020 | 1205 | 1213 | 3101))
    }

    /// True when a text looked for has characters that the column's charset lacks: MySQL refuses the comparison,
    /// and nothing in the column can equal the text.
    #[must_use]
    pub fn is_beyond_charset(&self) -> bool {
        // ER_CANT_AGGREGATE_2COLLATIONS (MariaDB), ER_CANNOT_CONVERT_STRING, ER_IMPOSSIBLE_STRING_CONVERSION (MySQL).
        matches!(self.number(), Some(1267 | 3854 | 3988))
    }

    /// The server's number for what went wrong.
    fn number(&self) -> Option<u16> {
        let (Self::Driver(sqlx::Error::Database(error)) | Self::Commit(sqlx::Error::Database(error))) = self
        else {
            return None;
        };
        error
            .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
            .map(sqlx::mysql::MySqlDatabaseError::number)
    }

    /// True when the connection broke in COMMIT: done or not, nobody knows.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Commit(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)))
    }
}
