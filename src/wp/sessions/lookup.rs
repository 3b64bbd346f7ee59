//! One session out of the stored list, without building the list: a cookie check needs no more, and a user may have
//! a thousand of them.
//!
//! Only the form that WordPress itself writes is read here. Whatever else PHP would read is the full reader's
//! business.

/// What the list says of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// There is none of that key.
    Absent,
    /// Its `expiration`, in Unix seconds; 0 where it has none.
    Expires(i64),
}

/// Looks for the session of a key. `None`: the list is not in WordPress's own form.
pub(super) fn find(stored: &[u8], key: &[u8]) -> Option<Lookup> {
    let mut rest = Rest(stored);
    let mut found = Lookup::Absent;
    for _ in 0..rest.array()? {
        let entry = rest.text()?;
        let expiration = rest.session()?;
        // Of two equal keys PHP keeps the last.
        if entry == key {
            found = Lookup::Expires(expiration);
        }
    }
    rest.literal(b"}")?;
    rest.0.is_empty().then_some(found)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// `a:<count>:{`
    fn array(&mut self) -> Option<usize> {
        self.literal(b"a:")?;
        let count = self.count()?;
        self.literal(b":{")?;
        Some(count)
    }

    /// A session's `expiration`; all its fields are texts and numbers.
    fn session(&mut self) -> Option<i64> {
        let mut expiration = 0;
        for _ in 0..self.array()? {
            let name = self.text()?;
            if let Some(after) = self.0.strip_prefix(b"i:") {
                self.0 = after;
                let number = self.number()?;
                if name == b"expiration" {
                    expiration = number;
                }
            } else {
                self.text()?;
                if name == b"expiration" {
                    return None;
                }
            }
        }
        self.literal(b"}")?;
        Some(expiration)
    }

    /// `s:<length>:"…";`
    fn text(&mut self) -> Option<&'a [u8]> {
        self.literal(b"s:")?;
        let length = self.count()?;
        self.literal(b":\"")?;
        let (text, after) = self.0.split_at_checked(length)?;
        self.0 = after;
        self.literal(b"\";")?;
        Some(text)
    }

    /// The digits and `;` of a number that surely fits.
    fn number(&mut self) -> Option<i64> {
        let number = i64::try_from(self.count()?).ok()?;
        self.literal(b";")?;
        Some(number)
    }

    /// At most 18 digits, as PHP writes them.
    fn count(&mut self) -> Option<usize> {
        let digits = self.0.iter().take(19).take_while(|byte| byte.is_ascii_digit()).count();
        let (number, after) = self.0.split_at_checked(digits)?;
        if !(1..=18).contains(&digits) || (digits > 1 && number.starts_with(b"0")) {
            return None;
        }
        self.0 = after;
        number
            .iter()
            .try_fold(0usize, |value, digit| value.checked_mul(10)?.checked_add(usize::from(digit - b'0')))
    }

    fn literal(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{NewSession, Sessions};
    use super::*;

    const NOW: i64 = 1_000;

    fn stored(expirations: &[i64]) -> Vec<u8> {
        let mut sessions = Sessions::default();
        for (number, expiration) in expirations.iter().enumerate() {
            let token = format!("t{number}");
            let (ip, user_agent) = (Some("127.0.0.1"), b"a \"quoted\"; agent}".as_slice());
            sessions.add(
                NewSession { token: &token, expiration: *expiration, ip, user_agent, login: NOW },
                expirations.len(),
            );
        }
        sessions.serialize()
    }

    fn key(token: &str) -> String {
        crate::wp::session_token::hash_token(token.as_bytes())
    }

    #[test]
    fn a_session_is_found_in_what_wordpress_writes() {
        let list = stored(&[2_000, 3_000]);
        assert_eq!(find(&list, key("t0").as_bytes()), Some(Lookup::Expires(2_000)));
        assert_eq!(find(&list, key("t1").as_bytes()), Some(Lookup::Expires(3_000)));
        assert_eq!(find(&list, key("t2").as_bytes()), Some(Lookup::Absent));
        assert_eq!(find(b"a:0:{}", b"x"), Some(Lookup::Absent));
    }

    #[test]
    fn every_other_form_is_left_to_the_full_reader() {
        for other in [
            "",
            "x",
            "a:0:{}x",
            "a:01:{}",
            "a:1:{}",
            "a:1:{s:1:\"k\";i:5;}",
            "a:1:{s:1:\"k\";a:1:{s:1:\"x\";b:1;}}",
            "a:1:{s:1:\"k\";a:1:{s:10:\"expiration\";s:1:\"5\";}}",
            "a:1:{s:1:\"k\";a:1:{s:10:\"expiration\";i:-5;}}",
            "a:1:{s:1:\"k\";a:1:{s:10:\"expiration\";i:9999999999999999999;}}",
            "a:1:{s:99:\"k\";a:0:{}}",
        ] {
            assert_eq!(find(other.as_bytes(), b"k"), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn it_never_says_anything_else_than_the_full_reader(
            expirations in prop::collection::vec(900i64..1_100, 0..5),
            changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"aisO:;\"{}0123456789".to_vec())), 0..3),
            asked in 0usize..5,
        ) {
            let mut list = stored(&expirations);
            for (place, byte) in changes {
                let place = place.index(list.len());
                list[place] = byte;
            }
            let token = format!("t{asked}");
            let full = Sessions::parse(Some(&list)).is_ok_and(|sessions| sessions.is_live(token.as_bytes(), NOW));
            prop_assert_eq!(Sessions::has_live(Some(&list), token.as_bytes(), NOW), full);
            if let Some(found) = find(&list, key(&token).as_bytes()) {
                prop_assert_eq!(matches!(found, Lookup::Expires(at) if at >= NOW), full);
            }
        }
    }
}
