//! The table `options`, and `sitemeta` where a network keeps its own.

use super::{Db, StoreError, row};

/// An option's name and its raw value.
pub type OptionRow = (String, Vec<u8>);

impl Db {
    /// The values of some options. Names that do not exist are left out.
    pub async fn list_options(&self, names: &[&str]) -> Result<Vec<OptionRow>, StoreError> {
        let sql = self.tables.sql_of(
            &["SELECT option_name, option_value FROM {options} WHERE option_name IN ({list})"],
            names.len(),
        );
        let query = names.iter().fold(sqlx::query(sql), |query, name| query.bind(*name));
        rows(&self.pool.fetch_all(query).await?)
    }

    /// The same from `sitemeta` of one network.
    pub async fn list_site_options(
        &self,
        network_id: u64,
        names: &[&str],
    ) -> Result<Vec<OptionRow>, StoreError> {
        // The lowest row wins, as WordPress reads it; later ones of a name are dropped by whoever collects them.
        let sql = self.tables.sql_of(
            &["SELECT meta_key, meta_value FROM {sitemeta} WHERE meta_key IN ({list}) AND site_id = ? \
               ORDER BY meta_id DESC"],
            names.len(),
        );
        let query = names.iter().fold(sqlx::query(sql), |query, name| query.bind(*name));
        rows(&self.pool.fetch_all(query.bind(network_id)).await?)
    }

    /// Gives an option that is missing or empty its value; a value stored meanwhile stays. Not autoloaded: salts.
    pub async fn set_empty_option(&self, name: &str, value: &str) -> Result<(), StoreError> {
        // option_name is unique, so two writers end with one row. The words on/off came with 6.6; no/yes are
        // understood by all.
        let sql = self.tables.sql(
            "INSERT INTO {options} (option_name, option_value, autoload) VALUES (?, ?, 'no') \
             ON DUPLICATE KEY UPDATE option_value = IF(option_value IN ('', '0'), VALUES(option_value), option_value)",
        );
        self.pool.execute(sqlx::query(sql).bind(name).bind(value)).await?;
        Ok(())
    }

    /// Adds a network's option unless it is there. `sitemeta` has no unique key: the lowest row is the one read.
    pub async fn insert_site_option_if_absent(
        &self,
        network_id: u64,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let sql = self.tables.sql(
            "INSERT INTO {sitemeta} (site_id, meta_key, meta_value) SELECT ?, ?, ? FROM DUAL \
             WHERE NOT EXISTS (SELECT 1 FROM {sitemeta} WHERE site_id = ? AND meta_key = ?)",
        );
        let query = sqlx::query(sql).bind(network_id).bind(name).bind(value).bind(network_id).bind(name);
        self.pool.execute(query).await?;
        Ok(())
    }
}

fn rows(found: &[sqlx::mysql::MySqlRow]) -> Result<Vec<OptionRow>, StoreError> {
    found.iter().map(|found| Ok((row::text(found, 0)?, row::bytes(found, 1)?))).collect()
}
