//! The user meta `session_tokens`: one PHP array of a user's logins.
//!
//! Mirrors `WP_User_Meta_Session_Tokens`. Reading and writing the row is not here, nor is making a token.

use super::php_serialize;
use super::php_value::{PhpArray, PhpKey, PhpValue};
use super::session_token::hash_token;

/// The meta key.
pub const META_KEY: &str = "session_tokens";

/// A user's sessions, in stored order, with all fields that anybody put there.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    entries: PhpArray,
}

/// What is remembered of a new login.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The token of the cookie.
    pub token: &'a str,
    /// Unix seconds until which it holds.
    pub expiration: i64,
    /// The client's address, if known.
    pub ip: Option<&'a str>,
    /// Its User-Agent as sent; WordPress's write loses backslashes, and so does this.
    pub user_agent: &'a [u8],
    /// Unix seconds of the login.
    pub login: i64,
}

impl Sessions {
    /// Reads the stored value. What is no array counts as no sessions, as in WordPress.
    #[must_use]
    pub fn parse(stored: Option<&[u8]>) -> Self {
        let value = stored.map(php_serialize::maybe_unserialize);
        match value {
            Some(PhpValue::Array(entries)) => Self { entries },
            _ => Self::default(),
        }
    }

    /// True when the token's session is there and has not ended (no grace).
    #[must_use]
    pub fn is_live(&self, token: &[u8], now: i64) -> bool {
        self.entries.get(&key(token)).is_some_and(|session| is_current(session, now))
    }

    /// Adds a session, as `WP_Session_Tokens::create()` does, and drops what has expired.
    ///
    /// Of more than `most` live ones the oldest logins go first.
    pub fn add(&mut self, session: NewSession<'_>, most: usize) {
        self.drop_expired(session.login);
        let mut fields = PhpArray::new();
        fields.insert(PhpKey::from("expiration"), PhpValue::Int(session.expiration));
        if let Some(ip) = session.ip {
            fields.insert(PhpKey::from("ip"), PhpValue::from(ip));
        }
        // PHP's empty(): the text "0" is not kept either.
        if !session.user_agent.is_empty() && session.user_agent != b"0" {
            fields.insert(PhpKey::from("ua"), PhpValue::from(unslashed(session.user_agent)));
        }
        fields.insert(PhpKey::from("login"), PhpValue::Int(session.login));
        self.entries.insert(key(session.token.as_bytes()), PhpValue::Array(fields));
        self.keep_newest(most);
    }

    /// Ends one session and drops what has expired, as `destroy()` does. False when there was none.
    pub fn remove(&mut self, token: &[u8], now: i64) -> bool {
        self.drop_expired(now);
        self.entries.remove(&key(token)).is_some()
    }

    /// True when no session is left; WordPress then deletes the row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value to store.
    #[must_use]
    pub fn serialize(&self) -> Vec<u8> {
        php_serialize::serialize(&PhpValue::Array(self.entries.clone()))
    }

    /// Sessions of other kinds than WordPress's own arrays take its form on the next write.
    fn drop_expired(&mut self, now: i64) {
        let mut kept = PhpArray::new();
        for (key, session) in self.entries.iter() {
            if is_current(session, now) {
                kept.insert(key.clone(), in_array_form(session));
            }
        }
        self.entries = kept;
    }

    fn keep_newest(&mut self, most: usize) {
        let excess = self.entries.len().saturating_sub(most);
        if excess == 0 {
            return;
        }
        let mut logins: Vec<(i64, usize)> =
            self.entries.iter().enumerate().map(|(place, (_, session))| (integer(session, "login"), place)).collect();
        logins.sort_unstable();
        let dropped: std::collections::HashSet<usize> =
            logins.into_iter().take(excess).map(|(_, place)| place).collect();
        let mut kept = PhpArray::new();
        for (place, (key, session)) in self.entries.iter().enumerate() {
            if !dropped.contains(&place) {
                kept.insert(key.clone(), session.clone());
            }
        }
        self.entries = kept;
    }
}

/// The entry's key: a hash of 64 hex digits, which PHP would take for a number only if it were shorter.
fn key(token: &[u8]) -> PhpKey {
    PhpKey::from(hash_token(token).as_str())
}

fn is_current(session: &PhpValue, now: i64) -> bool {
    integer(session, "expiration") >= now
}

/// A number field; a session in the oldest form is its expiration alone.
fn integer(session: &PhpValue, field: &str) -> i64 {
    match session {
        PhpValue::Array(fields) => fields.get(&PhpKey::from(field)).map_or(0, PhpValue::to_int),
        PhpValue::Int(expiration) if field == "expiration" => *expiration,
        _ => 0,
    }
}

fn in_array_form(session: &PhpValue) -> PhpValue {
    match session {
        PhpValue::Int(expiration) => {
            let mut fields = PhpArray::new();
            fields.insert(PhpKey::from("expiration"), PhpValue::Int(*expiration));
            PhpValue::Array(fields)
        }
        other => other.clone(),
    }
}

/// `wp_unslash()` once more, on the way into the meta table.
fn unslashed(text: &[u8]) -> Vec<u8> {
    super::sanitize::stripslashes(text)
}
