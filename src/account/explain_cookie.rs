//! Why WordPress would refuse a cookie: all that `wp_validate_auth_cookie()` looks at, told instead of answered.
//!
//! For the owner of the site, never for a caller: what is told here helps to forge the next cookie.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Login and token together, in bytes: 60 and 43 are usual at the most.
const LONGEST_SEARCH: usize = 256;

/// Why a cookie is refused, in the order in which WordPress looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not four parts.
    Malformed,
    /// Its date is over.
    Expired,
    /// Nobody has the login.
    UnknownUser,
    /// Somebody has it, but WordPress strips parts of it before it looks.
    OddLogin,
    /// The signature is right, for a cookie of another name.
    OtherScheme(Scheme),
    /// The signature is right, but WordPress slashes the login or the token before it looks.
    Slashed,
    /// The signature is wrong; see [`why_wrong`].
    BadSignature,
    /// It would be right with another hash of the user's password.
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
    let Some(user) = find(db, site, parsed.login()).await? else {
        let slashed = parsed.login() != plain.login();
        let user = if slashed { find(db, site, plain.login()).await? } else { None };
        let reason = if user.is_some() {
            Reason::Slashed
        } else if has_login(db, plain.login()).await? {
            Reason::OddLogin
        } else {
            Reason::UnknownUser
        };
        told.reasons.push(reason);
        return Ok(Explanation { user, ..told });
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
    // A session ends with its cookie: that is no reason of its own.
    let is_over = session.as_ref().is_none_or(|session| session.expiration < now);
    if scheme.is_some() && is_over && !told.reasons.contains(&Reason::Expired) {
        told.reasons.push(Reason::EndedSession);
    }
    Ok(Explanation { user: Some(user), scheme, session, ..told })
}

/// The user that WordPress finds by the login of a cookie.
pub async fn find(db: &Db, site: &Site, login: &[u8]) -> Result<Option<UserWithMeta>, StoreError> {
    let login = sanitize_user(login, false, site.rules());
    match std::str::from_utf8(&login) {
        Ok(login) if !login.is_empty() => {
            db.find_user_with_meta(UserBy::Login(login), &[sessions::META_KEY]).await
        }
        _ => Ok(None),
    }
}

/// Whether somebody has exactly this login.
async fn has_login(db: &Db, login: &[u8]) -> Result<bool, StoreError> {
    let Ok(login) = std::str::from_utf8(login) else { return Ok(false) };
    let found = db.find_user_with_meta(UserBy::Login(login), &[]).await?;
    Ok(found.is_some_and(|found| found.user.login == login.as_bytes()))
}

/// Finds out what is wrong with a signature, as of a cookie of that scheme, or of any for a cookie without a name. Takes
/// up to eight seconds of one core for each scheme, divided among all.
pub async fn why_wrong(site: &Site, cookie: &[u8], named: Option<Scheme>) -> Vec<Reason> {
    let Some(parsed) = AuthCookie::parse(cookie) else { return vec![Reason::OtherKeys] };
    // WordPress's own tokens have 43 characters; the search takes longer with each block to hash.
    if parsed.login().len() + parsed.token().len() > LONGEST_SEARCH {
        return vec![Reason::BadSignature];
    }
    let schemes = SCHEMES.into_iter().filter(|scheme| named.is_none_or(|named| named == *scheme));
    let search = |scheme| Some((scheme, CookieSearch::new(&parsed, site.salts.get(scheme))?));
    let searches: Vec<(Scheme, CookieSearch)> = schemes.filter_map(search).collect();
    match tokio::task::spawn_blocking(move || fitting_scheme(&searches)).await {
        Ok(Some(scheme)) if named.is_none() && scheme != Scheme::LoggedIn => {
            vec![Reason::OtherScheme(scheme), Reason::ChangedPassword]
        }
        Ok(Some(_)) => vec![Reason::ChangedPassword],
        Ok(None) => vec![Reason::OtherKeys],
        Err(_) => vec![Reason::BadSignature],
    }
}

/// The scheme in which it fits some password. On all cores, until one has found it.
fn fitting_scheme(searches: &[(Scheme, CookieSearch)]) -> Option<Scheme> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, found) = (AtomicUsize::new(0), OnceLock::new());
    // The schemes take turns, so what fits the last of them is found as soon.
    let steps = || LETTERS.iter().flat_map(|first| searches.iter().map(move |search| (first, search)));
    let work = || {
        while found.get().is_none() {
            let step = next.fetch_add(1, Ordering::Relaxed);
            let Some((first, (scheme, search))) = steps().nth(step) else { return };
            if search.fits(*first) {
                let _ = found.set(*scheme);
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
