//! Session tokens: how one is made and under which key its session is kept.
//!
//! The list of sessions itself, a PHP array in user meta, is not here.

use sha2::{Digest, Sha256};

use super::hash::hex_digits;
use super::random_text;

/// Length of a token in characters.
pub const TOKEN_LENGTH: usize = 43;

/// The key of a token's entry in the `session_tokens` array: SHA-256 as 64 lower-case hex digits.
///
/// Mirrors `WP_Session_Tokens::hash_token()`; held against 6.8.8 (the same since 4.0). A token that came
/// in with a request has to be slashed, as [`AuthCookie::token`](super::auth_cookie::AuthCookie::token) is.
#[must_use]
pub fn hash_token(token: &[u8]) -> String {
    String::from_utf8_lossy(&hash_digits(token)).into_owned()
}

/// [`hash_token`] without a text of its own.
pub(super) fn hash_digits(token: &[u8]) -> [u8; 64] {
    hex_digits(&Sha256::digest(token))
}

/// A new token: 43 characters of `a-zA-Z0-9` (256 bits), without preferring any.
///
/// Mirrors `wp_generate_password( 43, false, false )` as `WP_Session_Tokens::create()` calls it. Takes
/// 64 random bytes, 32 more than the token holds, which leaves no bias to speak of.
#[must_use]
pub fn token_from_random(random: &[u8; 64]) -> String {
    random_text::draw(random_text::LETTERS_AND_DIGITS, TOKEN_LENGTH, random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_hashed_as_wordpress_hashes_them() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../fixtures/vectors/wordpress-6.8.8.json")).unwrap();
        let cases = vectors["session_token_hash"].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let token = case["token"].as_str().unwrap();
            assert_eq!(hash_token(token.as_bytes()), case["output"].as_str().unwrap());
        }
    }

    #[test]
    fn a_token_is_43_letters_and_digits() {
        for fill in 0..=255 {
            let token = token_from_random(&[fill; 64]);
            assert_eq!(token.len(), 43);
            assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
