//! The protocol check: which scheme a URL may begin with.
//!
//! What else is done to a URL is in `url`; which attributes hold one is known to `kses`.

use std::borrow::Cow;

use super::Rules;
use super::php::{at, find, find_where, is_empty, is_space, slice, tail, trim};

/// WordPress `wp_allowed_protocols`.
const ALLOWED: [&str; 22] = [
    "http", "https", "ftp", "ftps", "mailto", "news", "irc", "irc6", "ircs", "gopher", "nntp", "feed",
    "telnet", "mms", "rtsp", "sms", "svn", "tel", "fax", "xmpp", "webcal", "urn",
];

/// Whether a scheme (in lower case) is one of `wp_allowed_protocols`.
#[must_use]
pub(super) fn is_allowed(scheme: &[u8]) -> bool {
    ALLOWED.iter().any(|allowed| allowed.as_bytes() == scheme)
}

/// WordPress `wp_kses_bad_protocol` with the default protocols: takes off schemes until an allowed one or
/// none is left; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn bad_protocol(url: &[u8], rules: Rules) -> Vec<u8> {
    let mut text = without_nulls(&without_controls(url)).into_owned();
    // A short cut of 6.2 that also spares the rest of the URL from being trimmed.
    if rules.version.at_least(6, 2) && (text.starts_with(b"http://") || text.starts_with(b"https://")) {
        return text;
    }
    for _ in 0..6 {
        let next = once(&text, 1);
        if next == text {
            return text;
        }
        text = next;
    }
    Vec::new()
}

/// One round: `scheme:rest` becomes `rest`, or the same with a clean scheme.
fn once(text: &[u8], count: u8) -> Vec<u8> {
    let text = with_semicolons(text);
    let Some((scheme, rest)) = split(&text) else {
        return text;
    };
    if find(scheme, b"/?", 0).is_some() {
        return text;
    }
    let rest = trim(rest);
    let Some(mut out) = clean_scheme(scheme) else {
        return rest.to_vec();
    };
    if out != b"feed:" {
        out.extend_from_slice(rest);
        return out;
    }
    // A feed has an address of its own behind it, at most two deep.
    if count > 2 {
        return Vec::new();
    }
    let rest = once(rest, count + 1);
    if is_empty(&rest) {
        return rest;
    }
    out.extend(rest);
    out
}

/// Puts the `;` behind a numeric reference of the colon where it is missing.
fn with_semicolons(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(amp) = find(rest, b"&#", 0) {
        out.extend_from_slice(slice(rest, 0, amp));
        let reference = tail(rest, amp);
        let (length, hex) = colon_number(reference).unwrap_or((2, false));
        out.extend_from_slice(slice(reference, 0, length));
        let goes_on = |b: u8| {
            if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() }
        };
        if length > 2 && !at(reference, length).is_some_and(|b| b == b';' || goes_on(b)) {
            out.push(b';');
        }
        rest = tail(reference, length);
    }
    out.extend_from_slice(rest);
    out
}

/// The length of `&#58` or `&#x3a` (with leading zeros) at the start, without a `;`, and whether it is hex.
fn colon_number(text: &[u8]) -> Option<(usize, bool)> {
    let hex = matches!(at(text, 2), Some(b'x' | b'X'));
    let zeros = 2 + usize::from(hex);
    let start = find_where(text, zeros, |b| b != b'0')?;
    let digits = slice(text, start, start + 2);
    let is_colon = if hex { digits.eq_ignore_ascii_case(b"3a") } else { digits == b"58" };
    is_colon.then_some((start + 2, hex))
}

/// Splits at the first colon in any spelling.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let hit = find_where(text, from, |b| b == b':' || b == b'&')?;
        let here = tail(text, hit);
        let length = if here.starts_with(b":") {
            Some(1)
        } else if here.get(..7).is_some_and(|name| name.eq_ignore_ascii_case(b"&colon;")) {
            Some(7)
        } else if here.starts_with(b"&#") {
            colon_number(here)
                .map(|(length, _)| length)
                .filter(|&length| at(here, length) == Some(b';'))
                .map(|length| length + 1)
        } else {
            None
        };
        if let Some(length) = length {
            return Some((slice(text, 0, hit), tail(here, length)));
        }
        from = hit + 1;
    }
}

/// The scheme as it is stored, with its colon, if it is an allowed one.
fn clean_scheme(scheme: &[u8]) -> Option<Vec<u8>> {
    let mut text = decode_numbers(&decode_numbers(scheme, false), true);
    text.retain(|&b| !is_space(b));
    let mut text = without_nulls(&without_controls(&text)).into_owned();
    text.make_ascii_lowercase();
    let allowed = is_allowed(&text);
    text.push(b':');
    allowed.then_some(text)
}

/// WordPress `wp_kses_decode_entities`, one of its two steps: numbers become single bytes, whatever they are.
fn decode_numbers(text: &[u8], hex: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(amp) = find(rest, b"&#", 0) {
        out.extend_from_slice(slice(rest, 0, amp));
        rest = tail(rest, amp);
        let start = 2 + usize::from(hex);
        let marked = !hex || matches!(at(rest, 2), Some(b'x' | b'X'));
        let radix = if hex { 16 } else { 10 };
        let digit = |b: u8| char::from(b).to_digit(radix);
        let end = find_where(rest, start, |b| digit(b).is_none()).unwrap_or(rest.len());
        if marked && end > start && at(rest, end) == Some(b';') {
            let value = slice(rest, start, end)
                .iter()
                .filter_map(|&b| digit(b))
                .fold(0_u32, |value, d| value.wrapping_mul(radix).wrapping_add(d));
            out.push(value.to_le_bytes().first().copied().unwrap_or_default());
            rest = tail(rest, end + 1);
        } else {
            out.extend_from_slice(b"&#");
            rest = tail(rest, 2);
        }
    }
    out.extend_from_slice(rest);
    out
}

/// WordPress `wp_kses_no_null`, first step: control characters go, but tab and line ends stay.
#[must_use]
pub(super) fn without_controls(text: &[u8]) -> Cow<'_, [u8]> {
    let is_control = |b: &u8| matches!(b, 0..=8 | 0x0B | 0x0C | 0x0E..=0x1F);
    if text.iter().any(is_control) {
        Cow::Owned(text.iter().copied().filter(|b| !is_control(b)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// WordPress `wp_kses_no_null`, second step: backslashes and the zeros behind them go.
fn without_nulls(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut runs = text.chunk_by(|a, b| a == b && matches!(a, b'\\' | b'0')).peekable();
    while let Some(run) = runs.next() {
        let escapes = run.starts_with(b"\\") && runs.next_if(|next| next.starts_with(b"0")).is_some();
        if !escapes {
            out.extend_from_slice(run);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::super::vectors::RULES_6_8;
    use super::*;
    use crate::wp::version::WpVersion;

    fn checked(url: &str) -> String {
        String::from_utf8(bad_protocol(url.as_bytes(), RULES_6_8)).unwrap()
    }

    #[test]
    fn allowed_schemes_stay_and_others_go() {
        assert_eq!(checked("HTTP://E.org"), "http://E.org");
        assert_eq!(checked("javascript:alert(1)"), "alert(1)");
        assert_eq!(checked("java\\0script&#0058 javascript&colon;mailto:x"), "mailto:x");
        assert_eq!(checked("&#109;ailto&#x3A; x"), "mailto:x");
        assert_eq!(checked("/?a:b"), "/?a:b");
    }

    #[test]
    fn a_feed_has_its_own_address_checked() {
        assert_eq!(checked("feed:javascript:x"), "feed:x");
        assert_eq!(checked("feed:feed:feed:x"), "");
        assert_eq!(checked("feed:0"), "0");
    }

    #[test]
    fn too_many_schemes_leave_nothing() {
        assert_eq!(checked("a:b:c:d:e:f"), "f");
        assert_eq!(checked("a:b:c:d:e:f:g"), "");
    }

    #[test]
    fn a_plain_web_address_was_trimmed_before_6_2() {
        let old = Rules::new(WpVersion::new(6, 1));
        assert_eq!(bad_protocol(b"http:// ", old), b"http://");
        assert_eq!(bad_protocol(b"http:// ", RULES_6_8), b"http:// ");
    }
}
