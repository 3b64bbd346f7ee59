//! The few PHP text rules that cookies and passwords depend on: slashing, trimming, the cast to a number.
//!
//! WordPress's own sanitisers do not belong here.

use std::borrow::Cow;

/// PHP's `addslashes()`, which WordPress runs over every request value (`wp_magic_quotes()`):
/// a backslash before `'`, `"` and `\`, and NUL as backslash and the digit 0.
/// Borrows when nothing is to be slashed.
#[must_use]
pub fn add_slashes(text: &[u8]) -> Cow<'_, [u8]> {
    let special = |byte: &u8| matches!(byte, b'\'' | b'"' | b'\\' | 0);
    let extra = text.iter().filter(|byte| special(byte)).count();
    if extra == 0 {
        return Cow::Borrowed(text);
    }
    // The exact size, so that a password is not left behind in a buffer that grew.
    let mut slashed = Vec::with_capacity(text.len() + extra);
    for byte in text {
        if special(byte) {
            slashed.push(b'\\');
        }
        slashed.push(if *byte == 0 { b'0' } else { *byte });
    }
    Cow::Owned(slashed)
}

/// PHP's `trim()`: blank, tab, line feed, carriage return, NUL and vertical tab, at both ends.
/// Form feed and non-breaking blanks stay.
#[must_use]
pub fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0B);
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// PHP's `(int)` of a text, held against PHP 8.2: leading white space, a sign, then as much as reads as a
/// number. A fraction or exponent makes it a float, cut to a whole number; what does not fit is clamped;
/// what is no number is 0.
#[must_use]
pub fn int_cast(text: &[u8]) -> i64 {
    let white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    let start = text.iter().position(|byte| !white(byte)).unwrap_or(text.len());
    let (length, float) = number_length(text.get(start..).unwrap_or_default());
    let number =
        text.get(start..start + length).and_then(|n| std::str::from_utf8(n).ok()).unwrap_or_default();
    if float {
        let value: f64 = number.parse().unwrap_or_default();
        return if value.is_finite() { saturate(value) } else { 0 };
    }
    match number.parse() {
        Ok(value) => value,
        Err(_) if length == 0 => 0,
        Err(_) if number.starts_with('-') => i64::MIN,
        Err(_) => i64::MAX,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "PHP cuts the fraction and clamps, and so does this cast"
)]
fn saturate(value: f64) -> i64 {
    value as i64
}

/// How many bytes at the start make a number in PHP's grammar, and whether that is a float.
fn number_length(text: &[u8]) -> (usize, bool) {
    let digits = |from: usize| text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut float = false;
    if text.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return (0, false);
        }
        float = true;
        end += 1 + fraction;
    } else if whole == 0 {
        return (0, false);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let exponent_sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + exponent_sign);
        if exponent > 0 {
            float = true;
            end += 1 + exponent_sign + exponent;
        }
    }
    (end, float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slashing_escapes_quotes_backslash_and_nul() {
        assert_eq!(&*add_slashes(b"a'b\"c\\d\0e"), b"a\\'b\\\"c\\\\d\\0e");
        assert!(matches!(add_slashes(b"plain"), Cow::Borrowed(b"plain")));
    }

    #[test]
    fn trimming_takes_phps_six_characters_only() {
        assert_eq!(trim(b" \t\n\r\0\x0Bx y\x0B "), b"x y");
        assert_eq!(trim(b"\x0Cx\xA0"), b"\x0Cx\xA0");
        assert_eq!(trim(b"  "), b"");
        assert_eq!(trim(b""), b"");
    }

    #[test]
    fn the_cast_to_a_number_is_that_of_php() {
        // Right-hand sides printed by PHP 8.2.
        let cases: &[(&[u8], i64)] = &[
            (b"2000000000", 2_000_000_000),
            (b"1e10", 10_000_000_000),
            (b"1.9", 1),
            (b" 12", 12),
            (b"12abc", 12),
            (b"", 0),
            (b"abc", 0),
            (b"99999999999999999999", i64::MAX),
            (b"-99999999999999999999", i64::MIN),
            (b"1e1000", 0),
            (b"+5", 5),
            (b"-7", -7),
            (b"0x1A", 0),
            (b"\n\t\x0B\x0C 8", 8),
            (b"1e", 1),
            (b"1e+", 1),
            (b"1e2x", 100),
            (b".5e3", 500),
            (b"1_0", 1),
            (b"+ 5", 0),
            (b"--5", 0),
            (b"1e-2", 0),
            (b"123456789012345678e3", i64::MAX),
            (b"9007199254740993.0", 9_007_199_254_740_992),
            (b"\0 5", 0),
            (b"1.", 1),
            (b"1.e3", 1000),
            (b".", 0),
            (b"-", 0),
        ];
        for (text, number) in cases {
            assert_eq!(int_cast(text), *number, "{}", text.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_survive_the_cast(number in any::<i64>()) {
            prop_assert_eq!(int_cast(number.to_string().as_bytes()), number);
        }

        #[test]
        fn the_cast_takes_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = int_cast(&text);
            let _ = trim(&text);
        }
    }
}
