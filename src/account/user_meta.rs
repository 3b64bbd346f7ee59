//! Writing user meta: `update_user_meta()` and `delete_user_meta()` of WordPress, several keys at once or none.
//!
//! Texts are plain here; WordPress's slashes are the caller's business.

use super::Context;
use crate::store::collation::Collation;
use crate::store::usermeta::MetaRow;
use crate::store::{StoreError, Transaction};
use crate::wp::php_serialize::{maybe_serialize, maybe_unserialize};
use crate::wp::php_value::PhpValue;
use crate::wp::text_column::{Fit, TextColumn};

/// A key and the value that it is to have.
#[derive(Clone, Debug)]
pub struct NewMeta {
    /// Any bytes; what the column cannot hold is not written.
    pub key: Vec<u8>,
    /// Text, or an array.
    pub value: PhpValue,
}

/// What `update_user_meta()` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// `false`: the value was there already, or the columns cannot hold it.
    No,
    /// `true`: all rows of the key have the value.
    Yes,
    /// The `umeta_id` of the key's first row.
    Added(u64),
}

/// Why nothing at all was written.
#[derive(Debug, thiserror::Error)]
pub enum MetaError {
    /// A key that no request may write.
    #[error("the meta key {0} is protected")]
    Protected(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change that the columns can hold.
struct Fitting<'a> {
    place: usize,
    key: &'a str,
    value: &'a PhpValue,
    stored: Option<Vec<u8>>,
}

impl Context<'_> {
    /// Gives a user's keys their values, one after the other in one transaction.
    pub async fn update_user_meta(
        &self,
        user_id: u64,
        changes: &[NewMeta],
    ) -> Result<Vec<Updated>, MetaError> {
        let keys: Vec<&str> =
            changes.iter().filter_map(|change| std::str::from_utf8(&change.key).ok()).collect();
        self.refuse_protected(&keys).await?;
        let mut fitting = Vec::with_capacity(changes.len());
        for (place, change) in changes.iter().enumerate() {
            let stored = maybe_serialize(&change.value);
            if let Some(key) = self.fitting_key(&change.key).await?
                && self.fits(&self.site.meta_columns.value, stored.as_deref().unwrap_or_default()).await?
            {
                fitting.push(Fitting { place, key, value: &change.value, stored });
            }
        }
        if fitting.is_empty() {
            return Ok(vec![Updated::No; changes.len()]);
        }
        let mut retry = self.db.retry();
        loop {
            match self.try_update(user_id, &fitting, changes.len()).await {
                Err(MetaError::Store(error)) => retry.again(error).await?,
                other => return other,
            }
        }
    }

    /// Deletes the rows of a key that have this value; both compare in their columns' collations.
    pub async fn delete_user_meta(
        &self,
        user_id: u64,
        key: &[u8],
        value: &PhpValue,
    ) -> Result<bool, MetaError> {
        let Some(key) = self.fitting_key(key).await? else {
            return Ok(false);
        };
        self.refuse_protected(&[key]).await?;
        let stored = maybe_serialize(value).unwrap_or_default();
        if !self.fits(&self.site.meta_columns.value, &stored).await? {
            return Ok(false);
        }
        let mut retry = self.db.retry();
        loop {
            match self.try_delete(user_id, key, &stored).await {
                Err(MetaError::Store(error)) => retry.again(error).await?,
                other => return other,
            }
        }
    }

    async fn try_update(
        &self,
        user_id: u64,
        changes: &[Fitting<'_>],
        count: usize,
    ) -> Result<Vec<Updated>, MetaError> {
        let mut updated = vec![Updated::No; count];
        let mut transaction = self.db.begin().await?;
        if !transaction.lock_user(user_id).await? {
            return Ok(updated);
        }
        for change in changes {
            let done = self.update_one(&mut transaction, user_id, change).await?;
            if let Some(place) = updated.get_mut(change.place) {
                *place = done;
            }
        }
        transaction.commit().await?;
        Ok(updated)
    }

    /// `update_metadata()` without a previous value.
    async fn update_one(
        &self,
        transaction: &mut Transaction<'_>,
        user_id: u64,
        change: &Fitting<'_>,
    ) -> Result<Updated, MetaError> {
        let rows = transaction.list_meta(user_id, change.key, None).await?;
        let stored = change.stored.as_deref();
        if rows.is_empty() {
            return Ok(Updated::Added(transaction.insert_meta(user_id, change.key, stored).await?));
        }
        self.refuse_stored(&rows)?;
        // What get_metadata() reads: rows of exactly this key, compared as PHP values with their types.
        let mut own = rows.iter().filter(|row| row.key == change.key.as_bytes());
        if let (Some(only), None) = (own.next(), own.next())
            && only.value.as_deref().map_or(PhpValue::Null, maybe_unserialize) == *change.value
        {
            return Ok(Updated::No);
        }
        // The server counts a row as changed only when its text changes.
        if rows.iter().all(|row| row.value.as_deref() == stored) {
            return Ok(Updated::No);
        }
        transaction.update_meta(&ids(&rows), stored).await?;
        Ok(Updated::Yes)
    }

    /// `delete_metadata()` with a value.
    async fn try_delete(&self, user_id: u64, key: &str, stored: &[u8]) -> Result<bool, MetaError> {
        let mut transaction = self.db.begin().await?;
        if !transaction.lock_user(user_id).await? {
            return Ok(false);
        }
        let rows = transaction.list_meta(user_id, key, Some(stored)).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        self.refuse_stored(&rows)?;
        let deleted = transaction.delete_meta(&ids(&rows), stored).await?;
        transaction.commit().await?;
        Ok(deleted)
    }

    async fn refuse_protected(&self, keys: &[&str]) -> Result<(), MetaError> {
        match self.protected_meta_key(keys).await? {
            Some(key) => Err(MetaError::Protected(key)),
            None => Ok(()),
        }
    }

    /// The rows that a key reached are looked at once more by the names that they have.
    fn refuse_stored(&self, rows: &[MetaRow]) -> Result<(), MetaError> {
        match rows.iter().find(|row| self.site.protected_meta.is_stored_name(&row.key)) {
            Some(row) => Err(MetaError::Protected(String::from_utf8_lossy(&row.key).into_owned())),
            None => Ok(()),
        }
    }

    /// The key as text, if it is one that WordPress writes: not empty in PHP's sense, and one that the column can hold.
    /// No row has any other.
    pub(super) async fn fitting_key<'k>(&self, key: &'k [u8]) -> Result<Option<&'k str>, StoreError> {
        match std::str::from_utf8(key) {
            Ok("" | "0") | Err(_) => Ok(None),
            Ok(text) => Ok(self.fits(&self.site.meta_columns.key, key).await?.then_some(text)),
        }
    }

    /// True when a column holds the text unchanged, as far as can be told without asking the server.
    pub(super) fn surely_fits(&self, column: &TextColumn, text: &[u8]) -> bool {
        match column.fit(text, self.db.tables().connection_charset()) {
            Fit::Fits => true,
            Fit::Refused => false,
            Fit::AskServer => text.is_ascii(),
        }
    }

    async fn fits(&self, column: &TextColumn, text: &[u8]) -> Result<bool, StoreError> {
        match column.fit(text, self.db.tables().connection_charset()) {
            Fit::Fits => Ok(true),
            Fit::Refused => Ok(false),
            Fit::AskServer => {
                let collation = column.collation.as_deref().and_then(Collation::parse);
                match (std::str::from_utf8(text), collation) {
                    (Ok(text), Some(collation)) => self.db.survives_charset(text, &collation).await,
                    _ => Ok(false),
                }
            }
        }
    }
}

fn ids(rows: &[MetaRow]) -> Vec<u64> {
    rows.iter().map(|row| row.id).collect()
}
