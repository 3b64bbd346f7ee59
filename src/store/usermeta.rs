//! The table `usermeta`. Values are bytes; what they mean is `wp`'s business.
//!
//! Writes that start from a value read before compare it again in the statement itself: WordPress takes no locks,
//! so this is what keeps its changes, and those of another instance, from being overwritten.

use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::collation::{self, Collation, Weights};
use super::{Db, StoreError, row};

/// See [`Db::find_with_meta`] for the comparison.
const OF_KEY: &str = " AND CAST(CONVERT(meta_key USING {charset}) AS BINARY) = ?";

/// A row of `usermeta`.
#[derive(Clone, PartialEq, Eq)]
pub struct MetaRow {
    /// `umeta_id`
    pub id: u64,
    /// `meta_key`, as stored.
    pub key: Vec<u8>,
    /// `meta_value`; `None` is SQL NULL.
    pub value: Option<Vec<u8>>,
}

/// Values may be sessions and other secrets: they stay hidden.
impl std::fmt::Debug for MetaRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MetaRow({}, {})", self.id, self.key.escape_ascii())
    }
}

/// The meta part of a joined row, `None` where the join found none.
pub(super) fn meta_of(found: &MySqlRow, column: usize) -> Result<Option<MetaRow>, StoreError> {
    let Some(id) = found.try_get_unchecked::<Option<u64>, _>(column)? else {
        return Ok(None);
    };
    Ok(Some(MetaRow {
        id,
        key: row::bytes(found, column + 1)?,
        value: row::optional_bytes(found, column + 2)?,
    }))
}

/// What a row's key weighs, not read yet.
pub struct Weighing<'a> {
    found: &'a MySqlRow,
    column: usize,
}

impl Weighing<'_> {
    /// Reads it.
    pub fn read(&self) -> Result<Weights, StoreError> {
        collation::weights(self.found, self.column)
    }
}

/// Puts rows in the order in which WordPress reads them.
///
/// Asked to do so, the server would copy their long texts first.
pub(super) fn sort(rows: &mut [MetaRow]) {
    rows.sort_unstable_by_key(|row| row.id);
}

/// The value of a key as `get_metadata(…, true)` reads it: the first row with exactly these bytes.
#[must_use]
pub fn first<'a>(meta: &'a [MetaRow], key: &str) -> Option<&'a MetaRow> {
    meta.iter().find(|row| row.key == key.as_bytes())
}

/// Rows of `umeta_id, meta_key, meta_value`, put in order.
pub(super) fn rows_of(found: &[MySqlRow]) -> Result<Vec<MetaRow>, StoreError> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        rows.extend(meta_of(row, 0)?);
    }
    sort(&mut rows);
    Ok(rows)
}

impl Db {
    /// The rows of one user, lowest `umeta_id` first: all, or those of exactly this key.
    pub async fn list_meta(&self, user_id: u64, key: Option<&str>) -> Result<Vec<MetaRow>, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT umeta_id, meta_key, meta_value FROM {usermeta} WHERE user_id = ?",
                if key.is_some() { OF_KEY } else { "" },
            ],
            0,
        );
        let mut query = sqlx::query(sql).bind(user_id);
        if let Some(key) = key {
            query = query.bind(key);
        }
        rows_of(&self.pool.fetch_all(query).await?)
    }

    /// The rows of one user that are kept, lowest `umeta_id` first: of all, or of those of exactly this key. `keep` is
    /// given the key and, if it wants that, what the key weighs.
    pub async fn list_meta_weighed(
        &self,
        user_id: u64,
        key: Option<&str>,
        collations: &[Collation; 2],
        keep: impl Fn(&[u8], Weighing<'_>) -> Result<bool, StoreError>,
    ) -> Result<Vec<MetaRow>, StoreError> {
        let sql = self.tables.sql_weighing(
            &[
                "SELECT umeta_id, meta_key, meta_value, ",
                collation::WEIGHTS_OF_KEY,
                " FROM {usermeta} WHERE user_id = ?",
                if key.is_some() { OF_KEY } else { "" },
            ],
            0,
            Some(collations),
        );
        let mut query = sqlx::query(sql).bind(user_id);
        if let Some(key) = key {
            query = query.bind(key);
        }
        let found = self.pool.fetch_all(query).await?;
        let mut rows = Vec::with_capacity(found.len());
        for found in &found {
            if let Some(row) = meta_of(found, 0)?
                && keep(&row.key, Weighing { found, column: 3 })?
            {
                rows.push(row);
            }
        }
        sort(&mut rows);
        Ok(rows)
    }

    /// Replaces a value if it is still `old`; false when it is not.
    pub async fn update_meta_if_unchanged(
        &self,
        id: u64,
        old: Option<&[u8]>,
        new: &[u8],
    ) -> Result<bool, StoreError> {
        // CONVERT first: the bytes read before went through the connection's charset.
        let sql = || {
            self.tables.sql(
                "UPDATE {usermeta} SET meta_value = ? \
             WHERE umeta_id = ? AND CAST(CONVERT(meta_value USING {charset}) AS BINARY) <=> ?",
            )
        };
        self.retried(async || {
            let query = row::bind_text(sqlx::query(sql()), new);
            let done = self.pool.execute(query.bind(id).bind(old)).await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// Deletes a row if its value is still `old`; false when it is not.
    pub async fn delete_meta_if_unchanged(&self, id: u64, old: Option<&[u8]>) -> Result<bool, StoreError> {
        let sql = || {
            self.tables.sql(
                "DELETE FROM {usermeta} \
             WHERE umeta_id = ? AND CAST(CONVERT(meta_value USING {charset}) AS BINARY) <=> ?",
            )
        };
        self.retried(async || {
            let done = self.pool.execute(sqlx::query(sql()).bind(id).bind(old)).await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// Adds the first row of a key; false when there is one already.
    ///
    /// The schema has no unique key, so two writers are put in order by the user's own row, which the statement
    /// locks before it looks. WordPress takes no such lock.
    pub async fn insert_meta_if_absent(
        &self,
        user_id: u64,
        key: &str,
        value: &[u8],
    ) -> Result<bool, StoreError> {
        let sql = || {
            self.tables.sql(
            "INSERT INTO {usermeta} (user_id, meta_key, meta_value) \
             SELECT u.ID, ?, ? FROM {users} u WHERE u.ID = ? \
             AND NOT EXISTS (SELECT 1 FROM {usermeta} m WHERE m.user_id = u.ID AND m.meta_key = ? FOR UPDATE) \
             FOR UPDATE",
        )
        };
        self.retried(async || {
            let query = row::bind_text(sqlx::query(sql()).bind(key), value);
            let query = query.bind(user_id).bind(key);
            Ok(self.pool.execute(query).await?.rows_affected() > 0)
        })
        .await
    }

    /// Runs a single statement or a whole transaction again when the server rolled it back for a deadlock.
    pub(super) async fn retried<T>(
        &self,
        statement: impl AsyncFn() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut retry = self.retry();
        loop {
            match statement().await {
                Err(error) => retry.again(error).await?,
                Ok(done) => return Ok(done),
            }
        }
    }
}
