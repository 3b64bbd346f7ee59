//! Comparing meta keys with those that are protected, in the database's own way.

use sqlx::Row as _;

use super::{Db, StoreError};

impl Db {
    /// The place of the first key that is protected.
    pub async fn find_protected_key(&self, keys: &[&str]) -> Result<Option<usize>, StoreError> {
        if keys.is_empty() {
            return Ok(None);
        }
        let one = "(SELECT k.w IN ('session_tokens', '_application_passwords', '_new_email', 'primary_blog', \
                   'source_domain') OR k.w LIKE '!_two!_factor!_%' ESCAPE '!' \
                   OR k.w LIKE CONCAT(?, '%capabilities') ESCAPE '!' OR k.w LIKE CONCAT(?, '%user!_level') ESCAPE '!' \
                   FROM (SELECT TRIM(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_unicode_520_ci AS w) k)";
        let mut parts = vec!["SELECT ", one];
        for _ in keys.iter().skip(1) {
            parts.extend([", ", one]);
        }
        // Of the site and of every site of its network: whatever stands between prefix and name.
        let prefix = self.tables.names().blog_prefix.as_str();
        let prefix =
            prefix.strip_suffix('_').unwrap_or(prefix).trim_end_matches(|c: char| c.is_ascii_digit());
        let prefix = prefix.replace('_', "!_");
        let query = sqlx::query(self.tables.sql_of(&parts, 0)).persistent(false);
        let query = keys.iter().fold(query, |query, key| query.bind(&prefix).bind(&prefix).bind(*key));
        let found = query.fetch_one(&self.pool).await?;
        for place in 0..keys.len() {
            if found.try_get_unchecked::<bool, _>(place)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }
}
