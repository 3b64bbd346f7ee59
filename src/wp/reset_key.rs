//! Password reset keys: how one is made and in which form it is stored.
//!
//! The column's other half (`time:` in front), its age and its user are not here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use blake2::{Blake2bMac, digest::consts::U30};

use super::{hash, phpass, random_text, version::WpVersion};

/// What WordPress puts in front of a fast hash.
const GENERIC: &str = "$generic$";

/// A new key: 20 characters of `a-zA-Z0-9` (119 bits), from 32 random bytes without bias.
///
/// Mirrors `wp_generate_password( 20, false )` as `get_password_reset_key()` calls it.
#[must_use]
pub fn key_from_random(random: &[u8; 32]) -> String {
    random_text::draw(random_text::LETTERS_AND_DIGITS, 20, random)
}

/// The hash of a key, to be stored behind `time:` in `user_activation_key`.
///
/// Mirrors `get_password_reset_key()`: [`fast_hash`] from 6.8 on, before that phpass with `random` as
/// its salt. A key hashed for a newer version cannot be read by an older one.
#[must_use]
pub fn hash_reset_key(key: &str, version: WpVersion, random: &[u8; 6]) -> String {
    if version.at_least(6, 8) { fast_hash(key.as_bytes()) } else { phpass::hash(key.as_bytes(), random) }
}

/// `$generic$` and 40 characters: unsalted and fast, for texts that are random themselves.
///
/// Mirrors `wp_fast_hash()` (6.8 and later), which application passwords use as well; held against libsodium in PHP 8.2.
#[must_use]
pub fn fast_hash(message: &[u8]) -> String {
    let digest = hash::keyed::<Blake2bMac<U30>>(b"wp_fast_hash_6.8+", message);
    format!("{GENERIC}{}", URL_SAFE_NO_PAD.encode(digest))
}

/// Whether a stored hash, without the `time:`, is that of a key. In constant time.
///
/// Mirrors `wp_verify_fast_hash()` and what came before it, for the two forms that WordPress itself
/// wrote: versions before 6.8 read only phpass, later ones both.
#[must_use]
pub fn verify(key: &str, stored: &[u8], version: WpVersion) -> bool {
    if stored.starts_with(GENERIC.as_bytes()) {
        return version.at_least(6, 8) && hash::equal(fast_hash(key.as_bytes()).as_bytes(), stored);
    }
    phpass::PortableHash::parse(stored, false).is_some_and(|hash| hash.verify(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: WpVersion = WpVersion::new(6, 7);
    const NEW: WpVersion = WpVersion::new(6, 8);

    #[test]
    fn the_fast_hash_is_that_of_wordpress() {
        assert_eq!(fast_hash(b"abc"), "$generic$YeaPr_itxnUOyFBBm16EGFnt_nzqpbL728cakJ4U");
    }

    #[test]
    fn a_key_is_stored_as_its_version_stores_it() {
        let key = key_from_random(&[9; 32]);
        assert!(key.len() == 20 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let (old, new) = (hash_reset_key(&key, OLD, b"random"), hash_reset_key(&key, NEW, b"random"));
        assert!(old.starts_with("$P$B") && new.starts_with("$generic$"));
        // An old key survives the update, a new one does not survive the way back.
        assert!(verify(&key, old.as_bytes(), OLD) && verify(&key, old.as_bytes(), NEW));
        assert!(verify(&key, new.as_bytes(), NEW) && !verify(&key, new.as_bytes(), OLD));
        assert!(!verify("another", new.as_bytes(), NEW) && !verify("another", old.as_bytes(), NEW));
        assert!(!verify(&key, b"", NEW));
    }
}
