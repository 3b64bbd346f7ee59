//! `user/post_comment`: a comment of the cookie's user. The site decides whether it appears (D9).

use crate::account::comment::{CommentError, Notice, Policy, Posted, Reason, Submission, Wish};
use crate::account::user_object::id;
use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::params::php_number;
use crate::http::span;
use crate::mail::comment::{CommentMail, Task};
use crate::wp::php_value::PhpArray;

/// How many characters `comment_approved` holds.
const MOST_STATUS: usize = 20;

/// The new comment's number, whether it appears or waits.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let keys = [call.site.capabilities_key.as_str()];
    let user = cookie_check::acting_user(call, &keys).await?;
    let post_id = call.required_text("post_id", ApiError::CommentPostMissing)?;
    let content = call.required_text("content", ApiError::CommentContentMissing)?;
    let status = call.required_text("comment_status", ApiError::CommentStatusMissing)?;
    let wordpress = &call.app.settings.wordpress;
    let submission = Submission {
        post_id: php_number::int_cast(post_id),
        content,
        wish: wish(status, call.app.settings.features.trust_client_status),
        ip: call.client.ip.map(|ip| ip.to_string()),
        agent: &call.client.user_agent,
    };
    let policy = Policy {
        no_trash: wordpress.no_trash,
        network: wordpress.network.map(|network| network.id),
        siteurl: wordpress.siteurl.as_deref(),
    };
    let posted = call.account().post_comment(&user, &submission, &policy).await?;
    if let Some(notice) = &posted.notice {
        tell(call, &posted, notice);
    }
    let mut fields = PhpArray::new();
    fields.insert("comment_id", id(posted.id));
    Ok(fields)
}

/// Only `1` asks for approval; the old way any text becomes the status.
fn wish(status: &[u8], trusted: bool) -> Wish<'_> {
    let text = std::str::from_utf8(status).ok().filter(|text| text.chars().count() <= MOST_STATUS);
    match (status, text) {
        (b"1", _) if !trusted => Wish::Appear,
        (b"hold", _) if trusted => Wish::Status("0"),
        (_, Some(text)) if trusted => Wish::Status(text),
        _ => Wish::Wait,
    }
}

/// Mails go out when the comment is written; nobody waits for them.
fn tell(call: Call<'_>, posted: &Posted, notice: &Notice) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let comment = &posted.comment;
    let mail = CommentMail {
        post_title: notice.post_title.clone(),
        post_link: format!("{}/?p={}", call.site.home, comment.post_id),
        admin_link: format!("{}/wp-admin", notice.siteurl),
        comment_id: posted.id,
        author: text(&comment.author),
        email: text(&comment.author_email),
        url: text(&comment.author_url),
        ip: comment.author_ip.clone(),
        content: text(&comment.content),
        task: match notice.reason {
            Reason::Waits(waiting) => Task::Approve { waiting },
            Reason::Published { may_moderate } => Task::Read { may_moderate },
        },
        no_trash: call.app.settings.wordpress.no_trash,
    };
    let names = call.site_names();
    for to in &notice.to {
        call.app.mailer.queue_within(mail.message(&names, to), span::of_mail(call.id));
    }
}

impl From<CommentError> for ApiError {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::NoPost => Self::CommentNoPost,
            CommentError::Closed => Self::CommentClosed,
            CommentError::TooLong => Self::CommentTooLong,
            CommentError::Empty => Self::CommentEmpty,
            CommentError::Duplicate => Self::CommentDuplicate,
            CommentError::Flood => Self::CommentFlood,
            CommentError::Store(error) => error.into(),
        }
    }
}
