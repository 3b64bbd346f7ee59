//! Columns as bytes. The foreign schema holds text that need not be UTF-8, so nothing is decoded here.

use sqlx::Row as _;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::query::Query;

use super::StoreError;

/// A text or blob column; NULL reads as empty.
pub(super) fn bytes(row: &MySqlRow, column: usize) -> Result<Vec<u8>, StoreError> {
    Ok(optional_bytes(row, column)?.unwrap_or_default())
}

/// A text or blob column.
pub(super) fn optional_bytes(row: &MySqlRow, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(row.try_get_unchecked::<Option<Vec<u8>>, _>(column)?)
}

/// A column that holds ASCII whatever the site's charset: a date as text, a number as text.
pub(super) fn text(row: &MySqlRow, column: usize) -> Result<String, StoreError> {
    Ok(String::from_utf8_lossy(&bytes(row, column)?).into_owned())
}

/// Binds a text as text, so that the server compares and converts it as such. What is no UTF-8 can only have come
/// from a column that holds such bytes, and goes back as it is.
pub(super) fn bind_text<'q>(
    query: Query<'q, sqlx::MySql, MySqlArguments>,
    text: &'q [u8],
) -> Query<'q, sqlx::MySql, MySqlArguments> {
    match std::str::from_utf8(text) {
        Ok(text) => query.bind(text),
        Err(_) => query.bind(text),
    }
}
