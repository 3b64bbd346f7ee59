//! Keyed hashes in the forms WordPress uses, and the comparison that goes with them.
//!
//! Which text is hashed with which key is not decided here: see `auth_cookie`, `nonce` and `salts`.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384};
use subtle::ConstantTimeEq;

/// HMAC-MD5 of `data` under `salt`, as 32 lower-case hex digits.
///
/// Mirrors `wp_hash()`; held against 6.1.12, 6.8.8 and 7.1.0 through the cookies and nonces made of it.
/// `salt` is what `wp_salt()` gives for the scheme.
#[must_use]
pub fn wp_hash(data: &[u8], salt: &[u8]) -> String {
    hex::encode(keyed::<Hmac<Md5>>(salt, data))
}

/// [`wp_hash`] of texts with a `|` between them.
#[must_use]
pub fn wp_hash_joined<const N: usize>(parts: [&[u8]; N], salt: &[u8]) -> [u8; 32] {
    hex_digits(&keyed_joined::<Hmac<Md5>, N>(salt, parts))
}

/// HMAC-SHA256 under `key` of texts with a `|` between them, as 64 lower-case hex digits: PHP's
/// `hash_hmac( 'sha256', .. )`.
#[must_use]
pub fn hmac_sha256_joined<const N: usize>(parts: [&[u8]; N], key: &[u8]) -> [u8; 64] {
    hex_digits(&keyed_joined::<Hmac<Sha256>, N>(key, parts))
}

/// HMAC-SHA384 of `data` under `key`, raw: what `$wp` password hashes are made of.
pub(crate) fn hmac_sha384(data: &[u8], key: &[u8]) -> [u8; 48] {
    keyed::<Hmac<Sha384>>(key, data).into()
}

/// MD5 as 32 lower-case hex digits: PHP's `md5()`.
#[must_use]
pub fn md5_hex(data: &[u8]) -> String {
    hex::encode(Md5::digest(data))
}

/// Compares without telling by its duration where the difference is: PHP's `hash_equals()`.
/// As there, only the length may leak.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// One keyed hash of any kind.
pub(crate) fn keyed<M: Mac + KeyInit>(
    key: &[u8],
    data: &[u8],
) -> hmac::digest::array::Array<u8, M::OutputSize> {
    keyed_joined::<M, 1>(key, [data])
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes a key of any length and the BLAKE2b key is a short constant, so this cannot fail; \
              an empty hash instead of a stop would let forged cookies pass"
)]
fn keyed_joined<M: Mac + KeyInit, const N: usize>(
    key: &[u8],
    parts: [&[u8]; N],
) -> hmac::digest::array::Array<u8, M::OutputSize> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("a key of this length is accepted");
    for (place, part) in parts.into_iter().enumerate() {
        if place > 0 {
            mac.update(b"|");
        }
        mac.update(part);
    }
    mac.finalize().into_bytes()
}

/// Two lower-case digits for each byte.
pub(super) fn hex_digits<const N: usize>(bytes: &[u8]) -> [u8; N] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [b'0'; N];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        for (digit, half) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = DIGITS.get(usize::from(half)).copied().unwrap_or_default();
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_hashes_are_those_of_php() {
        // php -r 'echo hash_hmac("md5", "d", "k"), hash_hmac("sha256", "d", str_repeat("k", 200));'
        assert_eq!(wp_hash(b"d", b"k"), "7f330edb3a84f317f7ca433d6038ff9a");
        assert_eq!(
            hmac_sha256_joined([b"d"], &[b'k'; 200]),
            *b"355fd18a0d98b65c264fd834fd8abf9a720f5410ca76ff8df7f70edd65b392b9"
        );
        assert_eq!(wp_hash_joined([b"a", b"", b"b"], b"k").as_slice(), wp_hash(b"a||b", b"k").as_bytes());
        assert_eq!(md5_hex(b"password"), "5f4dcc3b5aa765d61d8327deb882cf99");
    }

    #[test]
    fn texts_of_different_length_are_different() {
        assert!(equal(b"", b""));
        assert!(!equal(b"a", b"ab"));
        assert!(!equal(b"ab", b"aB"));
    }
}
