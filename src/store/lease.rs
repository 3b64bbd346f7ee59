//! A connection while it is used: statements with a deadline, transactions, and what becomes of it afterwards.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Executor as _;
use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::query::Query;
use tokio::time::timeout;
use tracing::{Instrument as _, debug_span};

use super::StoreError;
use super::places::Place;
use super::pool::{Open, Pool, Shared};

/// A statement with its values.
pub(super) type Statement<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

/// The server ends what takes too long by itself where it can; this much later nobody waits for its word.
const GRACE: Duration = Duration::from_secs(1);

/// A connection taken from the pool. It goes back when this is dropped, unless a statement or a transaction is open.
pub(super) struct Lease {
    shared: Arc<Shared>,
    open: Option<(Open, Place)>,
    /// A statement has not come to its end.
    unfinished: bool,
    in_transaction: bool,
}

impl Lease {
    pub(super) fn new(shared: Arc<Shared>, open: Open, place: Place) -> Self {
        Self { shared, open: Some((open, place)), unfinished: false, in_transaction: false }
    }

    pub(super) async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<MySqlRow>, StoreError> {
        self.run(async |connection| statement.fetch_all(connection).await).await
    }

    pub(super) async fn fetch_optional(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<Option<MySqlRow>, StoreError> {
        self.run(async |connection| statement.fetch_optional(connection).await).await
    }

    pub(super) async fn fetch_one(&mut self, statement: Statement<'_>) -> Result<MySqlRow, StoreError> {
        self.run(async |connection| statement.fetch_one(connection).await).await
    }

    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<MySqlQueryResult, StoreError> {
        self.run(async |connection| statement.execute(connection).await).await
    }

    /// Starts a transaction; what is not committed is undone when this is dropped.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.run(async |connection| connection.execute("BEGIN").await).await?;
        self.in_transaction = true;
        Ok(())
    }

    /// Makes the transaction count.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let done = self.run(async |connection| connection.execute("COMMIT").await).await;
        match done {
            Ok(_) => {
                self.in_transaction = false;
                Ok(())
            }
            Err(StoreError::Driver(error @ sqlx::Error::Database(_))) => Err(StoreError::Commit(error)),
            Err(error) if error.is_broken() => Err(StoreError::CommitUnheard),
            Err(error) => Err(error),
        }
    }

    /// Undoes the transaction.
    pub(super) async fn rollback(mut self) -> Result<(), StoreError> {
        self.run(async |connection| connection.execute("ROLLBACK").await).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Several statements in one text.
    pub(super) async fn script(&mut self, script: &'static str) -> Result<(), StoreError> {
        self.run(async |connection| sqlx::raw_sql(script).execute(connection).await).await?;
        Ok(())
    }

    async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let Some((open, _)) = &mut self.open else {
            return Err(StoreError::Closed);
        };
        // Stays set when the caller stops waiting, or when the connection breaks.
        self.unfinished = true;
        let deadline = self.shared.deadline + GRACE;
        let statement = self.shared.figures.statement();
        let done =
            match timeout(deadline, work(&mut open.connection)).instrument(debug_span!("statement")).await {
                Ok(done) => done.map_err(StoreError::from),
                Err(_) => Err(StoreError::Deadline { seconds: deadline.as_secs() }),
            };
        drop(statement);
        if let Err(error) = &done {
            self.shared.figures.failed(error);
        }
        match &done {
            Err(error) if error.is_read_only() => self.shared.start_anew(),
            Err(error) if error.is_broken() => self.shared.suspect(),
            _ => self.unfinished = false,
        }
        done
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some((open, place)) = self.open.take() else { return };
        if self.unfinished || self.in_transaction {
            // Closing the socket is all: the server undoes what was open.
            drop(open);
            drop(place);
        } else {
            self.shared.give_back(open, place);
        }
        self.shared.lent_no_more();
    }
}

impl Pool {
    pub(super) async fn fetch_all(&self, statement: Statement<'_>) -> Result<Vec<MySqlRow>, StoreError> {
        self.acquire().await?.fetch_all(statement).await
    }

    pub(super) async fn fetch_optional(
        &self,
        statement: Statement<'_>,
    ) -> Result<Option<MySqlRow>, StoreError> {
        self.acquire().await?.fetch_optional(statement).await
    }

    pub(super) async fn fetch_one(&self, statement: Statement<'_>) -> Result<MySqlRow, StoreError> {
        self.acquire().await?.fetch_one(statement).await
    }

    pub(super) async fn execute(&self, statement: Statement<'_>) -> Result<MySqlQueryResult, StoreError> {
        self.acquire().await?.execute(statement).await
    }

    /// A connection in a transaction.
    pub(super) async fn begin(&self) -> Result<Lease, StoreError> {
        let mut lease = self.acquire().await?;
        match lease.begin().await {
            // The server had hung up meanwhile; nothing is written yet, so another connection will do.
            Err(error) if error.is_broken() => {
                // Its place first: where all connections broke at once, nobody would get another.
                drop(lease);
                lease = self.acquire().await?;
                lease.begin().await?;
            }
            other => other?,
        }
        Ok(lease)
    }
}
