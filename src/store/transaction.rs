//! Several statements that count together or not at all.
//!
//! A deadlock undoes the whole of it, so the whole is what a caller runs again: [`super::Retry`].

use super::lease::Lease;
use super::{Db, StoreError, Tables};

/// A transaction; what is not committed is undone when this is dropped.
pub struct Transaction<'a> {
    pub(super) lease: Lease,
    pub(super) tables: &'a Tables,
}

impl Db {
    /// Starts a transaction.
    pub async fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        Ok(Transaction { lease: self.pool.begin().await?, tables: &self.tables })
    }
}

impl Transaction<'_> {
    /// Makes all of it count.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.lease.commit().await
    }
}
