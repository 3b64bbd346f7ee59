//! How the database weighs texts: two texts are equal in a collation when they weigh the same.
//!
//! What follows from equal weights is the caller's business.

use sqlx::Row as _;

use super::{Db, StoreError, row};
use crate::wp::table_prefix::TablePrefix;
use crate::wp::text_column::TextColumn;

/// The name of a collation, fit for SQL text: letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collation {
    name: TablePrefix,
    charset: TablePrefix,
}

/// What a text weighs in each of two collations.
pub type Weights = [Vec<u8>; 2];

/// The columns of `usermeta` that hold text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaColumns {
    /// `meta_key`
    pub key: TextColumn,
    /// `meta_value`
    pub value: TextColumn,
}

impl Collation {
    /// `None` for what is no name of a collation.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (charset, _) = name.split_once('_')?;
        Some(Self { name: TablePrefix::parse(name)?, charset: TablePrefix::parse(charset)? })
    }

    /// The collation that `wpdb` chooses for its connections: without case and accents, with what Unicode ignores.
    #[must_use]
    pub fn unicode() -> Self {
        Self { name: TablePrefix::utf8mb4().with("_unicode_520_ci"), charset: TablePrefix::utf8mb4() }
    }

    /// `utf8mb4_unicode_520_ci`
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// `utf8mb4`
    #[must_use]
    pub fn charset(&self) -> &str {
        self.charset.as_str()
    }
}

/// The weights of a placeholder, as a text of two hexadecimal halves. No more of it than the second placeholder says:
/// what a column would keep of a text that is too long.
///
/// MySQL types a placeholder by what stands around it and then refuses what that charset lacks (error 3988), hence the
/// conversion to the connection's charset, which changes nothing.
const WEIGHTS_OF_PARAMETER: &str = "CONCAT(\
     HEX(WEIGHT_STRING(LEFT(CONVERT(CONVERT(? USING {charset}) USING {charset_1}), ?) COLLATE {collation_1})), '/', \
     HEX(WEIGHT_STRING(LEFT(CONVERT(CONVERT(? USING {charset}) USING {charset_2}), ?) COLLATE {collation_2})))";

/// The same of a row's key.
pub(super) const WEIGHTS_OF_KEY: &str = "CONCAT(\
     HEX(WEIGHT_STRING(CONVERT(meta_key USING {charset_1}) COLLATE {collation_1})), '/', \
     HEX(WEIGHT_STRING(CONVERT(meta_key USING {charset_2}) COLLATE {collation_2})))";

impl Db {
    /// Type and collation of the columns of `usermeta`, as `wpdb::get_table_charset()` asks for them.
    pub async fn find_meta_columns(&self) -> Result<MetaColumns, StoreError> {
        let sql = self.tables.sql("SHOW FULL COLUMNS FROM {usermeta}");
        let (mut key, mut value) = (None, None);
        for found in &self.pool.fetch_all(sqlx::query(sql)).await? {
            let collation = row::optional_bytes(found, 2)?;
            let collation = collation.as_deref().map(String::from_utf8_lossy);
            let column = TextColumn::parse(&row::text(found, 1)?, collation.as_deref());
            match row::text(found, 0)?.to_ascii_lowercase().as_str() {
                "meta_key" => key = Some(column),
                "meta_value" => value = Some(column),
                _ => {}
            }
        }
        let missing =
            |column| StoreError::Inconsistent { table: "usermeta", column, row: "its columns".to_owned() };
        Ok(MetaColumns {
            key: key.ok_or_else(|| missing("meta_key"))?,
            value: value.ok_or_else(|| missing("meta_value"))?,
        })
    }

    /// What each of the texts weighs, cut to `length` characters, in one statement.
    pub async fn list_weights(
        &self,
        collations: &[Collation; 2],
        texts: &[&str],
        length: u64,
    ) -> Result<Vec<Weights>, StoreError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut parts = vec!["SELECT ", WEIGHTS_OF_PARAMETER];
        for _ in texts.iter().skip(1) {
            parts.extend([", ", WEIGHTS_OF_PARAMETER]);
        }
        // The text differs with the number of keys, which the client chooses: nothing to keep prepared.
        let sql = self.tables.sql_weighing(&parts, 0, Some(collations));
        let query = texts.iter().fold(sqlx::query(sql).persistent(false), |query, text| {
            query.bind(*text).bind(length).bind(*text).bind(length)
        });
        let found = self.pool.fetch_one(query).await?;
        (0..texts.len()).map(|column| weights(&found, column)).collect()
    }

    /// True when a text comes back the same from that column's charset: for the charsets that only the server knows.
    pub async fn survives_charset(&self, text: &str, charset: &Collation) -> Result<bool, StoreError> {
        let sql = self.tables.sql_weighing(
            &["SELECT CAST(CONVERT(CONVERT(CONVERT(? USING {charset}) USING {charset_1}) USING {charset}) AS BINARY) = \
               CAST(CONVERT(? USING {charset}) AS BINARY)"],
            0,
            Some(&[charset.clone(), Collation::unicode()]),
        );
        let found = self.pool.fetch_one(sqlx::query(sql).bind(text).bind(text)).await?;
        Ok(found.try_get_unchecked::<Option<i64>, _>(0)? == Some(1))
    }
}

/// Reads what [`WEIGHTS_OF_KEY`] gave.
pub(super) fn weights(found: &sqlx::mysql::MySqlRow, column: usize) -> Result<Weights, StoreError> {
    let text = row::text(found, column)?;
    let (first, second) = text.split_once('/').unwrap_or((&text, ""));
    let half = |hexadecimal: &str| {
        hex::decode(hexadecimal).map_err(|_| StoreError::Inconsistent {
            table: "usermeta",
            column: "meta_key",
            row: "its weights".to_owned(),
        })
    };
    Ok([half(first)?, half(second)?])
}
