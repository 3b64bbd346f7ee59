//! What a person wants to know of the database server, and which tables are there. Nothing a request needs.

use super::{Db, StoreError, row};

/// The server and the connection to it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub struct ServerFacts {
    /// `VERSION()`
    pub version: String,
    /// `CURRENT_USER()`: the account that the grants are for.
    pub account: String,
    /// `DATABASE()`
    pub database: String,
    /// Its clock, in Unix seconds.
    pub now: i64,
    /// It takes no writes but those of administrators.
    pub is_read_only: bool,
    /// Nor those.
    pub refuses_all_writes: bool,
    /// The connection is encrypted.
    pub has_tls: bool,
    /// Names of databases and tables compare without letter case.
    pub folds_case: bool,
    /// MySQL's partial revokes: wildcards in grants are none.
    pub has_partial_revokes: bool,
}

impl ServerFacts {
    /// `MariaDB` or `MySQL`.
    #[must_use]
    pub fn product(&self) -> &'static str {
        if self.version.contains("MariaDB") { "MariaDB" } else { "MySQL" }
    }

    /// Major and minor number.
    #[must_use]
    pub fn release(&self) -> Option<(u32, u32)> {
        // Replication once needed a prefix: 5.5.5-10.6.12-MariaDB.
        let text = self.version.strip_prefix("5.5.5-").unwrap_or(&self.version);
        let mut numbers = text.split(|c: char| !c.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

impl Db {
    /// Asks the server about itself.
    pub async fn find_server(&self) -> Result<ServerFacts, StoreError> {
        let sql = "SELECT VERSION(), CURRENT_USER(), DATABASE(), CAST(UNIX_TIMESTAMP() AS CHAR)";
        let found = self.pool.fetch_one(sqlx::query(sql)).await?;
        let variables = self
            .pairs(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
                 ('read_only', 'super_read_only', 'lower_case_table_names', 'partial_revokes')",
            )
            .await?;
        let status = self.pairs("SHOW SESSION STATUS LIKE 'Ssl_cipher'").await?;
        let is_on = |name: &str| {
            let value = variables.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
            value.is_some_and(|(_, value)| !matches!(value.as_str(), "0" | "OFF" | ""))
        };
        // Words of MariaDB 12; the other values are ON and OFF.
        let shuts_out_administrators =
            |(name, value): &(String, String)| name == "read_only" && value.ends_with("NO_ADMIN");
        Ok(ServerFacts {
            version: row::text(&found, 0)?,
            account: row::text(&found, 1)?,
            database: row::text(&found, 2)?,
            now: row::text(&found, 3)?.parse().unwrap_or_default(),
            is_read_only: is_on("read_only") || is_on("super_read_only"),
            refuses_all_writes: is_on("super_read_only") || variables.iter().any(shuts_out_administrators),
            has_tls: status.iter().any(|(_, cipher)| !cipher.is_empty()),
            folds_case: is_on("lower_case_table_names"),
            has_partial_revokes: is_on("partial_revokes"),
        })
    }

    /// The tables of the database that the account may see.
    pub async fn list_tables(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
             ORDER BY table_name";
        let found = self.pool.fetch_all(sqlx::query(sql)).await?;
        found.iter().map(|found| row::text(found, 0)).collect()
    }

    async fn pairs(&self, sql: &'static str) -> Result<Vec<(String, String)>, StoreError> {
        let found = self.pool.fetch_all(sqlx::query(sql)).await?;
        found.iter().map(|found| Ok((row::text(found, 0)?, row::text(found, 1)?))).collect()
    }
}
