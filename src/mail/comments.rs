//! The mails about a new comment. Subjects, From and Reply-To are those of `wp_notify_postauthor()` and
//! `wp_notify_moderator()`; who gets one is decided elsewhere.

use super::{Message, Sender, SiteNames};

/// A comment as the mails show it. All texts are plain: entities are decoded.
#[derive(Clone, Copy, Debug)]
pub struct CommentNotice<'a> {
    /// The post's title.
    pub post_title: &'a str,
    /// The post's address.
    pub post_url: &'a str,
    /// The comment's own address.
    pub comment_url: &'a str,
    /// Who wrote it; may be empty.
    pub author: &'a str,
    /// The author's e-mail; may be empty.
    pub author_email: &'a str,
    /// The author's site; may be empty.
    pub author_url: &'a str,
    /// The address that it came from.
    pub author_ip: &'a str,
    /// The text.
    pub content: &'a str,
    /// Where the recipient can do something about it: label and address, in order.
    pub actions: &'a [(&'a str, &'a str)],
}

impl CommentNotice<'_> {
    /// Everything about the comment, a paragraph each.
    fn details(&self) -> String {
        let Self { author, author_email, author_url, author_ip, content, comment_url, .. } = self;
        let mut text = format!("From: {author} (address {author_ip})\n");
        for (label, value) in [("E-mail", author_email), ("Website", author_url)] {
            if !value.is_empty() {
                text.push_str(&format!("{label}: {value}\n"));
            }
        }
        text.push_str(&format!("\n{content}\n\nRead it on the site:\n{comment_url}\n"));
        for (label, url) in self.actions {
            text.push_str(&format!("\n{label}:\n{url}\n"));
        }
        text
    }
}

/// Tells the post's author of a comment that everybody can read. An answer to the mail goes to the comment's author.
#[must_use]
pub fn comment_notification(site: &SiteNames<'_>, to: &str, comment: &CommentNotice<'_>) -> Message {
    let CommentNotice { post_title, post_url, .. } = comment;
    let name = if comment.author.is_empty() { site.blogname } else { comment.author };
    Message {
        kind: "new comment",
        to: to.to_owned(),
        from: site.sender(name),
        reply_to: Some(comment.author_email).filter(|email| !email.is_empty()).map(str::to_owned),
        subject: format!("[{}] Comment: \"{post_title}\"", site.blogname),
        body: format!(
            "Your post \"{post_title}\" has a new comment.\n\n\
             {}\n\
             All comments on the post:\n\
             {post_url}#comments\n",
            comment.details()
        ),
    }
}

/// Tells the administrator, or an author who may decide, of a comment that waits. `queue_url` lists all `waiting`.
#[must_use]
pub fn comment_moderation(
    site: &SiteNames<'_>,
    to: &str,
    comment: &CommentNotice<'_>,
    waiting: u64,
    queue_url: &str,
) -> Message {
    let CommentNotice { post_title, post_url, .. } = comment;
    let number = if waiting == 1 { "1 comment waits".to_owned() } else { format!("{waiting} comments wait") };
    let from: Sender = site.wordpress();
    Message {
        kind: "comment to moderate",
        to: to.to_owned(),
        from,
        reply_to: None,
        subject: format!("[{}] Please moderate: \"{post_title}\"", site.blogname),
        body: format!(
            "Somebody commented on \"{post_title}\", and the comment is not shown before it is approved.\n\
             {post_url}\n\n\
             {}\n\
             {number} for a decision:\n\
             {queue_url}\n",
            comment.details()
        ),
    }
}
