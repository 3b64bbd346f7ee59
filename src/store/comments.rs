//! The table `comments`.

use sqlx::Row as _;

use super::lease::Lease;
use super::{Db, StoreError, row};

/// A comment to be written; a comment of its own, no reply.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' names")]
pub struct NewComment {
    pub post_id: u64,
    pub author: Vec<u8>,
    pub author_email: Vec<u8>,
    pub author_url: Vec<u8>,
    pub author_ip: String,
    /// In the site's own time zone.
    pub date: String,
    pub date_gmt: String,
    pub content: Vec<u8>,
    /// `1`, `0`, `spam`, `trash`.
    pub approved: String,
    pub agent: Vec<u8>,
    pub user_id: u64,
}

/// What stands in the way of a comment; looked for where nobody can write one in between.
#[derive(Clone, Copy, Debug)]
pub struct Obstacles<'a> {
    /// A comment like this is there already.
    pub same: Said<'a>,
    /// The user or the address wrote one after this GMT date; `None` for those who may write fast.
    pub newer_than: Option<(&'a str, &'a [u8])>,
    /// Comments of the type `note` do not count (6.9 and later).
    pub notes_apart: bool,
}

/// Who said what.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// `comment_author`
    pub author: &'a [u8],
    /// `comment_author_email`; empty matches any.
    pub email: &'a [u8],
    /// `comment_content`
    pub content: &'a [u8],
}

/// What became of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Its number.
    Comment(u64),
    /// It had been said already.
    Duplicate,
    /// The last one is too fresh.
    Flood,
    /// The post is gone.
    NoPost,
}

/// MySQL's error for a second row of a unique key.
const DUPLICATE_ENTRY: u16 = 1062;

impl Db {
    /// Writes a comment unless something stands in the way, and counts the post's comments anew.
    ///
    /// All in one transaction, one comment of a user at a time: of two equal requests at the same moment the
    /// second finds the first one's row.
    pub async fn insert_comment(
        &self,
        comment: &NewComment,
        obstacles: Obstacles<'_>,
    ) -> Result<Inserted, StoreError> {
        self.retried(async || {
            let mut transaction = self.pool.begin().await?;
            let done = self.insert_comment_in(&mut transaction, comment, obstacles).await?;
            match done {
                Inserted::Comment(_) => transaction.commit().await?,
                // At once: others may wait for the locks.
                _ => transaction.rollback().await?,
            }
            Ok(done)
        })
        .await
    }

    async fn insert_comment_in(
        &self,
        transaction: &mut Lease,
        comment: &NewComment,
        obstacles: Obstacles<'_>,
    ) -> Result<Inserted, StoreError> {
        self.take_turn(transaction, comment.user_id).await?;
        // The post is locked before its comments are counted: nobody's comment is missed.
        let sql = self.tables.sql("SELECT ID FROM {posts} WHERE ID = ? FOR UPDATE");
        if transaction.fetch_optional(sqlx::query(sql).bind(comment.post_id)).await?.is_none() {
            return Ok(Inserted::NoPost);
        }
        if self.is_said(transaction, comment.post_id, obstacles.same).await? {
            return Ok(Inserted::Duplicate);
        }
        if let Some((date, email)) = obstacles.newer_than
            && self.has_newer_comment(transaction, comment.user_id, date, email).await?
        {
            return Ok(Inserted::Flood);
        }
        let id = self.insert_comment_row(transaction, comment).await?;
        if comment.approved == "1" {
            self.update_comment_count(transaction, comment.post_id, obstacles.notes_apart).await?;
        }
        Ok(Inserted::Comment(id))
    }

    /// Makes the transactions of one user wait for each other.
    ///
    /// On one server the lock on the user's row does it. The nodes of a cluster do not see each other's locks, only
    /// each other's writes: of two transactions that wrote the same unique key, one is rolled back when it commits
    /// and runs again. So an option is written and taken back; nobody ever sees it.
    async fn take_turn(&self, transaction: &mut Lease, user_id: u64) -> Result<(), StoreError> {
        let sql = self.tables.sql("SELECT ID FROM {users} WHERE ID = ? FOR UPDATE");
        transaction.fetch_optional(sqlx::query(sql).bind(user_id)).await?;
        let name = format!("_wp_sidecar_comment_turn_{user_id}");
        let insert = || {
            self.tables
                .sql("INSERT INTO {options} (option_name, option_value, autoload) VALUES (?, '', 'no')")
        };
        let delete = || self.tables.sql("DELETE FROM {options} WHERE option_name = ?");
        match transaction.execute(sqlx::query(insert()).bind(&name)).await {
            // Left behind where tables have no transactions (MyISAM).
            Err(error) if error.number() == Some(DUPLICATE_ENTRY) => {}
            other => {
                other?;
            }
        }
        transaction.execute(sqlx::query(delete()).bind(&name)).await?;
        Ok(())
    }

    async fn is_said(
        &self,
        transaction: &mut Lease,
        post_id: u64,
        said: Said<'_>,
    ) -> Result<bool, StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT comment_ID FROM {comments} WHERE comment_post_ID = ? AND comment_parent = 0 \
                 AND comment_approved <> 'trash' AND comment_author = ?",
                if said.email.is_empty() { "" } else { " AND comment_author_email = ?" },
                " AND comment_content = ? LIMIT 1",
            ],
            0,
        );
        let mut query = row::bind_text(sqlx::query(sql).bind(post_id), said.author);
        if !said.email.is_empty() {
            query = row::bind_text(query, said.email);
        }
        Ok(transaction.fetch_optional(row::bind_text(query, said.content)).await?.is_some())
    }

    async fn has_newer_comment(
        &self,
        transaction: &mut Lease,
        user_id: u64,
        date: &str,
        email: &[u8],
    ) -> Result<bool, StoreError> {
        let sql = self.tables.sql(
            "SELECT comment_ID FROM {comments} WHERE comment_date_gmt > ? \
             AND (user_id = ? OR comment_author_email = ?) LIMIT 1",
        );
        let query = row::bind_text(sqlx::query(sql).bind(date).bind(user_id), email);
        Ok(transaction.fetch_optional(query).await?.is_some())
    }

    async fn insert_comment_row(
        &self,
        transaction: &mut Lease,
        comment: &NewComment,
    ) -> Result<u64, StoreError> {
        let sql = self.tables.sql(
            "INSERT INTO {comments} (comment_post_ID, comment_author, comment_author_email, comment_author_url, \
             comment_author_IP, comment_date, comment_date_gmt, comment_content, comment_karma, comment_approved, \
             comment_agent, comment_type, comment_parent, user_id) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 'comment', 0, ?)",
        );
        let mut query = sqlx::query(sql).bind(comment.post_id);
        for text in [&comment.author, &comment.author_email, &comment.author_url] {
            query = row::bind_text(query, text);
        }
        let query = query.bind(&comment.author_ip).bind(&comment.date).bind(&comment.date_gmt);
        let query = row::bind_text(query, &comment.content).bind(&comment.approved);
        let query = row::bind_text(query, &comment.agent).bind(comment.user_id);
        Ok(transaction.execute(query).await?.last_insert_id())
    }

    /// `wp_update_comment_count_now()`.
    async fn update_comment_count(
        &self,
        transaction: &mut Lease,
        post_id: u64,
        notes_apart: bool,
    ) -> Result<(), StoreError> {
        let sql = self.tables.sql_of(
            &[
                "SELECT COUNT(*) FROM {comments} WHERE comment_post_ID = ? AND comment_approved = '1'",
                if notes_apart { " AND comment_type <> 'note'" } else { "" },
            ],
            0,
        );
        let found = transaction.fetch_one(sqlx::query(sql).bind(post_id)).await?;
        let count: i64 = found.try_get_unchecked(0)?;
        let sql = self.tables.sql("UPDATE {posts} SET comment_count = ? WHERE ID = ?");
        transaction.execute(sqlx::query(sql).bind(count).bind(post_id)).await?;
        Ok(())
    }

    /// True when a comment of that user was ever approved.
    pub async fn has_approved_comment_of_user(&self, user_id: u64) -> Result<bool, StoreError> {
        let sql =
            self.tables.sql("SELECT 1 FROM {comments} WHERE user_id = ? AND comment_approved = '1' LIMIT 1");
        Ok(self.pool.fetch_optional(sqlx::query(sql).bind(user_id)).await?.is_some())
    }

    /// The same for a name with an address that is no user's.
    pub async fn has_approved_comment_of_author(
        &self,
        author: &[u8],
        email: &[u8],
    ) -> Result<bool, StoreError> {
        let sql = self.tables.sql(
            "SELECT 1 FROM {comments} WHERE comment_author = ? AND comment_author_email = ? \
             AND comment_approved = '1' LIMIT 1",
        );
        let query = row::bind_text(row::bind_text(sqlx::query(sql), author), email);
        Ok(self.pool.fetch_optional(query).await?.is_some())
    }

    /// How many comments wait for approval.
    pub async fn count_waiting_comments(&self) -> Result<u64, StoreError> {
        let sql = self.tables.sql("SELECT COUNT(*) FROM {comments} WHERE comment_approved = '0'");
        let found = self.pool.fetch_one(sqlx::query(sql)).await?;
        let count: i64 = found.try_get_unchecked(0)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The charset of each text column of the table, by lower-case name.
    pub async fn list_comment_charsets(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT LOWER(column_name), LOWER(character_set_name) FROM information_schema.columns \
                   WHERE table_schema = DATABASE() AND table_name = ? AND character_set_name IS NOT NULL";
        let table = self.tables.names().comments.as_str();
        let rows = self.pool.fetch_all(sqlx::query(sql).bind(table)).await?;
        rows.iter().map(|found| Ok((row::text(found, 0)?, row::text(found, 1)?))).collect()
    }
}
