//! Starting and ending sessions in the row that WordPress keeps them in.
//!
//! WordPress reads the row, changes it and writes it back without a lock. Here a write happens only if the row is
//! still as it was read, and starts over otherwise; so nobody's session is lost by this service. A WordPress that read
//! the row before a session came and writes it after loses that session. What it lost before the cookie is handed out
//! is therefore added again.

use super::Context;
use crate::store::StoreError;
use crate::store::usermeta::MetaRow;
pub use crate::wp::sessions::META_KEY;
use crate::wp::sessions::{NewSession, Sessions};

/// Reads of the row before a writer gives up.
const ATTEMPTS: u32 = 100;

impl Context<'_> {
    /// Adds a session. `read` are the user's meta rows as read a moment ago; `most` live sessions are kept.
    ///
    /// Looks at the row once more when it is written: nobody can have ended a session whose cookie was never given
    /// out, so one that is gone was overwritten.
    pub async fn start_session(
        &self,
        user_id: u64,
        read: &[MetaRow],
        session: NewSession<'_>,
        most: usize,
    ) -> Result<(), StoreError> {
        let mut rows = own(read.to_vec());
        let mut written = false;
        for _ in 0..ATTEMPTS {
            let mut sessions = parse(user_id, &rows)?;
            // Where there are as many as are kept, newer logins took its place.
            if written && (sessions.is_live(session.token.as_bytes(), self.now) || sessions.len() >= most) {
                return Ok(());
            }
            sessions.add(session, most);
            written |= self.write_sessions(user_id, &rows, &sessions).await?;
            rows = self.list_sessions(user_id).await?;
        }
        Err(StoreError::Contended { table: "usermeta", user_id })
    }

    /// Ends the session of a token. False when there was none.
    pub async fn end_session(&self, user_id: u64, token: &[u8]) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let rows = self.list_sessions(user_id).await?;
            let mut sessions = parse(user_id, &rows)?;
            if !sessions.remove(token, self.now) {
                return Ok(false);
            }
            if self.write_sessions(user_id, &rows, &sessions).await? {
                return Ok(true);
            }
        }
        Err(StoreError::Contended { table: "usermeta", user_id })
    }

    /// Ends the sessions whose key (the token's hash) is chosen. How many those were.
    pub async fn end_sessions(
        &self,
        user_id: u64,
        is_chosen: impl Fn(&[u8]) -> bool,
    ) -> Result<usize, StoreError> {
        for _ in 0..ATTEMPTS {
            let rows = self.list_sessions(user_id).await?;
            let mut sessions = parse(user_id, &rows)?;
            let ended = sessions.remove_where(self.now, &is_chosen);
            if ended == 0 || self.write_sessions(user_id, &rows, &sessions).await? {
                return Ok(ended);
            }
        }
        Err(StoreError::Contended { table: "usermeta", user_id })
    }

    async fn list_sessions(&self, user_id: u64) -> Result<Vec<MetaRow>, StoreError> {
        Ok(own(self.db.list_meta(user_id, Some(META_KEY)).await?))
    }

    /// Writes the list if the row is still as read; false when it is not.
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
        // WordPress keeps all rows of the key equal and reads the lowest. It goes last: were it gone first and the service
        // with it, a copy would be read, and with it a session that had ended.
        for copy in copies {
            write(copy).await?;
        }
        write(first).await
    }
}

/// The rows of exactly this key; the collation matches more.
fn own(mut rows: Vec<MetaRow>) -> Vec<MetaRow> {
    rows.retain(|row| row.key == META_KEY.as_bytes());
    rows
}

/// The list that the first row of the key holds.
pub fn stored(user_id: u64, meta: &[MetaRow]) -> Result<Sessions, StoreError> {
    parse(user_id, &own(meta.to_vec()))
}

/// The list that the first row holds.
fn parse(user_id: u64, rows: &[MetaRow]) -> Result<Sessions, StoreError> {
    let stored = rows.first().and_then(|row| row.value.as_deref());
    Sessions::parse(stored).map_err(|_| StoreError::Inconsistent {
        table: "usermeta",
        column: "meta_value",
        row: format!("{META_KEY} of user {user_id}"),
    })
}
