//! PHP's byte string functions that the sanitisers are made of, and the small searches they share.
//!
//! Rules of WordPress do not belong here.

use std::borrow::Cow;

pub use crate::wp::php_text::{addslashes, rawurlencode, stripslashes, trim};

/// What PHP's `trim` takes off without a second argument.
pub(super) const WHITESPACE: &[u8] = b" \t\n\r\0\x0B";

/// PHP's `trim` with a list of bytes (no ranges).
#[must_use]
pub(super) fn trim_set<'a>(input: &'a [u8], set: &[u8]) -> &'a [u8] {
    let mut rest = trim_start_set(input, set);
    while let [head @ .., last] = rest {
        if !set.contains(last) {
            break;
        }
        rest = head;
    }
    rest
}

/// PHP's `ltrim` with a list of bytes (no ranges).
#[must_use]
pub(super) fn trim_start_set<'a>(input: &'a [u8], set: &[u8]) -> &'a [u8] {
    let mut rest = input;
    while let [first, tail @ ..] = rest {
        if !set.contains(first) {
            break;
        }
        rest = tail;
    }
    rest
}

/// PHP's `str_replace` of one text.
#[must_use]
pub(super) fn replace<'a>(input: Cow<'a, [u8]>, search: &[u8], with: &[u8]) -> Cow<'a, [u8]> {
    let Some(mut hit) = find(&input, search, 0) else {
        return input;
    };
    let mut out = Vec::with_capacity(input.len());
    let mut from = 0;
    loop {
        out.extend_from_slice(slice(&input, from, hit));
        out.extend_from_slice(with);
        from = hit + search.len();
        match find(&input, search, from) {
            Some(next) => hit = next,
            None => break,
        }
    }
    out.extend_from_slice(tail(&input, from));
    Cow::Owned(out)
}

/// Where `search` first occurs at or after `from`.
#[must_use]
pub(super) fn find(input: &[u8], search: &[u8], from: usize) -> Option<usize> {
    let (&first, rest) = search.split_first()?;
    let mut at = from;
    loop {
        at = find_byte(input, first, at)?;
        if tail(input, at + 1).starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
}

/// Where a byte first occurs at or after `from`.
#[must_use]
pub(super) fn find_byte(input: &[u8], byte: u8, from: usize) -> Option<usize> {
    find_where(input, from, |b| b == byte)
}

/// Where a byte that fits first occurs at or after `from`.
#[must_use]
pub(super) fn find_where(input: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> Option<usize> {
    Some(from + tail(input, from).iter().position(|&b| fits(b))?)
}

/// The bytes from `from` on, none when there are none.
#[must_use]
pub(super) fn tail(input: &[u8], from: usize) -> &[u8] {
    input.get(from..).unwrap_or_default()
}

/// The bytes from `from` up to `to`, none when the range is not inside.
#[must_use]
pub(super) fn slice(input: &[u8], from: usize, to: usize) -> &[u8] {
    input.get(from..to).unwrap_or_default()
}

/// The byte at `at`, if there is one.
#[must_use]
pub(super) fn at(input: &[u8], at: usize) -> Option<u8> {
    input.get(at).copied()
}

/// What `\s` matches in a regular expression, and C's `isspace`: unlike `trim` form feed too, not NUL.
#[must_use]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0D)
}

/// True for `%XX` at `from`, with hexadecimal digits.
#[must_use]
pub(super) fn is_octet(input: &[u8], from: usize) -> bool {
    matches!(tail(input, from), [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// What PHP calls `empty`.
#[must_use]
pub(super) fn is_empty(value: &[u8]) -> bool {
    matches!(value, b"" | b"0")
}

/// Takes out everything that looks like `%XX` to `octet`, again and again until none is left.
///
/// PHP loops over the whole text for that; as two such pieces cannot overlap, looking at the end of what was
/// kept so far gives the same in one pass.
#[must_use]
pub(super) fn remove_octets(input: &[u8], octet: impl Fn(u8, u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    for &byte in input {
        out.push(byte);
        if matches!(out.as_slice(), [.., b'%', a, b] if octet(*a, *b)) {
            out.truncate(out.len() - 3);
        }
    }
    out
}

/// Takes out what the expression `&.+?;` matches: an `&` up to the next `;` on its line, at least one byte
/// between them.
#[must_use]
pub(super) fn remove_entity_like(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut from = 0;
    // The end of the last search, so that many `&` before one far `;` cost one search and not many.
    let mut stop = 0;
    while let Some(amp) = find_byte(input, b'&', from) {
        out.extend_from_slice(slice(input, from, amp));
        from = amp + 1;
        if at(input, from) != Some(b'\n') {
            if stop < from + 1 {
                stop = find_where(input, from + 1, |b| b == b';' || b == b'\n').unwrap_or(input.len());
            }
            if at(input, stop) == Some(b';') {
                from = stop + 1;
                continue;
            }
        }
        out.push(b'&');
    }
    out.extend_from_slice(tail(input, from));
    out
}

/// Every run of bytes that fit becomes one `with`.
#[must_use]
pub(super) fn collapse(input: &[u8], fits: impl Fn(u8) -> bool, with: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut in_run = false;
    for &byte in input {
        let fit = fits(byte);
        if !fit {
            out.push(byte);
        } else if !in_run {
            out.push(with);
        }
        in_run = fit;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    #[test]
    fn rawurlencode_agrees_with_the_recorded_vectors() {
        vectors::bytes("wordpress-6.8.8", "rawurlencode", |input, _| rawurlencode(input));
    }

    #[test]
    fn trim_takes_nul_and_vertical_tab_but_not_form_feed() {
        assert_eq!(trim(b"\0 \t\x0Bx\x0C\r\n"), b"x\x0C");
        assert_eq!(trim(b" \0"), b"");
    }

    #[test]
    fn slashes_come_off_as_they_went_on() {
        assert_eq!(&*addslashes(b"a'b\"c\\d\0e"), b"a\\'b\\\"c\\\\d\\0e");
        assert_eq!(stripslashes(b"a\\'b\\0\\x\\"), b"a'b\0x");
    }

    #[test]
    fn an_entity_needs_something_inside_and_one_line() {
        assert_eq!(remove_entity_like(b"a&;b;c"), b"ac");
        assert_eq!(remove_entity_like(b"a&\nb;c"), b"a&\nb;c");
        assert_eq!(remove_entity_like(b"&a\n&b;&c"), b"&a\n&c");
        assert_eq!(remove_entity_like(b"&&&x;"), b"");
    }

    #[test]
    fn octets_that_meet_after_a_removal_go_too() {
        let all = |a: u8, b: u8| a.is_ascii_hexdigit() && b.is_ascii_hexdigit();
        assert_eq!(remove_octets(b"%%4141x%", all), b"x%");
    }

    proptest::proptest! {
        #[test]
        fn stripslashes_undoes_addslashes(input: Vec<u8>) {
            proptest::prop_assert_eq!(stripslashes(&addslashes(&input)), input);
        }
    }
}
