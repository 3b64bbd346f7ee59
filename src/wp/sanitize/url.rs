//! URLs: `esc_url` for a page, `sanitize_url` for a row.
//!
//! Which schemes are allowed is in `protocol`; this does not judge hosts.

use std::borrow::Cow;

use super::parse_url::{Parts, wp_parse_url};
use super::php::{WHITESPACE, remove_octets, replace, slice, tail, trim_start_set};
use super::protocol::bad_protocol;
use super::{Rules, normalize_entities};

/// WordPress `esc_url` for display: empty when the scheme is not allowed; held against 6.1, 6.8 and 7.1.
///
/// Text with a later colon and no scheme (`e.org/x:y`) gives nothing either.
#[must_use]
pub fn esc_url(url: &[u8], rules: Rules) -> Vec<u8> {
    clean(url, true, rules)
}

/// WordPress `sanitize_url` (`esc_url_raw`): the same without entities; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn sanitize_url(url: &[u8], rules: Rules) -> Vec<u8> {
    clean(url, false, rules)
}

fn clean(url: &[u8], display: bool, rules: Rules) -> Vec<u8> {
    let mut text = Vec::with_capacity(url.len());
    for &byte in trim_start_set(url, WHITESPACE) {
        if byte == b' ' {
            text.extend_from_slice(b"%20");
        } else if is_kept(byte) {
            text.push(byte);
        }
    }
    if text.is_empty() {
        return text;
    }
    if !text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"mailto:")) {
        text = remove_octets(&text, |a, b| a == b'0' && matches!(b, b'd' | b'a' | b'D' | b'A'));
    }
    let mut text = replace(Cow::Owned(text), b";//", b"://").into_owned();
    if needs_scheme(&text) {
        text = [b"http://", text.as_slice()].concat();
    }
    if display {
        let escaped = replace(Cow::Owned(normalize_entities(&text, rules)), b"&amp;", b"&#038;");
        text = replace(escaped, b"'", b"&#039;").into_owned();
    }
    if text.iter().any(|b| b"[]".contains(b)) {
        text = encode_brackets(&text);
    }
    if text.starts_with(b"/") {
        return text;
    }
    let good = bad_protocol(&text, rules);
    if good.eq_ignore_ascii_case(&text) { good } else { Vec::new() }
}

fn is_kept(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-~+_.?#=!&;,/:%@$|*'()[]".contains(&byte)
}

/// Text without any colon is taken for a host, unless it is a path, a query, a fragment or a PHP file.
fn needs_scheme(text: &[u8]) -> bool {
    if text.contains(&b':') || matches!(text.first(), Some(b'/' | b'#' | b'?')) {
        return false;
    }
    let name = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let extension = slice(text, name, name + 4);
    name == 0 || !extension.eq_ignore_ascii_case(b".php")
}

/// Brackets stay in the host, where an IPv6 address has them, and are encoded elsewhere.
///
/// WordPress does that by taking the front out of the URL, everywhere it occurs, and replacing what is left;
/// where that remainder is no part of the URL, nothing happens.
fn encode_brackets(url: &[u8]) -> Vec<u8> {
    let front = front(url, wp_parse_url(url).unwrap_or_default());
    let dirty = cut_all(url, &front, &[]);
    let mut clean = Vec::with_capacity(dirty.len() + 8);
    for &byte in &dirty {
        match byte {
            b'[' => clean.extend_from_slice(b"%5B"),
            b']' => clean.extend_from_slice(b"%5D"),
            _ => clean.push(byte),
        }
    }
    cut_all(url, &dirty, &clean)
}

/// Everything before the path, put together from its parts.
fn front(url: &[u8], parts: Parts<'_>) -> Vec<u8> {
    let mut front = Vec::new();
    if let Some(scheme) = parts.scheme {
        front.extend_from_slice(scheme);
        front.extend_from_slice(b"://");
    } else if url.starts_with(b"/") {
        front.extend_from_slice(b"//");
    }
    front.extend_from_slice(parts.user.unwrap_or_default());
    if let Some(pass) = parts.pass {
        front.push(b':');
        front.extend_from_slice(pass);
    }
    if parts.user.is_some() {
        front.push(b'@');
    }
    front.extend_from_slice(parts.host.unwrap_or_default());
    if let Some(port) = parts.port {
        front.extend_from_slice(format!(":{port}").as_bytes());
    }
    front
}

/// PHP's `str_replace` for a long needle, in linear time (Knuth, Morris and Pratt).
fn cut_all(text: &[u8], needle: &[u8], with: &[u8]) -> Vec<u8> {
    if needle.is_empty() {
        return text.to_vec();
    }
    let fail = borders(needle);
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    let mut matched = 0;
    for (index, &byte) in text.iter().enumerate() {
        matched = extend_match(needle, &fail, matched, byte);
        if matched == needle.len() {
            out.extend_from_slice(slice(text, from, index + 1 - matched));
            out.extend_from_slice(with);
            from = index + 1;
            matched = 0;
        }
    }
    out.extend_from_slice(tail(text, from));
    out
}

/// For each prefix of the needle the length of its longest proper border.
fn borders(needle: &[u8]) -> Vec<usize> {
    let mut fail = vec![0];
    let mut matched = 0;
    for &byte in needle.iter().skip(1) {
        matched = extend_match(needle, &fail, matched, byte);
        fail.push(matched);
    }
    fail
}

fn extend_match(needle: &[u8], fail: &[usize], mut matched: usize, byte: u8) -> usize {
    while matched > 0 && needle.get(matched) != Some(&byte) {
        matched = fail.get(matched - 1).copied().unwrap_or_default();
    }
    matched + usize::from(needle.get(matched) == Some(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;

    fn sanitized(url: &str) -> String {
        String::from_utf8(sanitize_url(url.as_bytes(), RULES_6_8)).unwrap()
    }

    #[test]
    fn esc_url_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "esc_url", |input, _| esc_url(input, RULES_6_8));
        }
    }

    #[test]
    fn sanitize_url_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "sanitize_url", |input, _| sanitize_url(input, RULES_6_8));
        }
    }

    #[test]
    fn brackets_stay_in_the_host_only() {
        assert_eq!(sanitized("http://[::1]:80/a[b]"), "http://[::1]:80/a%5Bb%5D");
        assert_eq!(sanitized("http://e.org:x/[a]"), "http://e.org:x/%5Ba%5D");
    }

    #[test]
    fn brackets_stay_where_the_front_of_the_url_comes_again() {
        assert_eq!(sanitized("http://e.org/http://e.org/[a]"), "http://e.org/http://e.org/[a]");
    }

    #[test]
    fn an_address_without_a_scheme_gets_one_unless_it_is_a_php_file() {
        assert_eq!(sanitized("e.org"), "http://e.org");
        assert_eq!(sanitized("a-1.PHP?x"), "a-1.PHP?x");
        assert_eq!(sanitized("e.org/x:y"), "");
    }
}
