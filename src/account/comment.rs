//! A comment of a logged-in user: `wp_handle_comment_submission()` and `wp_new_comment()`, as the site and not
//! the caller decides (D9).

mod approval;
mod fields;
mod notices;
mod options;
mod target;

pub use notices::{Notice, Reason};

use super::Context;
use super::capabilities::Capabilities;
use crate::store::StoreError;
use crate::store::comments::{Inserted, NewComment, Obstacles, Said};
use crate::store::posts::Post;
use crate::store::users::UserWithMeta;
use crate::wp::sanitize::addslashes;
use crate::wp::time_zone::SiteZone;
use approval::Decision;
use fields::{Fields, clean_ip, cut_agent};
use options::Options;

/// How many bytes a comment may have before filters; the column holds ten more.
const MOST_BYTES: usize = 65_525;
/// How many bytes the column holds.
const COLUMN_BYTES: usize = 65_535;
/// Seconds that must lie between two comments of one user.
const PAUSE: i64 = 15;

/// What a user sends.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// The post, cut to an integer.
    pub post_id: i64,
    /// The text as sent.
    pub content: &'a [u8],
    /// What the sender wants to become of it.
    pub wish: Wish<'a>,
    /// The sender's address.
    pub ip: Option<String>,
    /// `User-Agent` as sent.
    pub agent: &'a [u8],
}

/// What the sender wants to become of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<'a> {
    /// To appear, if the site lets it.
    Appear,
    /// To be held.
    Wait,
    /// To have this status whatever the site thinks: `comments.trust_client_status`.
    Status(&'a str),
}

/// What the owner says about it outside the database.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// `EMPTY_TRASH_DAYS` is 0.
    pub no_trash: bool,
    /// The number of the network, where there is one.
    pub network: Option<u64>,
    /// `WP_SITEURL`.
    pub siteurl: Option<&'a str>,
}

/// A comment that was written.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Its number.
    pub id: u64,
    /// The row.
    pub comment: NewComment,
    /// Who is to be told now that it is written.
    pub notice: Option<Notice>,
}

/// Why no comment was written.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// No such post, or none that this user may read.
    #[error("no such post")]
    NoPost,
    /// The post takes no comments.
    #[error("comments are closed")]
    Closed,
    /// WordPress's `comment_content_column_length`.
    #[error("the comment is too long")]
    TooLong,
    /// Nothing is left of it.
    #[error("the comment is empty")]
    Empty,
    /// `comment_duplicate`
    #[error("the comment was there already")]
    Duplicate,
    /// `comment_flood`
    #[error("too many comments")]
    Flood,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Context<'_> {
    /// Writes a comment. `user` must hold the meta row of the site's capabilities.
    pub async fn post_comment(
        &self,
        user: &UserWithMeta,
        submission: &Submission<'_>,
        policy: &Policy<'_>,
    ) -> Result<Posted, CommentError> {
        let options = Options::read(self.db, policy.network).await?;
        let capabilities = options.capabilities(user, &self.site.capabilities_key);
        let id = user.user.id;
        let post = self.find_open_post(submission.post_id, id, &capabilities, &options).await?;
        let sent = Fields {
            author: user.user.login.clone(),
            email: user.user.email.clone(),
            url: user.user.url.clone(),
            content: submission.content.to_vec(),
            agent: cut_agent(submission.agent),
            ip: clean_ip(submission.ip.as_deref().unwrap_or_default()),
        };
        if sent.content.len() > MOST_BYTES {
            return Err(CommentError::TooLong);
        }
        let texts = self.texts(sent).await?;
        if texts.stored.content.trim_ascii().is_empty() {
            return Err(CommentError::Empty);
        }
        if texts.stored.content.len() > COLUMN_BYTES {
            return Err(CommentError::TooLong);
        }
        let respected = post.author == id || capabilities.has("moderate_comments");
        let decision = self.decision(&texts, respected, &options).await?;
        let comment =
            self.row(&texts.stored, &post, user, approved(decision, submission.wish, policy), &options);
        let may_be_fast = capabilities.has("manage_options") || capabilities.has("moderate_comments");
        let id = self.write(&comment, &texts, may_be_fast).await?;
        // The comment is written: whoever cannot be told of it is no reason to call that a failure.
        let notice = self.notice(&comment, &post, &options, policy).await.unwrap_or_else(|error| {
            tracing::error!(%error, comment = id, "nobody is told of a comment");
            None
        });
        Ok(Posted { id, comment, notice })
    }

    async fn texts(&self, sent: Fields) -> Result<Texts, StoreError> {
        let rules = self.site.rules();
        let stored = sent.filtered(&self.site.home, rules);
        let stripped = stored.storable(self.db).await?;
        if stripped != stored {
            // WordPress filters and looks once more.
            let stored = stripped.filtered(&self.site.home, rules);
            return Ok(Texts { compared: stored.clone(), stored });
        }
        // Since 6.7 the text is compared as sent, before that as stored.
        let compared = if self.site.version.at_least(6, 7) { sent } else { stored.clone() };
        Ok(Texts { compared, stored })
    }

    async fn decision(
        &self,
        texts: &Texts,
        respected: bool,
        options: &Options,
    ) -> Result<Decision, StoreError> {
        if respected {
            return Ok(Decision::Approved);
        }
        if texts.compared != texts.stored && self.is_disallowed(&texts.compared, options) {
            return Ok(Decision::Disallowed);
        }
        self.decide(&texts.stored, options).await
    }

    fn row(
        &self,
        fields: &Fields,
        post: &Post,
        user: &UserWithMeta,
        approved: String,
        options: &Options,
    ) -> NewComment {
        let fields = fields.clone();
        NewComment {
            post_id: post.id,
            author: fields.author,
            author_email: fields.email,
            author_url: fields.url,
            author_ip: fields.ip,
            date: options.zone().mysql(self.now),
            date_gmt: SiteZone::utc().mysql(self.now),
            content: fields.content,
            approved,
            agent: fields.agent,
            user_id: user.user.id,
        }
    }

    async fn write(
        &self,
        comment: &NewComment,
        texts: &Texts,
        may_be_fast: bool,
    ) -> Result<u64, CommentError> {
        let fresh = SiteZone::utc().mysql(self.now.saturating_sub(PAUSE));
        // WordPress compares the address with the request's slashes.
        let email = addslashes(&texts.compared.email);
        let said = &texts.compared;
        let obstacles = Obstacles {
            same: Said { author: &said.author, email: &said.email, content: &said.content },
            newer_than: (!may_be_fast).then_some((&fresh, &email)),
            notes_apart: self.site.version.at_least(6, 9),
        };
        match self.db.insert_comment(comment, obstacles).await? {
            Inserted::Comment(id) => Ok(id),
            Inserted::Duplicate => Err(CommentError::Duplicate),
            Inserted::Flood => Err(CommentError::Flood),
            Inserted::NoPost => Err(CommentError::NoPost),
        }
    }
}

/// The texts that a release compares with those that are there, and those that it stores.
struct Texts {
    compared: Fields,
    stored: Fields,
}

/// `comment_approved`. Nobody can wish for more than the site gives.
fn approved(decision: Decision, wish: Wish<'_>, policy: &Policy<'_>) -> String {
    match (wish, decision) {
        (Wish::Status(status), _) => status,
        (Wish::Appear, Decision::Disallowed) if policy.no_trash => "spam",
        (Wish::Appear, Decision::Disallowed) => "trash",
        (Wish::Appear, Decision::Approved) => "1",
        (Wish::Appear | Wish::Wait, _) => "0",
    }
    .to_owned()
}
