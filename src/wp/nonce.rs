//! Nonces: the ten characters that tie a request to an action, a user and half a day.
//!
//! Which action text an endpoint uses belongs to the endpoint.

use super::hash;

/// How long a nonce lives, in seconds: one day, unless the site filters `nonce_life`.
pub const NONCE_LIFE: i64 = 86_400;

/// Half a nonce's life, the step of the clock that nonces are made with.
const TICK: i64 = NONCE_LIFE / 2;

/// Whom and what a nonce is for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The action's text, such as `json_api-user-register`.
    pub action: &'a str,
    /// ID of the current user, 0 for a visitor.
    pub user_id: u64,
    /// Session token of the logged_in cookie in the request's headers, slashed, '' without one: see
    /// [`AuthCookie::session_token`](super::auth_cookie::AuthCookie::session_token).
    pub token: &'a [u8],
}

/// How old a valid nonce is: what `wp_verify_nonce()` says as 1 or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Made in the current tick, at most 12 hours ago.
    Current,
    /// Made in the tick before, 12 to 24 hours ago.
    Previous,
}

/// The tick of a moment, in half days since 1970, rounded up.
///
/// `now` is Unix time in seconds. Mirrors `wp_nonce_tick()` with the default life; held against 6.8.8.
#[must_use]
pub fn tick(now: i64) -> i64 {
    now.div_euclid(TICK) + i64::from(now.rem_euclid(TICK) != 0)
}

/// The nonce of a tick: 10 hex digits.
///
/// Mirrors `wp_create_nonce()`; held against 6.8.8. `salt` is that of the nonce scheme.
#[must_use]
pub fn create(tick: i64, subject: Subject<'_>, salt: &[u8]) -> String {
    let mut data = format!("{tick}|{}|{}|", subject.action, subject.user_id).into_bytes();
    data.extend_from_slice(subject.token);
    let digest = hash::wp_hash(&data, salt);
    // substr( .., -12, 10 ) of 32 digits.
    digest.get(20..30).unwrap_or_default().to_owned()
}

/// Whether a nonce is valid at `now`, and how old it is. '' and '0' never are.
///
/// Mirrors `wp_verify_nonce()` of 6.1 to 7.1.
#[must_use]
pub fn verify(nonce: &[u8], now: i64, subject: Subject<'_>, salt: &[u8]) -> Option<Age> {
    if nonce.is_empty() || nonce == b"0" {
        return None;
    }
    let tick = tick(now);
    if hash::equal(create(tick, subject, salt).as_bytes(), nonce) {
        return Some(Age::Current);
    }
    hash::equal(create(tick - 1, subject, salt).as_bytes(), nonce).then_some(Age::Previous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const SUBJECT: Subject<'_> = Subject { action: "json_api-user-register", user_id: 7, token: b"tok" };

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../fixtures/vectors/wordpress-6.8.8.json")).unwrap()
    }

    #[test]
    fn nonces_are_those_of_wordpress() {
        let vectors = vectors();
        let cases = vectors["nonce"].as_array().unwrap();
        assert!(cases.len() >= 10);
        for case in cases {
            let action = case["action"].as_str().map_or_else(|| case["action"].to_string(), str::to_owned);
            let subject = Subject {
                action: &action,
                user_id: case["uid"].as_u64().unwrap(),
                token: case["token"].as_str().unwrap().as_bytes(),
            };
            let nonce =
                create(case["tick"].as_i64().unwrap(), subject, case["salt"].as_str().unwrap().as_bytes());
            assert_eq!(nonce, case["output"].as_str().unwrap(), "{case}");
        }
    }

    #[test]
    fn the_tick_is_that_of_wordpress() {
        let case = &vectors()["nonce_tick"];
        assert_eq!(case["nonce_life_seconds"], NONCE_LIFE);
        assert_eq!(tick(case["now"].as_i64().unwrap()), case["tick"].as_i64().unwrap());
        assert_eq!((tick(43_200), tick(43_201), tick(0)), (1, 2, 0));
    }

    #[test]
    fn a_nonce_lives_for_two_ticks() {
        let made = 1_000 * TICK + 1;
        let nonce = create(tick(made), SUBJECT, b"salt");
        let at = |now| verify(nonce.as_bytes(), now, SUBJECT, b"salt");
        assert_eq!(at(made), Some(Age::Current));
        assert_eq!(at(1_001 * TICK), Some(Age::Current));
        assert_eq!(at(1_001 * TICK + 1), Some(Age::Previous));
        assert_eq!(at(1_002 * TICK), Some(Age::Previous));
        assert_eq!(at(1_002 * TICK + 1), None);
        assert_eq!(at(1_000 * TICK), None);
    }

    #[test]
    fn an_empty_nonce_or_zero_is_never_valid() {
        for nonce in [&b""[..], b"0"] {
            assert_eq!(verify(nonce, 5, SUBJECT, b"salt"), None);
        }
    }

    proptest! {
        #[test]
        fn any_change_of_the_nonce_or_its_subject_is_refused(
            place in 0_usize..10, flip in 1_u8..=255, user_id in 8_u64.., token in "[a-z]{4}", now in 0..4_000_000_000_i64,
        ) {
            let nonce = create(tick(now), SUBJECT, b"salt");
            let mut changed = nonce.clone().into_bytes();
            changed[place] ^= flip;
            prop_assert_eq!(verify(&changed, now, SUBJECT, b"salt"), None);
            prop_assert_eq!(verify(nonce.as_bytes(), now, Subject { user_id, ..SUBJECT }, b"salt"), None);
            prop_assert_eq!(verify(nonce.as_bytes(), now, Subject { token: token.as_bytes(), ..SUBJECT }, b"salt"), None);
        }
    }
}
