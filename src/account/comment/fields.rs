//! The texts of a comment: as they came, and as WordPress stores them.

use std::borrow::Cow;

use crate::store::{Db, StoreError};
use crate::wp::sanitize::{self, Rules};

/// What a comment says and who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) author: Vec<u8>,
    pub(super) email: Vec<u8>,
    pub(super) url: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) agent: Vec<u8>,
    pub(super) ip: String,
}

impl Fields {
    /// `wp_filter_comment()`; a visitor's filters, whoever it is.
    pub(super) fn filtered(&self, home: &str, rules: Rules) -> Self {
        Self {
            author: sanitize::display_name(&self.author, rules),
            email: sanitize::user_email(&self.email, rules),
            url: sanitize::user_url(&self.url, rules),
            content: sanitize::comment_content(&self.content, home.as_bytes(), rules),
            agent: self.agent.clone(),
            ip: self.ip.clone(),
        }
    }

    /// `wpdb::strip_invalid_text_for_column()`: what the columns' charsets have no place for goes. WordPress does
    /// so when the database refused the row; the agent it forgets, and then has no comment at all.
    pub(super) async fn storable(&self, db: &Db) -> Result<Self, StoreError> {
        let texts = [&self.author, &self.email, &self.url, &self.content, &self.agent];
        if texts.iter().all(|text| text.is_ascii()) {
            return Ok(self.clone());
        }
        let charsets = db.list_comment_charsets().await?;
        let strip = |column: &str, text: &[u8]| {
            let charset =
                charsets.iter().find(|(name, _)| name == column).map(|(_, charset)| charset.as_str());
            without_foreign(text, charset.unwrap_or_default()).into_owned()
        };
        Ok(Self {
            author: strip("comment_author", &self.author),
            email: strip("comment_author_email", &self.email),
            url: strip("comment_author_url", &self.url),
            content: strip("comment_content", &self.content),
            agent: strip("comment_agent", &self.agent),
            ip: self.ip.clone(),
        })
    }
}

/// What is no UTF-8, and for the older charset what has four bytes. Other charsets are the server's business.
fn without_foreign<'a>(text: &'a [u8], charset: &str) -> Cow<'a, [u8]> {
    let most = match charset {
        "utf8mb4" => 4,
        "utf8" | "utf8mb3" => 3,
        _ => return Cow::Borrowed(text),
    };
    let letters = text.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    letters.filter(|letter| letter.len_utf8() <= most).collect::<String>().into_bytes().into()
}

/// The agent as `wp_new_comment()` cuts it: to 254 bytes while the request's slashes are still in it.
pub(super) fn cut_agent(agent: &[u8]) -> Vec<u8> {
    let slashed = sanitize::addslashes(agent);
    sanitize::stripslashes(slashed.get(..254).unwrap_or(&slashed))
}

/// An address keeps what addresses consist of.
pub(super) fn clean_ip(ip: &str) -> String {
    ip.chars().filter(|letter| letter.is_ascii_hexdigit() || ":., ".contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_cut_with_its_slashes() {
        assert_eq!(cut_agent(&[b'x'; 300]).len(), 254);
        assert_eq!(cut_agent(&[b'"'; 300]).len(), 127);
        assert_eq!(cut_agent(b"a\\b\"c"), b"a\\b\"c");
    }

    #[test]
    fn text_that_the_column_cannot_hold_goes() {
        let text = "a\u{1F600}ü".as_bytes();
        assert_eq!(&*without_foreign(text, "utf8mb4"), text);
        assert_eq!(&*without_foreign(text, "utf8mb3"), "aü".as_bytes());
        assert_eq!(&*without_foreign(b"a\xffb\xe3\x81c", "utf8mb4"), b"abc");
        assert_eq!(&*without_foreign(b"a\xff", "latin1"), b"a\xff");
    }
}
