//! Why WordPress would refuse a cookie: all that `wp_validate_auth_cookie()` looks at, told instead of answered.
//!
//! For the owner of the site, never for a caller: what is told here helps to forge the next cookie.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::sessions;
use super::site::Site;
use crate::store::users::{UserBy, UserWithMeta};
use crate::store::{Db, StoreError};
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::cookie_search::{CookieSearch, LETTERS};
use crate::wp::salts::Scheme;
use crate::wp::sanitize::sanitize_user;
use crate::wp::session_token::hash_token;

/// The schemes of cookies.
const SCHEMES: [Scheme; 3] = [Scheme::LoggedIn, Scheme::SecureAuth, Scheme::Auth];

/// Why a cookie is refused, in the order in which WordPress looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not four parts.
    Malformed,
    /// Its date is over.
    Expired,
    /// Nobody has the login.
    UnknownUser,
    /// The signature is right, for a cookie of another name.
    OtherScheme(Scheme),
    /// The signature is right, but WordPress slashes the login or the token before it looks.
    Slashed,
    /// The signature is wrong; see [`why_wrong`].
    BadSignature,
    /// It would be right with another password of the user.
    ChangedPassword,
    /// It is wrong with every password: other keys, another site, or an altered cookie.
    OtherKeys,
    /// The signature is right and the session has ended.
    EndedSession,
}

/// The session of a cookie's token.
#[derive(Clone, Debug)]
pub struct SessionFound {
    /// Unix seconds until which it holds.
    pub expiration: i64,
    /// Unix seconds of the login.
    pub login: Option<i64>,
    /// Where it began.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
}

/// What is known of a cookie.
#[derive(Debug, Default)]
pub struct Explanation {
    /// The user that its login leads to.
    pub user: Option<UserWithMeta>,
    /// The scheme in which it is signed, if it is rightly signed.
    pub scheme: Option<Scheme>,
    /// The session of its token, live or not.
    pub session: Option<SessionFound>,
    /// All that speaks against it; WordPress stops at the first.
    pub reasons: Vec<Reason>,
}

/// Looks at a cookie as WordPress does at one of that scheme.
pub async fn explain(
    db: &Db,
    site: &Site,
    now: i64,
    cookie: &[u8],
    wanted: Scheme,
) -> Result<Explanation, StoreError> {
    let mut told = Explanation::default();
    let (Some(parsed), Some(plain)) = (AuthCookie::parse(cookie), AuthCookie::parse_unslashed(cookie)) else {
        told.reasons.push(Reason::Malformed);
        return Ok(told);
    };
    if parsed.is_expired(now, false) {
        told.reasons.push(Reason::Expired);
    }
    let mut user = find(db, site, parsed.login()).await?;
    if user.is_none() && parsed.login() != plain.login() {
        user = find(db, site, plain.login()).await?;
        if user.is_some() {
            told.reasons.push(Reason::Slashed);
            return Ok(Explanation { user, ..told });
        }
    }
    let Some(user) = user else {
        told.reasons.push(Reason::UnknownUser);
        return Ok(told);
    };
    let key = hash_token(parsed.token());
    let stored = sessions::stored(user.user.id, &user.meta)?;
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let session = stored.entries().find(|entry| entry.key == key.as_bytes()).map(|entry| SessionFound {
        expiration: entry.expiration,
        login: entry.login,
        ip: text(entry.ip),
        user_agent: text(entry.user_agent),
    });
    let signed = |cookie: &AuthCookie<'_>, scheme| {
        cookie.verify(&user.user.pass, site.salts.get(scheme), site.version)
    };
    let scheme = SCHEMES.into_iter().find(|scheme| signed(&parsed, *scheme));
    // A token with a quote, whose login has none.
    let is_slashed = scheme.is_none() && SCHEMES.into_iter().any(|scheme| signed(&plain, scheme));
    told.reasons.extend(match scheme {
        Some(found) if found == wanted => None,
        Some(other) => Some(Reason::OtherScheme(other)),
        None if is_slashed => Some(Reason::Slashed),
        None => Some(Reason::BadSignature),
    });
    if scheme.is_some() && session.as_ref().is_none_or(|session| session.expiration < now) {
        told.reasons.push(Reason::EndedSession);
    }
    Ok(Explanation { user: Some(user), scheme, session, ..told })
}

/// The user that WordPress finds by the login of a cookie.
async fn find(db: &Db, site: &Site, login: &[u8]) -> Result<Option<UserWithMeta>, StoreError> {
    let login = sanitize_user(login, false, site.rules());
    match std::str::from_utf8(&login) {
        Ok(login) if !login.is_empty() => {
            db.find_user_with_meta(UserBy::Login(login), &[sessions::META_KEY]).await
        }
        _ => Ok(None),
    }
}

/// Finds out what is wrong with a signature. Takes up to eight seconds of one core, divided among all.
pub async fn why_wrong(site: &Site, cookie: &[u8], wanted: Scheme) -> Reason {
    let parsed = AuthCookie::parse(cookie);
    let search = parsed.and_then(|parsed| CookieSearch::new(&parsed, site.salts.get(wanted)));
    let Some(search) = search else { return Reason::OtherKeys };
    match tokio::task::spawn_blocking(move || fits_some_password(&search)).await {
        Ok(true) => Reason::ChangedPassword,
        Ok(false) => Reason::OtherKeys,
        Err(_) => Reason::BadSignature,
    }
}

/// On all cores, until one has found it.
fn fits_some_password(search: &CookieSearch) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, found) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        while !found.load(Ordering::Relaxed) {
            let Some(first) = LETTERS.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            if search.fits(*first) {
                found.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    found.into_inner()
}
