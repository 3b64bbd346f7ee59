//! Authentication cookies: making, reading and checking their signature and date.
//!
//! Finding the user by the cookie's login and looking for its session are not here: both need rows.
//! The cookie's name is in `cookie_names`, the salt of each scheme in `salts`.

use std::borrow::Cow;

use super::{hash, php_number, php_text, version::WpVersion};

/// Seconds for which an expired cookie is still taken in a POST request.
pub const POST_GRACE: i64 = 3_600;

/// The four parts of a cookie: `login|expiration|token|hmac`.
///
/// WordPress slashes every value of a request before it looks at it, cookies included, so a login or
/// token with a quote or backslash is signed as it stands but checked with one more backslash, and never
/// validates. [`parse`](Self::parse) does the same; the parts are what WordPress works with, slashed.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthCookie<'a> {
    login: Cow<'a, [u8]>,
    expiration: Cow<'a, [u8]>,
    token: Cow<'a, [u8]>,
    hmac: Cow<'a, [u8]>,
}

impl<'a> AuthCookie<'a> {
    /// Reads a cookie from a request: the value as sent, decoded once. `None` unless it has exactly four parts.
    ///
    /// Mirrors `wp_magic_quotes()` and `wp_parse_auth_cookie()` of 6.1 to 7.1.
    #[must_use]
    pub fn parse(cookie: &'a [u8]) -> Option<Self> {
        // Slashing adds no `|`, so each part may be slashed by itself.
        Self::split(cookie, php_text::addslashes)
    }

    /// Reads a cookie that did not come in with a request and is not slashed, such as one just generated.
    ///
    /// Mirrors `wp_parse_auth_cookie()` called with a value.
    #[must_use]
    pub fn parse_unslashed(cookie: &'a [u8]) -> Option<Self> {
        Self::split(cookie, Cow::Borrowed)
    }

    fn split(cookie: &'a [u8], part: impl Fn(&'a [u8]) -> Cow<'a, [u8]>) -> Option<Self> {
        let mut parts = cookie.split(|byte| *byte == b'|').map(part);
        let cookie = Self {
            login: parts.next()?,
            expiration: parts.next()?,
            token: parts.next()?,
            hmac: parts.next()?,
        };
        parts.next().is_none().then_some(cookie)
    }

    /// The login as written in the cookie. The user is found by it as by a typed one, which is more
    /// lenient than the signature: that is taken over these very bytes.
    #[must_use]
    pub fn login(&self) -> &[u8] {
        &self.login
    }

    /// The session token. Its session must exist: `session_token::hash_token` gives the key.
    #[must_use]
    pub fn token(&self) -> &[u8] {
        &self.token
    }

    /// The session token as nonces take it: '' for the token `0`.
    ///
    /// Mirrors `wp_get_session_token()`, which does not ask whether the cookie is valid.
    #[must_use]
    pub fn session_token(&self) -> &[u8] {
        if *self.token == *b"0" { b"" } else { &self.token }
    }

    /// The expiration as WordPress reads it: Unix time in seconds by PHP's cast.
    #[must_use]
    pub fn expiration(&self) -> i64 {
        php_number::int_cast(&self.expiration)
    }

    /// Whether the cookie's date is over at `now` (Unix time in seconds). `post` is true for POST and
    /// Ajax requests, which get an hour more.
    ///
    /// Mirrors the check in `wp_validate_auth_cookie()`. The session's own date has no such grace.
    #[must_use]
    pub fn is_expired(&self, now: i64, post: bool) -> bool {
        let grace = if post { POST_GRACE } else { 0 };
        self.expiration().saturating_add(grace) < now
    }

    /// Whether the signature is that of a user with this `user_pass`, in constant time.
    ///
    /// Mirrors the HMAC check of `wp_validate_auth_cookie()`; held against 6.1.12, 6.8.8 and 7.1.0.
    /// `salt` is that of the cookie's scheme, `version` that of the running code.
    #[must_use]
    pub fn verify(&self, user_pass: &[u8], salt: &[u8], version: WpVersion) -> bool {
        let fragment = password_fragment(user_pass, version);
        let expected = sign(&self.login, fragment, &self.expiration, &self.token, salt);
        hash::equal(&expected, &self.hmac)
    }
}

/// Leaves the token and the signature out: whoever holds them is logged in.
impl std::fmt::Debug for AuthCookie<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthCookie").field("expiration", &self.expiration()).finish_non_exhaustive()
    }
}

/// The four bytes of the stored hash that go into a cookie's key, so that a new password ends old cookies.
///
/// Up to 6.7 bytes 8 to 11; from 6.8 on those only for `$P$` and `$2y$`, otherwise the last four. Of a
/// short hash whatever is there.
#[must_use]
pub fn password_fragment(user_pass: &[u8], version: WpVersion) -> &[u8] {
    let at_eight = user_pass.starts_with(b"$P$") || user_pass.starts_with(b"$2y$");
    if version.at_least(6, 8) && !at_eight {
        let start = user_pass.len().saturating_sub(4);
        return user_pass.get(start..).unwrap_or_default();
    }
    let end = user_pass.len().min(12);
    user_pass.get(8..end).unwrap_or_default()
}

/// A new cookie. `login` and `user_pass` are the columns as stored, `expiration` is Unix time in seconds.
///
/// Mirrors `wp_generate_auth_cookie()`; held against 6.1.12, 6.8.8 and 7.1.0. The three schemes (auth,
/// secure_auth, logged_in) differ in nothing but the salt.
#[must_use]
pub fn generate(
    login: &str,
    user_pass: &[u8],
    expiration: i64,
    token: &str,
    salt: &[u8],
    version: WpVersion,
) -> String {
    let date = expiration.to_string();
    let fragment = password_fragment(user_pass, version);
    let hmac = sign(login.as_bytes(), fragment, date.as_bytes(), token.as_bytes(), salt);
    format!("{login}|{date}|{token}|{}", String::from_utf8_lossy(&hmac))
}

fn sign(login: &[u8], fragment: &[u8], expiration: &[u8], token: &[u8], salt: &[u8]) -> [u8; 64] {
    // The key is the hex text itself, not the bytes it stands for.
    let key = hash::wp_hash_joined([login, fragment, expiration, token], salt);
    hash::hmac_sha256_joined([login, expiration, token], &key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const V61: WpVersion = WpVersion::new(6, 1);
    const V68: WpVersion = WpVersion::new(6, 8);
    const PASS: &[u8] = b"$P$B0123456789abcdefghijklmnopqrst";

    #[test]
    fn cookies_are_those_of_wordpress() {
        for (vectors, version) in [
            (include_str!("../../fixtures/vectors/wordpress-6.1.12.json"), V61),
            (include_str!("../../fixtures/vectors/wordpress-6.8.8.json"), V68),
            (include_str!("../../fixtures/vectors/wordpress-7.1.0.json"), WpVersion::new(7, 1)),
        ] {
            let vectors: Value = serde_json::from_str(vectors).unwrap();
            let cases = vectors["auth_cookie"].as_array().unwrap();
            assert_eq!(cases.len(), 24);
            for case in cases {
                let text = |name: &str| case[name].as_str().unwrap();
                let (pass, salt) = (text("user_pass").as_bytes(), text("salt").as_bytes());
                let expiration = case["expiration"].as_i64().unwrap();
                let made = generate(text("user_login"), pass, expiration, text("token"), salt, version);
                assert_eq!(made, text("cookie"), "{case}");
                let read = AuthCookie::parse(made.as_bytes()).unwrap();
                assert!(read.verify(pass, salt, version));
                assert!(!read.verify(b"$P$Bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", salt, version));
                assert!(!read.verify(pass, b"another salt", version));
                assert_eq!(read.login(), text("user_login").as_bytes());
                assert_eq!(read.expiration(), expiration);
            }
        }
    }

    #[test]
    fn a_cookie_has_exactly_four_parts() {
        for text in ["", "0", "a", "a|b|c", "a|b|c|d|e", "a|b|c|d|"] {
            assert!(AuthCookie::parse(text.as_bytes()).is_none(), "{text}");
        }
        assert!(AuthCookie::parse(b"|||").is_some());
    }

    #[test]
    fn a_login_with_quotes_never_validates_from_a_request() {
        for login in ["o'neil", "a\"b", "a\\b"] {
            let cookie = generate(login, PASS, 2_000_000_000, "tok", b"salt", V68);
            assert!(!AuthCookie::parse(cookie.as_bytes()).unwrap().verify(PASS, b"salt", V68));
            assert!(AuthCookie::parse_unslashed(cookie.as_bytes()).unwrap().verify(PASS, b"salt", V68));
        }
    }

    #[test]
    fn the_fragment_follows_the_running_version_and_not_the_hash() {
        let fragment = |pass: &'static str, version| {
            password_fragment(pass.as_bytes(), version).escape_ascii().to_string()
        };
        assert_eq!(fragment("$wp$2y$10$abcdefgh", V61), "0$ab");
        assert_eq!(fragment("$wp$2y$10$abcdefgh", V68), "efgh");
        assert_eq!(fragment("$P$B01234567", V68), "4567");
        assert_eq!(fragment("$H$B0123456789", V68), "6789");
        assert_eq!(fragment("$P$B0", V68), "");
        assert_eq!(fragment("abc", V68), "abc");
        assert_eq!(fragment("abc", V61), "");
        assert_eq!(fragment("0123456789", V61), "89");
    }

    #[test]
    fn post_requests_get_an_hour_more() {
        let cookie = AuthCookie::parse(b"john|1000|t|h").unwrap();
        assert!(!cookie.is_expired(1_000, false));
        assert!(cookie.is_expired(1_001, false));
        assert!(!cookie.is_expired(4_600, true));
        assert!(cookie.is_expired(4_601, true));
        let forever = AuthCookie::parse(b"john|99999999999999999999|t|h").unwrap();
        assert!(!forever.is_expired(i64::MAX, true));
        assert!(AuthCookie::parse(b"john|soon|t|h").unwrap().is_expired(1_000, false));
    }

    #[test]
    fn debug_output_shows_neither_token_nor_signature() {
        let shown = format!("{:?}", AuthCookie::parse(b"john|1000|secret-token|secret-hmac").unwrap());
        assert_eq!(shown, "AuthCookie { expiration: 1000, .. }");
    }

    #[test]
    fn the_token_zero_is_none_for_nonces() {
        assert_eq!(AuthCookie::parse(b"a|1|0|h").unwrap().session_token(), b"");
        assert_eq!(AuthCookie::parse(b"a|1|t|h").unwrap().session_token(), b"t");
    }

    proptest! {
        #[test]
        fn any_changed_byte_ends_the_cookie(login in "[a-zA-Z0-9 _.@-]{1,60}", at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
            let cookie = generate(&login, PASS, 2_000_000_000, "TOKENtoken", b"salt", V68).into_bytes();
            prop_assert!(AuthCookie::parse(&cookie).unwrap().verify(PASS, b"salt", V68));
            let mut changed = cookie.clone();
            changed[at.index(cookie.len())] ^= flip;
            let valid = AuthCookie::parse(&changed).is_some_and(|read| read.verify(PASS, b"salt", V68));
            prop_assert!(!valid);
        }

        #[test]
        fn any_bytes_can_be_read(cookie in proptest::collection::vec(any::<u8>(), 0..200), pass in proptest::collection::vec(any::<u8>(), 0..70), now in any::<i64>()) {
            for version in [V61, V68] {
                if let Some(read) = AuthCookie::parse(&cookie) {
                    prop_assert!(!read.verify(&pass, b"salt", version));
                    let _ = read.is_expired(now, true);
                }
            }
        }

        #[test]
        fn four_parts_of_any_bytes_can_be_read(parts in proptest::collection::vec("[^|]{0,20}", 4)) {
            let text = parts.join("|");
            prop_assert!(AuthCookie::parse(text.as_bytes()).is_some());
        }
    }
}
