//! Mails about comments: one waits for approval, or one is on somebody's post. Subjects are WordPress's.

use std::fmt::Write as _;

use super::{Message, SiteNames};
use crate::wp::sanitize::{DecodeQuotes, specialchars_decode};

/// A comment as a mail shows it. Texts are as stored.
#[derive(Clone, Debug)]
pub struct CommentMail {
    /// The post's title.
    pub post_title: String,
    /// The post's address, without fragment.
    pub post_link: String,
    /// The address of wp-admin, without a slash at its end.
    pub admin_link: String,
    /// The comment's number.
    pub comment_id: u64,
    /// Who wrote it.
    pub author: String,
    /// The writer's address.
    pub email: String,
    /// The writer's site.
    pub url: String,
    /// Where it came from.
    pub ip: String,
    /// The text.
    pub content: String,
    /// What the reader is to do.
    pub task: Task,
    /// There is no trash: comments are deleted at once.
    pub no_trash: bool,
}

/// What the reader of a mail is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Approve it or not; so many wait.
    Approve {
        /// This one among them.
        waiting: u64,
    },
    /// Just read it.
    Read {
        /// The reader may remove it.
        may_moderate: bool,
    },
}

impl CommentMail {
    /// The mail for one address. The post's author can answer the comment's; a moderator has no one to answer.
    #[must_use]
    pub fn message(&self, site: &SiteNames<'_>, to: &str) -> Message {
        let name = site.blogname;
        let (kind, subject, from, reply_to) = match self.task {
            Task::Approve { .. } => {
                let subject = format!("[{name}] Please moderate: \"{}\"", self.post_title);
                ("comment to moderate", subject, site.wordpress(), None)
            }
            Task::Read { .. } => {
                let subject = format!("[{name}] Comment: \"{}\"", self.post_title);
                let author = if self.author.is_empty() { name } else { &self.author };
                let reply_to = Some(decoded(&self.email)).filter(|email| !email.is_empty());
                ("new comment", subject, site.sender(author), reply_to)
            }
        };
        let subject = one_line(&decoded(&subject));
        Message { kind, to: one_line(to), from, reply_to, subject, body: self.body() }
    }

    fn body(&self) -> String {
        let mut body = match self.task {
            Task::Approve { .. } => format!("A comment on \"{}\" needs your decision.\r\n", self.post_title),
            Task::Read { .. } => format!("Somebody commented on \"{}\".\r\n", self.post_title),
        };
        let about =
            [("From", &self.author), ("E-mail", &self.email), ("Website", &self.url), ("Address", &self.ip)];
        for (label, value) in about.into_iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(body, "{label}: {}\r\n", one_line(value));
        }
        let _ = write!(body, "\r\n{}\r\n\r\n", decoded(&self.content));
        let (post, id) = (&self.post_link, self.comment_id);
        let may_moderate = match self.task {
            Task::Approve { .. } => {
                let _ = write!(body, "Post: {post}\r\nApprove: {}\r\n", self.action("approve"));
                true
            }
            Task::Read { may_moderate } => {
                let _ = write!(body, "Comment: {post}#comment-{id}\r\nAll comments: {post}#comments\r\n");
                may_moderate
            }
        };
        if may_moderate {
            let (label, action) = if self.no_trash { ("Delete", "delete") } else { ("Trash", "trash") };
            let _ = write!(body, "{label}: {}\r\nSpam: {}\r\n", self.action(action), self.action("spam"));
        }
        if let Task::Approve { waiting } = self.task {
            let list =
                format!("{}/edit-comments.php?comment_status=moderated#wpbody-content", self.admin_link);
            let _ = write!(body, "\r\nWaiting now: {waiting}. The whole list:\r\n{list}\r\n");
        }
        body
    }

    fn action(&self, action: &str) -> String {
        format!("{}/comment.php?action={action}&c={}#wpbody-content", self.admin_link, self.comment_id)
    }
}

/// Plain text of a stored one; quotes stay as they are.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&specialchars_decode(text.as_bytes(), DecodeQuotes::None)).into_owned()
}

/// Nothing that could begin a header or a line of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> SiteNames<'static> {
        SiteNames {
            blogname: "Rig & 'Site'",
            network_name: "Rig & 'Site'",
            home: "http://example.org",
            admin_email: "admin@example.org",
            host: "example.org".to_owned(),
        }
    }

    fn mail(task: Task) -> CommentMail {
        CommentMail {
            post_title: "Open &amp; post\r\nBcc: x@example.org".into(),
            post_link: "http://example.org/?p=29".into(),
            admin_link: "http://example.org/wp-admin".into(),
            comment_id: 5,
            author: "john".into(),
            email: "john@example.org".into(),
            url: String::new(),
            ip: "127.0.0.1".into(),
            content: "a &lt; b".into(),
            task,
            no_trash: false,
        }
    }

    #[test]
    fn subjects_are_wordpress_s_and_one_line() {
        let message = mail(Task::Read { may_moderate: false }).message(&site(), "a@example.org");
        assert_eq!(message.to, "a@example.org");
        assert_eq!(message.subject, "[Rig & 'Site'] Comment: \"Open & post  Bcc: x@example.org\"");
        let message = mail(Task::Approve { waiting: 2 }).message(&site(), "a@example.org");
        assert_eq!(message.subject, "[Rig & 'Site'] Please moderate: \"Open & post  Bcc: x@example.org\"");
    }

    #[test]
    fn a_moderator_gets_the_links_to_decide() {
        let mut mail = mail(Task::Approve { waiting: 2 });
        mail.post_title = "Open".into();
        insta::assert_snapshot!(mail.message(&site(), "a@example.org").body.replace("\r\n", "\n"), @r#"
        A comment on "Open" needs your decision.
        From: john
        E-mail: john@example.org
        Address: 127.0.0.1

        a < b

        Post: http://example.org/?p=29
        Approve: http://example.org/wp-admin/comment.php?action=approve&c=5#wpbody-content
        Trash: http://example.org/wp-admin/comment.php?action=trash&c=5#wpbody-content
        Spam: http://example.org/wp-admin/comment.php?action=spam&c=5#wpbody-content

        Waiting now: 2. The whole list:
        http://example.org/wp-admin/edit-comments.php?comment_status=moderated#wpbody-content
        "#);
    }

    #[test]
    fn a_reader_who_may_not_moderate_gets_none_of_them() {
        let body = mail(Task::Read { may_moderate: false }).message(&site(), "a@example.org").body;
        assert!(body.contains("http://example.org/?p=29#comment-5") && !body.contains("wp-admin"), "{body}");
        let body = mail(Task::Read { may_moderate: true }).message(&site(), "a@example.org").body;
        assert!(body.contains("comment.php?action=trash&c=5#wpbody-content"), "{body}");
    }
}
