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
    // What most logins look like: nothing here is a tag, an accent, an octet, an entity or a blank.
    if username.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-@".contains(byte)) {
        return username.to_vec();
    }
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
///
/// Before 6.3 PHP compared loosely, so that ` 1` passes for `1` (the change lies between 6.1 and 6.8 and is
/// taken to be of 6.3).
#[must_use]
pub fn validate_username(username: &[u8], rules: Rules) -> bool {
    let sanitized = sanitize_user(username, true, rules);
    let same = sanitized == username || (!rules.version.at_least(6, 3) && equals_any_spelling(username));
    same && !is_empty(&sanitized)
}

/// Whether PHP takes the text for a number, and so for equal to itself without `+` and outer whitespace.
/// Whole numbers too big for PHP are compared as text.
fn equals_any_spelling(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let number = text.trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r'));
    let is_number = number.bytes().any(|b| b.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && number.parse::<f64>().is_ok();
    let is_whole = !number.contains(['.', 'e', 'E']);
    is_number && (!is_whole || number.parse::<i64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;
    use crate::wp::version::WpVersion;

    #[test]
    fn sanitize_user_agrees_with_the_recorded_vectors() {
        vectors::bytes("wordpress-6.8.8", "sanitize_user", |input, case| {
            sanitize_user(input, case["strict"].as_bool().unwrap(), RULES_6_8)
        });
        vectors::bytes("fuzzed-6.8.8", "sanitize_user", |input, _| sanitize_user(input, false, RULES_6_8));
        vectors::bytes("fuzzed-6.8.8", "sanitize_user_strict", |input, _| {
            sanitize_user(input, true, RULES_6_8)
        });
    }

    #[test]
    fn validate_username_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bools(file, "validate_username", |input| validate_username(input, RULES_6_8));
        }
    }

    #[test]
    fn before_6_3_numbers_were_compared_as_numbers() {
        let old = Rules::new(WpVersion::new(6, 1));
        for login in ["-0 ", "+1", " 1e+5", "1."] {
            assert!(validate_username(login.as_bytes(), old), "{login}");
        }
        for login in ["+0", " 99999999999999999999", " 1 1", " 1e"] {
            assert!(!validate_username(login.as_bytes(), old), "{login}");
        }
        assert!(!validate_username(b"-0 ", RULES_6_8));
    }

    #[test]
    fn the_login_0_is_empty_to_php() {
        assert!(!validate_username(b"0", RULES_6_8));
        assert!(validate_username(b"00", RULES_6_8));
    }
}
