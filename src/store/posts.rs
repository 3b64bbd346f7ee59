//! The table `posts`, as far as comments need it.

use sqlx::Row as _;

use super::{Db, StoreError, row};

/// A row of `posts`.
#[derive(Clone, Debug)]
pub struct Post {
    /// `ID`
    pub id: u64,
    /// `post_author`; 0 for nobody.
    pub author: u64,
    /// `post_parent`; 0 for none.
    pub parent: u64,
    /// `post_type`
    pub kind: String,
    /// `post_status`
    pub status: String,
    /// `comment_status`: `open`, `closed`, or what a plugin wrote.
    pub comment_status: String,
    /// `post_password` is not empty.
    pub has_password: bool,
    /// `post_date_gmt`, `YYYY-MM-DD hh:mm:ss`; may be all zeros.
    pub date_gmt: String,
    /// `post_title`
    pub title: Vec<u8>,
}

impl Db {
    /// One post, page or attachment of any status.
    pub async fn find_post(&self, id: u64) -> Result<Option<Post>, StoreError> {
        let sql = self.tables.sql(
            "SELECT ID, post_author, post_parent, post_type, post_status, comment_status, \
             CAST(post_password <> '' AS SIGNED), CAST(post_date_gmt AS CHAR), post_title \
             FROM {posts} WHERE ID = ?",
        );
        let Some(found) = self.pool.fetch_optional(sqlx::query(sql).bind(id)).await? else {
            return Ok(None);
        };
        Ok(Some(Post {
            id: found.try_get_unchecked(0)?,
            author: found.try_get_unchecked(1)?,
            parent: found.try_get_unchecked(2)?,
            kind: row::text(&found, 3)?,
            status: row::text(&found, 4)?,
            comment_status: row::text(&found, 5)?,
            has_password: found.try_get_unchecked::<i64, _>(6)? != 0,
            date_gmt: row::text(&found, 7)?,
            title: row::bytes(&found, 8)?,
        }))
    }

    /// The status that a post had before it went to the trash (`_wp_trash_meta_status`).
    pub async fn find_status_before_trash(&self, id: u64) -> Result<Option<String>, StoreError> {
        let sql = self.tables.sql(
            "SELECT meta_value FROM {postmeta} WHERE post_id = ? AND meta_key = '_wp_trash_meta_status' \
             ORDER BY meta_id LIMIT 1",
        );
        let found = self.pool.fetch_optional(sqlx::query(sql).bind(id)).await?;
        found.map(|found| row::text(&found, 0)).transpose()
    }
}
