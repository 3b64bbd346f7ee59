//! PHP's own text rules: slashing, trimming, percent-encoding.
//!
//! WordPress's own sanitisers do not belong here.

use std::borrow::Cow;

/// PHP's `addslashes()`, which WordPress runs over every request value (`wp_magic_quotes()`):
/// a backslash before `'`, `"` and `\`, and NUL as backslash and the digit 0.
/// Borrows when nothing is to be slashed.
#[must_use]
pub fn addslashes(text: &[u8]) -> Cow<'_, [u8]> {
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

/// PHP's `stripslashes`: the inverse of [`addslashes`]; a last lone backslash goes too.
#[must_use]
pub fn stripslashes(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut bytes = input.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
        } else if let Some(&escaped) = bytes.next() {
            out.push(if escaped == b'0' { 0 } else { escaped });
        }
    }
    out
}

/// PHP's `rawurlencode` (RFC 3986): all but `A-Za-z0-9-_.~` becomes `%XX` in upper case.
#[must_use]
pub fn rawurlencode(input: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or_default();
    let mut out = Vec::with_capacity(input.len());
    for &byte in input {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slashing_escapes_quotes_backslash_and_nul() {
        assert_eq!(&*addslashes(b"a'b\"c\\d\0e"), b"a\\'b\\\"c\\\\d\\0e");
        assert!(matches!(addslashes(b"plain"), Cow::Borrowed(b"plain")));
    }

    #[test]
    fn trimming_takes_phps_six_characters_only() {
        assert_eq!(trim(b" \t\n\r\0\x0Bx y\x0B "), b"x y");
        assert_eq!(trim(b"\x0Cx\xA0"), b"\x0Cx\xA0");
        assert_eq!(trim(b"  "), b"");
        assert_eq!(trim(b""), b"");
    }

    proptest! {
        #[test]
        fn trimming_takes_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = trim(&text);
        }
    }
}
