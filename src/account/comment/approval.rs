//! Whether a comment appears at once: `check_comment()`, `wp_check_comment_disallowed_list()` and what
//! `wp_allow_comment()` makes of them; held against 6.1, 6.8 and 7.1.
//!
//! The filters of `comment_text` that set quotes, dashes, smilies and paragraphs are not run: no link comes from
//! them, and a word of the list that such a filter would hide holds the comment back here.

use super::Context;
use super::fields::Fields;
use super::options::Options;
use crate::store::StoreError;
use crate::wp::moderation::has_word;
use crate::wp::sanitize::clickable::{count_links, make_clickable};
use crate::wp::sanitize::{addslashes, trim, wp_strip_all_tags};

/// What the site decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Approved,
    Held,
    /// A word of `disallowed_keys`.
    Disallowed,
}

impl Context<'_> {
    /// `wp_check_comment_data()` for somebody who is neither moderator nor the post's author.
    pub(super) async fn decide(&self, fields: &Fields, options: &Options) -> Result<Decision, StoreError> {
        if self.is_disallowed(fields, options) {
            return Ok(Decision::Disallowed);
        }
        let approved = self.is_unsuspicious(fields, options) && self.is_trusted(fields, options).await?;
        Ok(if approved { Decision::Approved } else { Decision::Held })
    }

    /// A word of `disallowed_keys`, also one that tags are put into.
    pub(super) fn is_disallowed(&self, fields: &Fields, options: &Options) -> bool {
        let content = addslashes(&fields.content);
        let bare = wp_strip_all_tags(&content);
        self.is_listed(options.get("disallowed_keys"), fields, &[&content, &bare])
    }

    /// Manual moderation, links, `moderation_keys`.
    fn is_unsuspicious(&self, fields: &Fields, options: &Options) -> bool {
        if options.get("comment_moderation") == b"1" {
            return false;
        }
        let rules = self.site.rules();
        let shown = make_clickable(&addslashes(&fields.content), self.site.home.as_bytes(), rules);
        let links = i64::try_from(count_links(&shown)).unwrap_or(i64::MAX);
        if options.is_on("comment_max_links") && links >= options.number("comment_max_links") {
            return false;
        }
        !self.is_listed(options.get("moderation_keys"), fields, &[&shown])
    }

    fn is_listed(&self, list: &[u8], fields: &Fields, contents: &[&[u8]]) -> bool {
        // As WordPress compares them: with the request's slashes.
        let slashed = [&fields.author, &fields.email, &fields.url].map(|text| addslashes(text));
        let agent = addslashes(&fields.agent);
        let mut texts: Vec<&[u8]> = slashed.iter().map(AsRef::as_ref).collect();
        texts.extend([&*agent, fields.ip.as_bytes()]);
        texts.extend(contents);
        has_word(list, &texts, self.site.version)
    }

    /// `comment_previously_approved`: whoever the address belongs to has a comment that was approved.
    async fn is_trusted(&self, fields: &Fields, options: &Options) -> Result<bool, StoreError> {
        if options.get("comment_previously_approved") != b"1" {
            return Ok(true);
        }
        if fields.author.is_empty() || fields.email.is_empty() {
            return Ok(false);
        }
        let owner = match std::str::from_utf8(&fields.email) {
            Ok(email) => self.db.find_user_id_by_email(email).await?,
            Err(_) => None,
        };
        let (author, email) = (addslashes(&fields.author), addslashes(&fields.email));
        let known = match owner {
            Some(id) => self.db.has_approved_comment_of_user(id).await?,
            None => self.db.has_approved_comment_of_author(&author, &email).await?,
        };
        let list = trim(options.get("moderation_keys"));
        let listed = !matches!(list, b"" | b"0") && email.windows(list.len()).any(|part| part == list);
        Ok(known && !listed)
    }
}
