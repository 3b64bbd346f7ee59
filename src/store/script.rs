//! Running a whole SQL file: the demo's own tables, never a live site's.

use super::{Db, StoreError};

impl Db {
    /// Runs all statements of a script.
    pub async fn run_script(&self, script: &'static str) -> Result<(), StoreError> {
        self.pool.acquire().await?.script(script).await
    }
}
