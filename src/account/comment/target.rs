//! The post that is commented on: whether this user may see it and comments are open.
//! Mirrors the checks of `wp_handle_comment_submission()`, with D9's answers.

use super::options::Options;
use super::{CommentError, Context};
use crate::account::capabilities::Capabilities;
use crate::store::StoreError;
use crate::store::posts::Post;
use crate::wp::time_zone::unix_of_gmt;

/// How many parents of attachments are followed.
const MOST_PARENTS: usize = 10;

impl Context<'_> {
    pub(super) async fn find_open_post(
        &self,
        post_id: i64,
        user_id: u64,
        capabilities: &Capabilities,
        options: &Options,
    ) -> Result<Post, CommentError> {
        let id = u64::try_from(post_id).map_err(|_| CommentError::NoPost)?;
        let post = self.db.find_post(id).await?.ok_or(CommentError::NoPost)?;
        let status = self.post_status(&post).await?;
        // `spam` is what forums write.
        if matches!(status.as_str(), "trash" | "spam") {
            return Err(CommentError::Closed);
        }
        if status != "publish" && !capabilities.may_read(user_id, &post, &status) {
            return Err(CommentError::NoPost);
        }
        if post.has_password || post.comment_status != "open" || self.is_too_old(&post, options) {
            return Err(CommentError::Closed);
        }
        Ok(post)
    }

    /// `get_post_status()`: an attachment has that of the post it is attached to.
    async fn post_status(&self, post: &Post) -> Result<String, StoreError> {
        let published = || Ok("publish".to_owned());
        let mut post = post.clone();
        for _ in 0..MOST_PARENTS {
            if post.kind != "attachment" {
                return Ok(post.status);
            }
            if matches!(post.status.as_str(), "private" | "trash" | "auto-draft") {
                return Ok(post.status);
            }
            if post.status != "inherit" || post.parent == 0 || post.parent == post.id {
                return published();
            }
            let Some(parent) = self.db.find_post(post.parent).await? else {
                return published();
            };
            if parent.status == "trash" {
                let before = self.db.find_status_before_trash(parent.id).await?;
                return before.filter(|status| !status.is_empty()).map_or_else(published, Ok);
            }
            post = parent;
        }
        published()
    }

    /// `_close_comments_for_old_post()`
    fn is_too_old(&self, post: &Post, options: &Options) -> bool {
        let days = options.number("close_comments_days_old");
        if !options.is_on("close_comments_for_old_posts") || days == 0 || post.kind != "post" {
            return false;
        }
        unix_of_gmt(&post.date_gmt)
            .is_some_and(|date| self.now.saturating_sub(date) > days.saturating_mul(86_400))
    }
}
