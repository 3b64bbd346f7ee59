//! Several statements that count together or not at all.
//!
//! A deadlock undoes the whole of it, so the whole is what a caller runs again: [`StoreError::is_retryable`].

use super::lease::Lease;
use super::{Db, StoreError, Tables};

/// Attempts at a transaction that the server keeps rolling back for deadlocks.
pub const ATTEMPTS: u32 = 5;

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

/// True when a transaction that failed so may run again from its start.
#[must_use]
pub fn may_run_again(error: &StoreError, attempt: u32) -> bool {
    error.is_retryable() && attempt < ATTEMPTS
}
