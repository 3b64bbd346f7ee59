//! What can go wrong below: the driver failed, or the data contradict themselves.

/// A failed statement, or a row that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the way to it failed.
    #[error("database: {}", said(.0))]
    Driver(#[source] sqlx::Error),
    /// MySQL's usual way to log in, with neither TLS nor the driver's RSA code to hide the password.
    #[error(
        "the database account logs in by caching_sha2_password, which needs a connection with TLS, and this one has \
         none. Turn TLS on in the server and for the service (ssl-mode=required in database.url, or \
         define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL) in wp-config.php), or build the service with \
         --features mysql-rsa"
    )]
    NeedsTls,
    /// The server refused a COMMIT: nothing of the transaction is left.
    #[error("database, in COMMIT: {}", said(.0))]
    Commit(#[source] sqlx::Error),
    /// The connection broke in COMMIT: done or not, nobody knows.
    #[error("database: the connection broke in COMMIT")]
    CommitUnheard,
    /// A statement took too long; its connection is closed.
    #[error("database: a statement took longer than {seconds} seconds")]
    Deadline {
        /// The limit.
        seconds: u64,
    },
    /// The server did not let anybody in in time.
    #[error("database: no connection in time")]
    NoConnection,
    /// All connections are in use.
    #[error("database: all connections stayed in use; database.max_connections may be too low")]
    NoConnectionFree,
    /// The service stops.
    #[error("database: the connections are closed")]
    Closed,
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
    /// Rows came or went between two statements of a transaction.
    #[error("another writer was faster")]
    Overtaken,
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

/// Errors whose texts name tables, columns, accounts and limits, and never what a statement was to write.
const NO_VALUES: &[u16] = &[
    // The server, the way to it and its files.
    1021, 1030, 1040, 1041, 1044, 1045, 1047, 1049, 1053, 1114, 1129, 1130, 1153, 1158, 1159, 1160, 1161,
    1194, 1195, 1203, 1226, 1290, 1836, 1927, 4031, // Tables and columns.
    1046, 1048, 1054, 1142, 1143, 1146, 1264, 1364, 1406, // Locks, deadlines and transactions.
    1020, 1205, 1213, 1317, 1792, 1969, 3024, 3101, 3572,
];

/// The driver's words for the log. What the server says of a value, it may quote: that is left out.
fn said(error: &sqlx::Error) -> String {
    let text = error.to_string();
    match number(error) {
        // A trigger's own words.
        Some(1644) => "a trigger refused the row".to_owned(),
        Some(number) if !NO_VALUES.contains(&number) => without_quotes(&text),
        _ => text,
    }
}

/// The server's number for what went wrong.
fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>();
    error.map(sqlx::mysql::MySqlDatabaseError::number)
}

/// From the first quote to the last: a value may hold quotes itself.
fn without_quotes(text: &str) -> String {
    let quote = |c: char| matches!(c, '\'' | '"' | '`');
    match (text.split_once(quote), text.rsplit_once(quote)) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => text.to_owned(),
    }
}

impl StoreError {
    /// True when the server rolled back for somebody else's sake and the work may be done again: a deadlock or a
    /// lock-wait time-out, a row that changed under a snapshot (MariaDB), or a cluster's veto in COMMIT; or when another
    /// writer came between two statements.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        if matches!(self, Self::Overtaken) {
            return true;
        }
        // ER_CHECKREAD, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK (Galera's veto too),
        // ER_AUTOINC_READ_FAILED (MariaDB's deadlock over a table's counter), ER_TRANSACTION_ROLLBACK_DURING_COMMIT
        // (Group Replication).
        matches!(self.number(), Some(1020 | 1205 | 1213 | 1467 | 3101))
    }

    /// True when a text looked for has characters that the column's charset lacks: MySQL refuses the comparison,
    /// and nothing in the column can equal the text.
    #[must_use]
    pub fn is_beyond_charset(&self) -> bool {
        // ER_CANT_AGGREGATE_2COLLATIONS (MariaDB), ER_CANNOT_CONVERT_STRING, ER_IMPOSSIBLE_STRING_CONVERSION (MySQL).
        matches!(self.number(), Some(1267 | 3854 | 3988))
    }

    /// The server's number for what went wrong.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        match self {
            Self::Driver(error) | Self::Commit(error) => number(error),
            _ => None,
        }
    }

    /// True when TLS was asked for and the server has none. The driver tells that by its text alone.
    #[must_use]
    pub fn lacks_tls(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Tls(cause)) if cause.to_string().contains("does not support TLS"))
    }

    /// True when the driver does not understand the server: mostly an account's way to log in.
    #[must_use]
    pub fn is_of_protocol(&self) -> bool {
        matches!(self, Self::Driver(sqlx::Error::Protocol(_)))
    }

    /// True when the connection broke in COMMIT: done or not, nobody knows.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::CommitUnheard)
    }

    /// True when the connection, or the way to the server, can no longer be used.
    pub(super) fn is_broken(&self) -> bool {
        match self {
            Self::Driver(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_))
            | Self::Deadline { .. }
            | Self::NoConnection
            | Self::CommitUnheard => true,
            // ER_SERVER_SHUTDOWN, ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED (MariaDB),
            // ER_CLIENT_INTERACTION_TIMEOUT (MySQL): the server hangs up behind them.
            _ => matches!(self.number(), Some(1053 | 1317 | 1927 | 4031)),
        }
    }

    /// True when the server has no room for another connection.
    pub(super) fn is_server_full(&self) -> bool {
        // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED.
        matches!(self.number(), Some(1040 | 1203 | 1226))
    }

    /// True when the server takes no writes: a replica, or what was the primary until a moment ago.
    pub(super) fn is_read_only(&self) -> bool {
        // ER_OPTION_PREVENTS_STATEMENT, ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE.
        matches!(self.number(), Some(1290 | 1792 | 1836))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_quotes_is_left_out() {
        let cases = [
            (
                "1062 (23000): Duplicate entry 'o'brien@example.org' for key 'user_email'",
                "1062 (23000): Duplicate entry …",
            ),
            (
                "1366 (22007): Incorrect string value: '\\xF0' for column `d`.`t`.`c` at row 1",
                "1366 (22007): Incorrect string value: … at row 1",
            ),
            ("1690 (22003): BIGINT value is out of range", "1690 (22003): BIGINT value is out of range"),
        ];
        for (text, told) in cases {
            assert_eq!(without_quotes(text), told);
        }
    }
}
