//! Who is told of a comment: `wp_notify_moderator()` and `wp_notify_postauthor()`.
//!
//! What the mails say does not belong here.

use super::options::Options;
use super::{Context, Policy};
use crate::account::reset_password::mail_address;
use crate::store::StoreError;
use crate::store::comments::NewComment;
use crate::store::posts::Post;
use crate::store::users::UserBy;

/// A comment that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Addresses, each for a mail of its own.
    pub to: Vec<String>,
    /// Why.
    pub reason: Reason,
    /// The post's title, as stored.
    pub post_title: String,
    /// Option `siteurl` without a slash at its end.
    pub siteurl: String,
}

/// What a comment waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Somebody has to approve it; so many comments wait.
    Waits(u64),
    /// It is on the post already; the reader may trash it, or may not.
    Published {
        /// The post's author may edit comments.
        may_moderate: bool,
    },
}

impl Context<'_> {
    pub(super) async fn notice(
        &self,
        comment: &NewComment,
        post: &Post,
        options: &Options,
        policy: &Policy<'_>,
    ) -> Result<Option<Notice>, StoreError> {
        let switch = match comment.approved.as_str() {
            "0" => "moderation_notify",
            "1" => "comments_notify",
            _ => return Ok(None),
        };
        if !options.is_on(switch) {
            return Ok(None);
        }
        let key = self.site.capabilities_key.as_str();
        let author = self.db.find_user_with_meta(UserBy::Id(post.author), &[key]).await?;
        let author = author.map(|author| (options.capabilities(&author, key), author.user));
        let mut to = Vec::new();
        let reason = if comment.approved == "0" {
            let admin = options.text("admin_email");
            let may_edit = |(capabilities, author): &(super::Capabilities, crate::store::users::User)| {
                capabilities.may_edit(author.id, post, None)
                    && !author.email.eq_ignore_ascii_case(admin.as_bytes())
            };
            let author = author.filter(may_edit).map(|(_, author)| mail_address(&author));
            to.push(admin.clone());
            to.extend(author);
            Reason::Waits(self.db.count_waiting_comments().await?)
        } else {
            let Some((capabilities, author)) = author else { return Ok(None) };
            // Nobody is told of his own comment, nor one who is no longer of the site.
            if author.id != comment.user_id && capabilities.may_read(author.id, post, &post.status) {
                to.push(mail_address(&author));
            }
            Reason::Published { may_moderate: capabilities.may_edit(author.id, post, None) }
        };
        to.retain(|address| !address.is_empty());
        let siteurl = policy.siteurl.map_or_else(|| options.text("siteurl"), str::to_owned);
        Ok((!to.is_empty()).then(|| Notice {
            to,
            reason,
            post_title: String::from_utf8_lossy(&post.title).into_owned(),
            siteurl: siteurl.trim_end_matches('/').to_owned(),
        }))
    }
}
