//! A cookie for a user: token, session, signature. Mirrors `wp_generate_auth_cookie()` as `wp_set_auth_cookie()`
//! calls it: one session serves all schemes.

use std::borrow::Cow;

use super::Context;
use crate::store::StoreError;
use crate::store::users::UserWithMeta;
use crate::wp::auth_cookie;
use crate::wp::salts::Scheme;
use crate::wp::session_token::token_from_random;
use crate::wp::sessions::NewSession;

/// The cookies of one session.
#[derive(Clone)]
pub struct IssuedCookie {
    /// Scheme `logged_in`.
    pub logged_in: String,
    /// Scheme `secure_auth`.
    pub secure_auth: String,
}

impl Context<'_> {
    /// Starts a session that ends at `expiration` (Unix seconds) and signs its cookies. `found` must hold the
    /// user's `session_tokens`.
    pub async fn issue_cookie(
        &self,
        found: &UserWithMeta,
        expiration: i64,
        ip: Option<&str>,
        user_agent: &[u8],
        most_sessions: usize,
    ) -> Result<IssuedCookie, StoreError> {
        let token = self.new_token();
        let user_agent = &*self.storable_agent(user_agent);
        let session = NewSession { token: &token, expiration, ip, user_agent, login: self.now };
        self.start_session(found.user.id, &found.meta, session, most_sessions).await?;
        Ok(self.sign_cookie(&found.user.login, &found.user.pass, expiration, &token))
    }

    /// The agent if the column surely holds it, else its ASCII letters: one letter that the server had to replace
    /// would make the whole list of sessions unreadable.
    pub(super) fn storable_agent<'t>(&self, agent: &'t [u8]) -> Cow<'t, [u8]> {
        if self.surely_fits(&self.site.meta_columns.value, agent) {
            Cow::Borrowed(agent)
        } else {
            Cow::Owned(agent.iter().copied().filter(u8::is_ascii).collect())
        }
    }

    /// A session token nobody has yet.
    pub(super) fn new_token(&self) -> String {
        let mut random = [0; 64];
        self.random.fill(&mut random);
        token_from_random(&random)
    }

    /// Signs the cookies of a session, with the stored hash of the password.
    pub(super) fn sign_cookie(
        &self,
        login: &[u8],
        pass: &[u8],
        expiration: i64,
        token: &str,
    ) -> IssuedCookie {
        let login = String::from_utf8_lossy(login);
        let sign = |scheme| {
            let salt = self.site.salts.get(scheme);
            auth_cookie::generate(&login, pass, expiration, token, salt, self.site.version)
        };
        IssuedCookie { logged_in: sign(Scheme::LoggedIn), secure_auth: sign(Scheme::SecureAuth) }
    }
}
