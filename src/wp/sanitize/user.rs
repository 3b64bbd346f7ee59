//! Login names: `sanitize_user` and `validate_username`.
//!
//! Whether a login is taken or too long for its column is asked elsewhere.

use super::php::{collapse, is_empty, is_octet, is_space, remove_entity_like, trim};
use super::{Rules, remove_accents, wp_strip_all_tags};

/// WordPress `sanitize_user`; held against 6.1, 6.8 and 7.1.
///
/// `strict` leaves ASCII letters, digits and ` _.-@` only: new logins get that, names typed at the login
/// form do not.
#[must_use]
pub fn sanitize_user(username: &[u8], strict: bool, rules: Rules) -> Vec<u8> {
    let stripped = wp_strip_all_tags(username);
    let plain = remove_accents(&stripped, rules);
    let mut text = Vec::with_capacity(plain.len());
    let mut bytes = plain.iter().enumerate();
    while let Some((index, &byte)) = bytes.next() {
        if byte == b'%' && is_octet(&plain, index) {
            bytes.nth(1);
        } else {
            text.push(byte);
        }
    }
    let mut text = remove_entity_like(&text);
    if strict {
        text.retain(|&b| b.is_ascii_alphanumeric() || b" _.-@".contains(&b));
    }
    collapse(trim(&text), is_space, b' ')
}

/// WordPress `validate_username`: the strict sanitiser changes nothing; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn validate_username(username: &[u8], rules: Rules) -> bool {
    !is_empty(username) && sanitize_user(username, true, rules) == username
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;

    #[test]
    fn sanitize_user_agrees_with_the_recorded_vectors() {
        vectors::bytes("wordpress-6.8.8", "sanitize_user", |input, case| {
            sanitize_user(input, case["strict"].as_bool().unwrap(), RULES_6_8)
        });
        vectors::bytes("fuzzed-6.8.8", "sanitize_user", |input, _| {
            sanitize_user(input, false, RULES_6_8)
        });
        vectors::bytes("fuzzed-6.8.8", "sanitize_user_strict", |input, _| {
            sanitize_user(input, true, RULES_6_8)
        });
    }

    #[test]
    fn validate_username_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bools(file, "validate_username", |input| {
                validate_username(input, RULES_6_8)
            });
        }
    }

    #[test]
    fn the_login_0_is_empty_to_php() {
        assert!(!validate_username(b"0", RULES_6_8));
        assert!(validate_username(b"00", RULES_6_8));
    }
}
