//! A key with which a user may choose a new password: who gets one, and the row it is stored in.
//!
//! The mail with the link is not sent here.

use super::Context;
use crate::store::StoreError;
use crate::store::users::{User, UserBy};
use crate::wp::php_text;
use crate::wp::reset_key;
use crate::wp::sanitize::{DecodeQuotes, sanitize_user, specialchars_decode, user_email};

/// Why nobody gets a key.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// What was asked for looks like an address, and nobody has it.
    #[error("no such e-mail address")]
    UnknownEmail,
    /// Nobody has that login name.
    #[error("no such login name")]
    UnknownLogin,
    /// A network marks the user as spam.
    #[error("the user may not log in")]
    NotAllowed,
    /// Nothing is known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key that is stored already, with what is needed to take it back.
pub struct StartedReset {
    /// For the link.
    pub key: String,
    /// Whose.
    pub user_id: u64,
    /// What the column holds now.
    pub stored: String,
    /// What it held before.
    pub previous: Vec<u8>,
}

/// How often a key follows a column that changes under its hands.
const ATTEMPTS: u32 = 3;

impl Context<'_> {
    /// The user who asks for a new password, by e-mail if the text has an `@` after its first character. The text is
    /// as sent.
    pub async fn find_for_reset(&self, user_login: &[u8]) -> Result<User, ResetError> {
        let text = php_text::trim(user_login);
        let user = if text.iter().position(|byte| *byte == b'@').is_some_and(|at| at > 0) {
            self.user_of_email(text).await?.ok_or(ResetError::UnknownEmail)?
        } else {
            let login = sanitize_user(text, false, self.site.rules());
            self.user_by(UserBy::Login, &login).await?.ok_or(ResetError::UnknownLogin)?
        };
        if self.site.multisite && self.db.is_network_spammer(user.id).await? {
            return Err(ResetError::NotAllowed);
        }
        Ok(user)
    }

    /// As sent, or as WordPress stores it: `&` is stored as an entity.
    async fn user_of_email(&self, email: &[u8]) -> Result<Option<User>, StoreError> {
        if let Some(user) = self.user_by(UserBy::Email, email).await? {
            return Ok(Some(user));
        }
        if !email.contains(&b'&') {
            return Ok(None);
        }
        self.user_by(UserBy::Email, &user_email(email, self.site.rules())).await
    }

    /// What is not UTF-8 is in no column; an empty text is nobody's, although addresses may be empty.
    async fn user_by<'t>(
        &self,
        by: fn(&'t str) -> UserBy<'t>,
        text: &'t [u8],
    ) -> Result<Option<User>, StoreError> {
        let Some(text) = std::str::from_utf8(text).ok().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        Ok(self.db.find_user_with_meta(by(text), &[]).await?.map(|found| found.user))
    }

    /// Makes a key and stores it, in the form of this WordPress version (`get_password_reset_key()`), but without
    /// saving the whole profile anew as WordPress does, which loses keys and addresses with an `&`.
    ///
    /// It is stored before the mail leaves, so that the link works when the mail arrives, and taken back when the
    /// mail does not leave.
    pub async fn start_reset(&self, user_id: u64) -> Result<StartedReset, StoreError> {
        let (mut random, mut salt) = ([0; 32], [0; 6]);
        self.random.fill(&mut random);
        self.random.fill(&mut salt);
        let key = reset_key::key_from_random(&random);
        let stored = format!("{}:{}", self.now, reset_key::hash_reset_key(&key, self.site.version, &salt));
        for _ in 0..ATTEMPTS {
            let Some(previous) = self.db.find_activation_key(user_id).await? else {
                break;
            };
            if self.db.update_activation_key(user_id, &previous, &stored).await? {
                return Ok(StartedReset { key, user_id, stored, previous });
            }
        }
        Err(StoreError::Inconsistent {
            table: "users",
            column: "user_activation_key",
            row: user_id.to_string(),
        })
    }
}

/// The address that mail for this user goes to; it is stored with entities.
#[must_use]
pub fn mail_address(user: &User) -> String {
    String::from_utf8_lossy(&specialchars_decode(&user.email, DecodeQuotes::All)).into_owned()
}
