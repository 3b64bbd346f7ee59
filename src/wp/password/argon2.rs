//! Argon2 hashes that plugins or filters wrote with PHP's `password_hash()`: checked, never written.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use crate::wp::hash;

/// Most memory in KiB. PHP's default is 64 MiB; without a bound one stored value could take the machine's.
const MAX_KIB: u32 = 256 * 1024;
/// Most passes over the memory; PHP's default is 4.
const MAX_PASSES: u32 = 16;
/// Most lanes; PHP's default is 1. They are computed one after the other.
const MAX_LANES: u32 = 8;
/// Longest salt and digest; PHP writes 16 and 32 bytes.
const MAX_BYTES: usize = 64;

/// A hash that PHP would take: `$argon2id$v=19$m=65536,t=4,p=1$salt$digest`, or `argon2i`.
pub(super) struct Argon2Hash<'a> {
    algorithm: Algorithm,
    version: Version,
    kib: u32,
    passes: u32,
    lanes: u32,
    salt: &'a str,
    digest: &'a str,
}

impl<'a> Argon2Hash<'a> {
    pub(super) fn parse(stored: &'a [u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(stored).ok()?.strip_prefix('$')?.split('$');
        let algorithm = match parts.next()? {
            "argon2i" => Algorithm::Argon2i,
            "argon2id" => Algorithm::Argon2id,
            _ => return None,
        };
        let version = match parts.next()? {
            "v=19" => Version::V0x13,
            "v=16" => Version::V0x10,
            _ => return None,
        };
        let mut costs = parts.next()?.split(',');
        let mut cost = |name: &str| number(costs.next()?.strip_prefix(name)?);
        let (kib, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
        let (salt, digest) = (parts.next()?, parts.next()?);
        let whole = costs.next().is_none() && parts.next().is_none();
        whole.then_some(Self { algorithm, version, kib, passes, lanes, salt, digest })
    }

    /// Memory times passes.
    pub(super) fn kib(&self) -> u64 {
        u64::from(self.kib) * u64::from(self.passes)
    }

    pub(super) fn is_affordable(&self) -> bool {
        self.kib <= MAX_KIB && self.passes <= MAX_PASSES && self.lanes <= MAX_LANES
    }

    /// Mirrors PHP's `password_verify()`, in constant time.
    pub(super) fn verify(&self, password: &[u8]) -> bool {
        self.is_affordable() && self.compute(password).unwrap_or(false)
    }

    /// `None` when the values are out of argon2's own range.
    fn compute(&self, password: &[u8]) -> Option<bool> {
        let decode = |text| STANDARD_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() <= MAX_BYTES);
        let (salt, digest) = (decode(self.salt)?, decode(self.digest)?);
        let params = Params::new(self.kib, self.passes, self.lanes, Some(digest.len())).ok()?;
        let mut computed = vec![0; digest.len()];
        let argon2 = Argon2::new(self.algorithm, self.version, params);
        argon2.hash_password_into(password, &salt, &mut computed).ok()?;
        Some(hash::equal(&computed, &digest))
    }
}

/// A number as the reference library reads it: digits only, no leading zero.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    // php -r 'echo password_hash("abc", PASSWORD_ARGON2ID, ["memory_cost"=>64,"time_cost"=>2,"threads"=>3]);'
    const STORED: &str =
        "$argon2id$v=19$m=64,t=2,p=3$ZFRFeExBeTcxUFpuazRreg$KeEVDurs4TTRivtMpLNSg0wuEPCIxexURG+IMZT7Ln0";

    fn verify(password: &[u8], stored: &str) -> bool {
        Argon2Hash::parse(stored.as_bytes()).is_some_and(|hash| hash.verify(password))
    }

    #[test]
    fn a_hash_of_php_is_checked() {
        assert!(verify(b"abc", STORED));
        assert!(!verify(b"abd", STORED));
        assert!(!verify(b"abc", &STORED.replace("argon2id", "argon2i")));
        assert_eq!(Argon2Hash::parse(STORED.as_bytes()).unwrap().kib(), 128);
    }

    #[test]
    fn costs_beyond_the_bounds_are_not_computed() {
        for (cheap, dear) in [("m=64", "m=262145"), ("m=64", "m=4294967295"), ("t=2", "t=17"), ("p=3", "p=9")]
        {
            let stored = STORED.replace(cheap, dear);
            assert!(!Argon2Hash::parse(stored.as_bytes()).unwrap().is_affordable(), "{stored}");
            assert!(!verify(b"abc", &stored));
        }
    }

    #[test]
    fn malformed_hashes_are_refused() {
        for (good, bad) in [
            ("m=64", "m=064"),
            ("m=64", "m=+64"),
            ("m=64", "m=0"),
            ("m=64,", ""),
            ("v=19", "v=20"),
            ("p=3", "p=3,x=1"),
            ("argon2id", "argon2d"),
            ("$argon", "argon"),
            ("m=64", "m=99999999999"),
        ] {
            assert!(!verify(b"abc", &STORED.replacen(good, bad, 1)), "{bad}");
        }
        assert!(!verify(b"abc", &format!("{STORED}$")));
        assert!(!verify(b"abc", &format!("{STORED}=")));
        assert!(!verify(b"abc", "$argon2id$v=19$m=65536,t=4,p=1$bad$bad"));
    }
}
