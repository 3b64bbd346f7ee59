//! A cookie to its user: `wp_validate_auth_cookie()`.

use super::{Context, sessions};
use crate::store::StoreError;
use crate::store::usermeta;
use crate::store::users::{UserBy, UserColumns, WithMeta};
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::salts::Scheme;
use crate::wp::sanitize::sanitize_user;
use crate::wp::sessions::Sessions;

/// Why a cookie is not valid: the names of WordPress's `auth_cookie_*` actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCookie {
    /// Not four parts.
    Malformed,
    /// Its date is over.
    Expired,
    /// No such user.
    BadUsername,
    /// Signed with other keys, another scheme or another password.
    BadHash,
    /// Its session has ended.
    BadSessionToken,
}

impl Context<'_> {
    /// The user of a cookie that came with a request, with the meta rows of `keys`.
    ///
    /// `post` gives the hour of grace that WordPress grants to POST requests.
    pub async fn find_by_cookie<U: UserColumns>(
        &self,
        cookie: &AuthCookie<'_>,
        scheme: Scheme,
        post: bool,
        keys: &[&str],
    ) -> Result<Result<WithMeta<U>, InvalidCookie>, StoreError> {
        if cookie.is_expired(self.now, post) {
            return Ok(Err(InvalidCookie::Expired));
        }
        let login = sanitize_user(cookie.login(), false, self.site.rules());
        let Ok(login) = std::str::from_utf8(&login) else {
            return Ok(Err(InvalidCookie::BadUsername));
        };
        if login.is_empty() {
            return Ok(Err(InvalidCookie::BadUsername));
        }
        let mut wanted = vec![sessions::META_KEY];
        wanted.extend(keys);
        let Some(found) = self.db.find_with_meta::<U>(UserBy::Login(login), &wanted).await? else {
            return Ok(Err(InvalidCookie::BadUsername));
        };
        if !cookie.verify(found.user.pass(), self.site.salts.get(scheme), self.site.version) {
            return Ok(Err(InvalidCookie::BadHash));
        }
        let stored = usermeta::first(&found.meta, sessions::META_KEY).and_then(|row| row.value.as_deref());
        if !Sessions::has_live(stored, cookie.token(), self.now) {
            return Ok(Err(InvalidCookie::BadSessionToken));
        }
        Ok(Ok(found))
    }

    /// The same for a value as sent, in the scheme `logged_in` that the API's cookies have.
    pub async fn find_by_logged_in_cookie<U: UserColumns>(
        &self,
        cookie: &[u8],
        post: bool,
        keys: &[&str],
    ) -> Result<Result<WithMeta<U>, InvalidCookie>, StoreError> {
        match AuthCookie::parse(cookie) {
            Some(cookie) => self.find_by_cookie(&cookie, Scheme::LoggedIn, post, keys).await,
            None => Ok(Err(InvalidCookie::Malformed)),
        }
    }
}
