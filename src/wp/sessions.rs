//! The user meta `session_tokens`: one PHP array of a user's logins.
//!
//! Mirrors `WP_User_Meta_Session_Tokens` of 6.1 to 7.1. Reading and writing the row is not here, nor is making a
//! token.

mod lookup;

use self::lookup::Lookup;
use super::php_number::int_cast;
use super::php_serialize::{UnserializeError, is_serialized, serialize, unserialize};
use super::php_value::{PhpArray, PhpValue};
use super::sanitize::stripslashes;
use super::session_token::{hash_digits, hash_token};

/// The meta key.
pub const META_KEY: &str = "session_tokens";

/// A user's sessions, in stored order, with all fields that anybody put there.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    entries: PhpArray,
}

/// What is remembered of a new login.
#[derive(Clone, Copy)]
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
    ///
    /// # Errors
    /// The value is one that PHP might read and this reader cannot: writing would lose what it holds.
    pub fn parse(stored: Option<&[u8]>) -> Result<Self, UnserializeError> {
        let value = match stored.filter(|stored| is_serialized(stored, true)).map(unserialize) {
            Some(Ok(value)) => value,
            None | Some(Err(UnserializeError::Malformed { .. })) => PhpValue::Null,
            Some(Err(beyond)) => return Err(beyond),
        };
        Ok(Self { entries: value.into_array().unwrap_or_default() })
    }

    /// True when the token's session is there and has not ended (no grace).
    #[must_use]
    pub fn is_live(&self, token: &[u8], now: i64) -> bool {
        self.entries.get(hash_token(token).as_str()).is_some_and(|session| is_current(session, now))
    }

    /// [`Self::parse`] and [`Self::is_live`] in one, without building the list where it has WordPress's own form.
    #[must_use]
    pub fn has_live(stored: Option<&[u8]>, token: &[u8], now: i64) -> bool {
        let Some(list) = stored else { return false };
        match lookup::find(list, &hash_digits(token)) {
            Some(Lookup::Expires(expiration)) => expiration >= now,
            Some(Lookup::Absent) => false,
            None => Self::parse(stored).is_ok_and(|sessions| sessions.is_live(token, now)),
        }
    }

    /// Adds a session, as `WP_Session_Tokens::create()` does, and drops what has expired.
    ///
    /// Of more than `most` live ones the oldest logins go first (D27).
    pub fn add(&mut self, session: NewSession<'_>, most: usize) {
        self.tidy(session.login);
        let mut fields = PhpArray::new();
        fields.insert("expiration", session.expiration);
        if let Some(ip) = session.ip {
            fields.insert("ip", ip);
        }
        // PHP's empty(): the text "0" is not kept either.
        if !session.user_agent.is_empty() && session.user_agent != b"0" {
            fields.insert("ua", stripslashes(session.user_agent));
        }
        fields.insert("login", session.login);
        self.entries.insert(hash_token(session.token.as_bytes()).as_str(), fields);
        self.keep_newest(most);
    }

    /// Ends one session and drops what has expired, as `destroy()` does. False when there was none.
    pub fn remove(&mut self, token: &[u8], now: i64) -> bool {
        self.tidy(now);
        self.entries.remove(hash_token(token).as_str()).is_some()
    }

    /// Where the live sessions were begun: their `ip`, as stored.
    pub fn live_addresses(&self, now: i64) -> impl Iterator<Item = &[u8]> {
        let live = self.entries.iter().filter(move |(_, session)| is_current(session, now));
        live.filter_map(|(_, session)| session.as_array()?.get("ip")?.as_bytes())
    }

    /// Sessions in the list, expired ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when no session is left; WordPress then deletes the row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value to store.
    #[must_use]
    pub fn serialize(&self) -> Vec<u8> {
        serialize(&PhpValue::Array(self.entries.clone()))
    }

    /// Drops expired sessions, and gives those in the oldest form, a bare expiration, WordPress's own.
    fn tidy(&mut self, now: i64) {
        self.entries.retain(|_, session| is_current(session, now));
        let bare: Vec<_> =
            self.entries.iter().filter_map(|(key, session)| Some((key.clone(), session.as_int()?))).collect();
        for (key, expiration) in bare {
            let fields: PhpArray = [("expiration", expiration)].into_iter().collect();
            self.entries.insert(key, fields);
        }
    }

    fn keep_newest(&mut self, most: usize) {
        let excess = self.entries.len().saturating_sub(most);
        if excess == 0 {
            return;
        }
        let mut by_login: Vec<_> = self
            .entries
            .iter()
            .enumerate()
            .map(|(place, (key, session))| (login(session), place, key.clone()))
            .collect();
        by_login.sort_unstable_by_key(|(login, place, _)| (*login, *place));
        let dropped: std::collections::HashSet<_> =
            by_login.into_iter().take(excess).map(|(_, _, key)| key).collect();
        self.entries.retain(|key, _| !dropped.contains(key));
    }
}

fn is_current(session: &PhpValue, now: i64) -> bool {
    let expiration = match session.as_array() {
        Some(fields) => fields.get("expiration").map_or(0, integer),
        None => session.as_int().unwrap_or(0),
    };
    expiration >= now
}

fn login(session: &PhpValue) -> i64 {
    session.as_array().and_then(|fields| fields.get("login")).map_or(0, integer)
}

/// A number, also where a plugin stored it as text.
fn integer(value: &PhpValue) -> i64 {
    value.as_int().or_else(|| value.to_text().map(|text| int_cast(&text))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "a:1:{s:64:\"2cfa89dff5ca619c21aad3b74f6b5573b00847a0e6954564a94bc4a5b9553d22\";a:4:{\
        s:10:\"expiration\";i:2000000000;s:2:\"ip\";s:9:\"127.0.0.1\";s:2:\"ua\";s:10:\"golden/1.0\";\
        s:5:\"login\";i:1795288802;}}";

    fn session(token: &str, login: i64) -> NewSession<'_> {
        NewSession { token, expiration: login + 100, ip: Some("127.0.0.1"), user_agent: b"golden/1.0", login }
    }

    #[test]
    fn a_value_that_wordpress_wrote_comes_back_byte_for_byte() {
        assert_eq!(Sessions::parse(Some(A.as_bytes())).unwrap().serialize(), A.as_bytes());
    }

    #[test]
    fn a_session_is_live_until_its_expiration_and_not_a_second_longer() {
        let mut sessions = Sessions::default();
        sessions.add(session("t", 1000), 10);
        assert!(sessions.is_live(b"t", 1100));
        assert!(!sessions.is_live(b"t", 1101));
        assert!(!sessions.is_live(b"u", 1000));
    }

    #[test]
    fn an_address_counts_while_a_session_that_began_there_is_live() {
        let sessions = Sessions::parse(Some(A.as_bytes())).unwrap();
        assert_eq!(sessions.live_addresses(2_000_000_000).collect::<Vec<_>>(), [b"127.0.0.1"]);
        assert_eq!(sessions.live_addresses(2_000_000_001).count(), 0);
    }

    #[test]
    fn adding_drops_the_expired_and_keeps_the_order_and_every_field_of_the_rest() {
        let key = |token: &str| hash_token(token.as_bytes());
        let stored = format!(
            "a:3:{{s:64:\"{}\";a:2:{{s:6:\"plugin\";O:3:\"Foo\":1:{{s:1:\"x\";i:1;}}s:10:\"expiration\";i:5000;}}\
             s:64:\"{}\";a:1:{{s:10:\"expiration\";i:999;}}s:64:\"{}\";i:6000;}}",
            key("old"),
            key("dead"),
            key("bare"),
        );
        let mut sessions = Sessions::parse(Some(stored.as_bytes())).unwrap();
        sessions.add(session("new", 1000), 10);
        let expected = format!(
            "a:3:{{s:64:\"{}\";a:2:{{s:6:\"plugin\";O:3:\"Foo\":1:{{s:1:\"x\";i:1;}}s:10:\"expiration\";i:5000;}}\
             s:64:\"{}\";a:1:{{s:10:\"expiration\";i:6000;}}\
             s:64:\"{}\";a:4:{{s:10:\"expiration\";i:1100;s:2:\"ip\";s:9:\"127.0.0.1\";\
             s:2:\"ua\";s:10:\"golden/1.0\";s:5:\"login\";i:1000;}}}}",
            key("old"),
            key("bare"),
            key("new"),
        );
        assert_eq!(String::from_utf8(sessions.serialize()).unwrap(), expected);
    }

    #[test]
    fn backslashes_of_the_user_agent_are_lost_as_in_wordpress() {
        let mut sessions = Sessions::default();
        sessions.add(NewSession { user_agent: br#"a\b"c"#, ..session("t", 1) }, 10);
        let stored = String::from_utf8(sessions.serialize()).unwrap();
        assert!(stored.contains("s:2:\"ua\";s:4:\"ab\"c\";"), "{stored}");
    }

    #[test]
    fn unknown_address_and_agent_leave_no_field() {
        let mut sessions = Sessions::default();
        sessions.add(NewSession { user_agent: b"", ip: None, ..session("t", 1) }, 10);
        let stored = String::from_utf8(sessions.serialize()).unwrap();
        assert!(stored.ends_with("a:2:{s:10:\"expiration\";i:101;s:5:\"login\";i:1;}}"), "{stored}");
    }

    #[test]
    fn of_too_many_sessions_the_oldest_logins_go() {
        let mut sessions = Sessions::default();
        for (token, login) in [("b", 1002), ("a", 1001), ("c", 1003), ("d", 1004)] {
            sessions.add(session(token, login), 3);
        }
        let live: Vec<bool> =
            ["a", "b", "c", "d"].iter().map(|t| sessions.is_live(t.as_bytes(), 1004)).collect();
        assert_eq!(live, [false, true, true, true]);
    }

    #[test]
    fn the_last_session_leaves_an_empty_list() {
        let mut sessions = Sessions::default();
        sessions.add(session("t", 1000), 10);
        assert!(!sessions.remove(b"other", 1000));
        assert!(sessions.remove(b"t", 1000));
        assert!(sessions.is_empty());
    }

    #[test]
    fn a_value_that_php_might_read_is_not_taken_for_an_empty_one() {
        let deep = format!("{}i:1;{}", "a:1:{i:0;".repeat(600), "}".repeat(600));
        assert!(Sessions::parse(Some(deep.as_bytes())).is_err());
    }

    #[test]
    fn garbage_counts_as_no_sessions() {
        for garbage in ["", "x", "i:5;", "a:1:{", "b:0;", "s:1:\"x\";"] {
            assert!(Sessions::parse(Some(garbage.as_bytes())).unwrap().is_empty(), "{garbage}");
        }
    }
}
