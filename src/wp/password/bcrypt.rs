//! Plain bcrypt hashes as PHP reads them, and new `$2y$` ones.
//!
//! The `$wp` around them is in `password`.

use bcrypt::Version;

/// The highest cost that is computed, a few seconds. The format goes up to 31, which would take days of
/// a core for one attempt to log in; what people set is 10 to 14.
pub(super) const MAX_COST: u32 = 16;

/// The lowest cost there is.
pub(super) const MIN_COST: u32 = 4;

/// A `$2y$`, `$2a$` or `$2b$` hash that PHP would take, cost 4 to 31.
///
/// `$2a$` is read like `$2y$`. PHP reads it differently for passwords with byte 0xFF in certain places,
/// which no UTF-8 text contains.
pub(super) struct BcryptHash<'a> {
    text: &'a str,
    cost: u32,
}

impl<'a> BcryptHash<'a> {
    pub(super) fn parse(stored: &'a [u8]) -> Option<Self> {
        let [b'$', b'2', b'y' | b'a' | b'b', b'$', tens @ b'0'..=b'9', units @ b'0'..=b'9', b'$', rest @ ..] =
            stored
        else {
            return None;
        };
        let cost = u32::from(tens - b'0') * 10 + u32::from(units - b'0');
        let text = std::str::from_utf8(stored).ok()?;
        ((MIN_COST..=31).contains(&cost) && rest.len() == 53).then_some(Self { text, cost })
    }

    pub(super) fn cost(&self) -> u32 {
        self.cost
    }

    pub(super) fn is_affordable(&self) -> bool {
        self.cost <= MAX_COST
    }

    /// Mirrors PHP's `password_verify()`: only 72 bytes count, and only those before a NUL.
    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let password = password.split(|byte| *byte == 0).next().unwrap_or_default();
        // An error means salt or digest are not in bcrypt's alphabet, which PHP refuses as well.
        self.is_affordable() && bcrypt::verify(password, self.text).unwrap_or(false)
    }
}

/// A new `$2y$` hash. The cost is brought into the range that can be checked again.
pub(super) fn hash(password: &[u8], cost: u32, salt: [u8; 16]) -> String {
    #[expect(clippy::expect_used, reason = "only an impossible cost is an error, and it was just clamped")]
    let parts =
        bcrypt::hash_with_salt(password, cost.clamp(MIN_COST, MAX_COST), salt).expect("the cost is valid");
    parts.format_for_version(Version::TwoY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(password: &[u8], stored: &str) -> bool {
        BcryptHash::parse(stored.as_bytes()).is_some_and(|hash| hash.verify(password))
    }

    #[test]
    fn three_prefixes_are_read() {
        let stored = hash(b"abc", 4, [7; 16]);
        assert!(stored.starts_with("$2y$04$"));
        for prefix in ["$2y$", "$2a$", "$2b$"] {
            assert!(verify(b"abc", &stored.replace("$2y$", prefix)));
            assert!(!verify(b"abd", &stored.replace("$2y$", prefix)));
        }
        assert!(!verify(b"abc", &stored.replace("$2y$", "$2x$")));
    }

    #[test]
    fn only_72_bytes_count_and_only_those_before_a_nul() {
        let stored = hash(&[b'x'; 80], 4, [7; 16]);
        assert!(verify(&[b'x'; 72], &stored));
        assert!(!verify(&[b'x'; 71], &stored));
        assert!(verify(b"abc\0d", &hash(b"abc", 4, [7; 16])));
    }

    #[test]
    fn costs_out_of_range_are_refused() {
        let tail = "x".repeat(53);
        for cost in ["00", "03", "32", "99", "+4", "4 "] {
            assert!(BcryptHash::parse(format!("$2y${cost}${tail}").as_bytes()).is_none(), "{cost}");
        }
        let dear = format!("$2y$31${tail}");
        assert!(!BcryptHash::parse(dear.as_bytes()).unwrap().is_affordable());
        assert!(!verify(b"x", &dear));
    }
}
