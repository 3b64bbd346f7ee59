//! Starting and ending sessions in the row that WordPress keeps them in.
//!
//! WordPress reads the row, changes it and writes it back without a lock. Here a write happens only if the row is
//! still as it was read, and starts over otherwise; so nobody's session is lost by this service.

use super::Context;
use crate::store::StoreError;
use crate::store::usermeta::MetaRow;
pub use crate::wp::sessions::META_KEY;
use crate::wp::sessions::{NewSession, Sessions};

/// Reads of the row before a writer gives up.
const ATTEMPTS: u32 = 100;

impl Context<'_> {
    /// Adds a session. `read` are the user's meta rows as read a moment ago; `most` live sessions are kept.
    pub async fn start_session(
        &self,
        user_id: u64,
        read: &[MetaRow],
        session: NewSession<'_>,
        most: usize,
    ) -> Result<(), StoreError> {
        self.change_sessions(user_id, Some(read), |sessions| {
            sessions.add(session, most);
            true
        })
        .await?;
        Ok(())
    }

    /// Ends the session of a token. False when there was none.
    pub async fn end_session(&self, user_id: u64, token: &[u8]) -> Result<bool, StoreError> {
        self.change_sessions(user_id, None, |sessions| sessions.remove(token, self.now)).await
    }

    /// Applies a change to the stored list until it is written; what `change` calls false is not written.
    async fn change_sessions(
        &self,
        user_id: u64,
        read: Option<&[MetaRow]>,
        mut change: impl FnMut(&mut Sessions) -> bool,
    ) -> Result<bool, StoreError> {
        let mut rows = match read {
            Some(read) => own(read.to_vec()),
            None => own(self.db.list_meta(user_id, META_KEY).await?),
        };
        for _ in 0..ATTEMPTS {
            let stored = rows.first().and_then(|row| row.value.as_deref());
            let mut sessions = Sessions::parse(stored).map_err(|_| StoreError::Inconsistent {
                table: "usermeta",
                column: "meta_value",
                row: format!("{META_KEY} of user {user_id}"),
            })?;
            if !change(&mut sessions) {
                return Ok(false);
            }
            if self.write_sessions(user_id, &rows, &sessions).await? {
                return Ok(true);
            }
            rows = own(self.db.list_meta(user_id, META_KEY).await?);
        }
        Err(StoreError::Contended { table: "usermeta", user_id })
    }

    async fn write_sessions(
        &self,
        user_id: u64,
        rows: &[MetaRow],
        sessions: &Sessions,
    ) -> Result<bool, StoreError> {
        let value = sessions.serialize();
        let Some((first, copies)) = rows.split_first() else {
            return if sessions.is_empty() {
                Ok(true)
            } else {
                self.db.insert_meta_if_absent(user_id, META_KEY, &value).await
            };
        };
        let db = self.db;
        let write = async |row: &MetaRow| {
            let old = row.value.as_deref();
            if sessions.is_empty() {
                db.delete_meta_if_unchanged(row.id, old).await
            } else {
                db.update_meta_if_unchanged(row.id, old, &value).await
            }
        };
        let written = write(first).await?;
        if written {
            // The lowest row is the one that is read; WordPress keeps the others of the key equal to it.
            for copy in copies {
                write(copy).await?;
            }
        }
        Ok(written)
    }
}

/// The rows of exactly this key; the collation matches more.
fn own(mut rows: Vec<MetaRow>) -> Vec<MetaRow> {
    rows.retain(|row| row.key == META_KEY.as_bytes());
    rows
}
