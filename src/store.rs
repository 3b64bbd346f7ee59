//! The site's own tables: every SQL statement of the service, and the only room that knows sqlx.
//!
//! Functions are named `find_ list_ insert_ update_ delete_`. Not found is `Ok(None)`. The schema is WordPress's;
//! nothing here creates or alters a table.

pub mod collation;
pub mod comments;
mod connect;
mod error;
mod figures;
pub mod grants;
mod lease;
pub mod needs;
pub mod options;
mod places;
mod pool;
pub mod posts;
pub mod registrations;
mod retry;
mod row;
mod script;
pub mod server;
pub mod signups;
mod tables;
mod transaction;
pub mod usermeta;
mod usermeta_write;
pub mod users;
pub mod xprofile;

pub use connect::{Place, place};
pub use error::StoreError;
pub use retry::Retry;
pub use tables::{TableNames, Tables};
pub use transaction::Transaction;

use pool::Pool;

use crate::settings::{Database, Wordpress};

/// The database with the names of its tables.
#[derive(Clone, Debug)]
pub struct Db {
    pool: Pool,
    tables: Tables,
}

impl Db {
    /// Prepares a pool; connections are made when they are needed.
    pub fn open(database: &Database, wordpress: &Wordpress) -> Result<Self, StoreError> {
        Ok(Self { pool: connect::pool(database)?, tables: Tables::of(wordpress, connect::charset(database)) })
    }

    /// The table names.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// For work that the server may roll back for somebody else's sake.
    #[must_use]
    pub fn retry(&self) -> Retry {
        Retry::new(self.pool.figures())
    }

    /// True when the database answers and the tables of users and options are there.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        let sql = self.tables.sql("SELECT 1 FROM {users}, {usermeta}, {options} LIMIT 0");
        self.pool.fetch_optional(sqlx::query(sql)).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
