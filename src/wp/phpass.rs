//! Portable phpass hashes (`$P$`, `$H$`): what WordPress wrote for passwords and reset keys up to 6.7.
//!
//! Which versions accept which hash is decided in `password`.

use md5::{Digest, Md5};

use super::hash;

/// Base-2 logarithm of the rounds WordPress writes: the `B` of `$P$B`.
pub const WORDPRESS_LOG2: u32 = 13;

/// Base-2 logarithm of the most rounds that are computed, about a fifth of a second.
///
/// WordPress itself wrote `$P$B` (2^13), or `$P$9` (2^11) on PHP 4; plugins that raise it stay near 2^16.
/// The format goes up to 2^30, which would keep a core busy for minutes at every attempt to log in.
pub const MAX_LOG2: u32 = 20;

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Total length of a hash.
const LENGTH: usize = 34;

/// A hash that PHP would take: known prefix, rounds between 2^7 and 2^30, full length.
#[derive(Clone, Copy)]
pub struct PortableHash<'a> {
    log2: u32,
    salt: &'a [u8],
    digest: &'a [u8],
}

impl<'a> PortableHash<'a> {
    /// Reads a stored hash. `$H$`, which phpBB writes, is read only if `accept_h`.
    #[must_use]
    pub fn parse(stored: &'a [u8], accept_h: bool) -> Option<Self> {
        let rest =
            stored.strip_prefix(b"$P$").or_else(|| stored.strip_prefix(b"$H$").filter(|_| accept_h))?;
        let (cost, rest) = rest.split_first()?;
        let log2 = u32::try_from(ALPHABET.iter().position(|letter| letter == cost)?).ok()?;
        let (salt, digest) = rest.split_at_checked(8)?;
        ((7..=30).contains(&log2) && stored.len() == LENGTH).then_some(Self { log2, salt, digest })
    }

    /// Rounds of MD5 that a check takes, not counting the first.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        1 << self.log2
    }

    /// Whether the rounds are at most 2^[`MAX_LOG2`].
    #[must_use]
    pub fn is_affordable(&self) -> bool {
        self.log2 <= MAX_LOG2
    }

    /// Whether this is the hash of `password`, in constant time. False without any work if it is not
    /// [affordable](Self::is_affordable).
    ///
    /// Mirrors `PasswordHash::CheckPassword()`; held against 6.1.12, 6.8.8 and 7.1.0.
    #[must_use]
    pub fn verify(&self, password: &[u8]) -> bool {
        self.is_affordable()
            && hash::equal(encode(&digest(self.salt, password, self.rounds())).as_bytes(), self.digest)
    }
}

/// A new hash as WordPress writes it: `$P$B`, 8 characters of salt, 22 of digest.
///
/// Mirrors `PasswordHash::HashPassword()` with WordPress's settings; held against 6.1.12. Neither trims
/// nor limits the password.
#[must_use]
pub fn hash(password: &[u8], random: &[u8; 6]) -> String {
    let salt = encode(random);
    let digest = encode(&digest(salt.as_bytes(), password, 1 << WORDPRESS_LOG2));
    format!("$P$B{salt}{digest}")
}

/// Does the work of `rounds` rounds for nothing.
pub(crate) fn burn(password: &[u8], rounds: u64) {
    std::hint::black_box(digest(std::hint::black_box(b"........"), password, rounds));
}

fn digest(salt: &[u8], password: &[u8], rounds: u64) -> [u8; 16] {
    let mut digest: [u8; 16] = Md5::new().chain_update(salt).chain_update(password).finalize().into();
    for _ in 0..rounds {
        digest = Md5::new().chain_update(digest).chain_update(password).finalize().into();
    }
    digest
}

/// phpass's own base 64: groups of three bytes, the lowest six bits first.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let value = group.iter().rev().fold(0_usize, |value, byte| (value << 8) | usize::from(*byte));
        let letters = (0..=group.len()).filter_map(|place| ALPHABET.get((value >> (6 * place)) & 63));
        text.extend(letters.map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verify(password: &[u8], stored: &[u8], accept_h: bool) -> bool {
        PortableHash::parse(stored, accept_h).is_some_and(|hash| hash.verify(password))
    }

    #[test]
    fn a_known_hash_is_checked() {
        let stored = b"$P$BgUdq1RzEBYd9Tm/uZC7mz/l5F.x4N1";
        assert!(verify(b"development", stored, false));
        assert!(!verify(b"Development", stored, false));
    }

    #[test]
    fn the_other_prefix_is_read_only_where_it_is_accepted() {
        let stored = hash(b"x", b"123456").replace("$P$", "$H$");
        assert!(verify(b"x", stored.as_bytes(), true));
        assert!(!verify(b"x", stored.as_bytes(), false));
    }

    #[test]
    fn rounds_outside_seven_to_thirty_are_refused() {
        // '4' is 6, '5' is 7, 'S' is 30, 'T' is 31.
        let stored = |cost: char| format!("$P${cost}saltsaltdigestdigestdigest....");
        let rounds = |cost| PortableHash::parse(stored(cost).as_bytes(), false).map(|hash| hash.rounds());
        assert_eq!([rounds('5'), rounds('S')], [Some(128), Some(1 << 30)]);
        assert_eq!([rounds('4'), rounds('T'), rounds('z'), rounds('$'), rounds('.')], [None; 5]);
    }

    #[test]
    fn a_hash_that_would_take_minutes_is_refused_at_once() {
        let parsed = PortableHash::parse(b"$P$Ssaltsaltdigestdigestdigest....", false).unwrap();
        assert!(!parsed.is_affordable());
        assert!(!parsed.verify(b"x"));
    }

    #[test]
    fn a_hash_of_another_length_is_refused() {
        let stored = hash(b"x", b"123456");
        assert!(PortableHash::parse(stored.as_bytes(), false).is_some());
        assert!(PortableHash::parse(format!("{stored}.").as_bytes(), false).is_none());
        assert!(PortableHash::parse(stored.as_bytes().split_last().unwrap().1, false).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn new_hashes_satisfy_another_implementation(password in "\\PC{0,40}", random in any::<[u8; 6]>()) {
            let stored = hash(password.as_bytes(), &random);
            prop_assert_eq!(stored.len(), LENGTH);
            prop_assert!(verify(password.as_bytes(), stored.as_bytes(), false));
            let oracle = phpass::PhPass::try_from(stored.as_str()).unwrap();
            prop_assert!(oracle.verify(&password).is_ok());
            let other = password.clone() + "x";
            prop_assert!(oracle.verify(&other).is_err());
        }

        #[test]
        fn hashes_of_another_implementation_are_checked(password in "\\PC{0,40}") {
            let stored = phpass::PhPass::new(&password).to_string();
            prop_assert!(verify(password.as_bytes(), stored.as_bytes(), false));
            let other = password.clone() + "x";
            prop_assert!(!verify(other.as_bytes(), stored.as_bytes(), false));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(tail in proptest::collection::vec(any::<u8>(), 0..40), known in any::<bool>()) {
            let mut stored = if known { b"$P$5".to_vec() } else { Vec::new() };
            stored.extend(tail);
            prop_assert!(!verify(b"x", &stored, true));
        }
    }
}
