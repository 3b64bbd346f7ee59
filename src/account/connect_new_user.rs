//! The user that is made for somebody who comes by another service: `wp_insert_user()` with a random password.

use super::Context;
use super::hashing::Interrupted;
use crate::store::StoreError;
use crate::store::connected_users::ConnectedUser;
use crate::store::users::{UserBy, UserWithMeta};
use crate::wp::random_text::{LETTERS_AND_DIGITS, draw};
use crate::wp::sanitize::{display_name, nicename_from_login};

/// What is known of the new user.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// Clean, and short enough.
    pub login: &'a str,
    /// As it is stored.
    pub email: &'a str,
    /// Shown to others; the login name if it is empty.
    pub name: &'a str,
    /// Given name.
    pub first_name: &'a str,
    /// Family name.
    pub last_name: &'a str,
}

/// Why there is no new user.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Somebody has the login name.
    #[error("the login name is taken")]
    LoginTaken,
    /// Somebody has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Nothing is known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is known.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl Context<'_> {
    /// Makes the user and reads it back with what a login needs.
    pub(super) async fn create_connected_user(&self, new: NewUser<'_>) -> Result<UserWithMeta, CreateError> {
        if self.db.find_user_with_meta(UserBy::Login(new.login), &[]).await?.is_some() {
            return Err(CreateError::LoginTaken);
        }
        let rules = self.site.rules();
        let clean = |text: &str| String::from_utf8_lossy(&display_name(text.as_bytes(), rules)).into_owned();
        let (mut random, mut salt) = ([0; 48], [0; 16]);
        self.random.fill(&mut random);
        self.random.fill(&mut salt);
        let password = draw(LETTERS_AND_DIGITS, 24, &random);
        let cost = self.site.hash_cost;
        let pass = self.hashing.hash(password.into_bytes(), self.site.version, cost, salt).await?;
        let nicename = nicename_from_login(new.login.as_bytes(), rules);
        let name = clean(new.name);
        let (first_name, last_name) = (clean(new.first_name), clean(new.last_name));
        let meta = [
            ("nickname", new.login),
            ("first_name", first_name.as_str()),
            ("last_name", last_name.as_str()),
            ("description", ""),
            (self.site.capabilities_key.as_str(), "a:1:{s:10:\"subscriber\";b:1;}"),
        ];
        let user_id = self
            .db
            .insert_connected_user(&ConnectedUser {
                login: new.login,
                pass: &pass,
                nicename: &String::from_utf8_lossy(&nicename),
                email: new.email,
                display_name: if name.is_empty() { new.login } else { &name },
                now: self.now,
                meta: &meta,
            })
            .await?;
        let made = self.db.find_user_with_meta(UserBy::Id(user_id), &self.login_meta()).await?;
        made.ok_or_else(|| {
            let row = user_id.to_string();
            StoreError::Inconsistent { table: "users", column: "ID", row }.into()
        })
    }
}
