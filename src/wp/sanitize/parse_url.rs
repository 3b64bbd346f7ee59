//! PHP's `parse_url`, as far as the sanitisers ask for it.
//!
//! It is no validator and follows no standard, so no URL crate can stand in for it.

use super::php::{at, find_byte, find_where, is_space, slice, tail};

/// The parts before the path. Control characters, which PHP turns into `_`, are left as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::wp) struct Parts<'a> {
    pub(in crate::wp) scheme: Option<&'a [u8]>,
    pub(super) user: Option<&'a [u8]>,
    pub(super) pass: Option<&'a [u8]>,
    pub(super) host: Option<&'a [u8]>,
    pub(super) port: Option<u16>,
}

/// WordPress `wp_parse_url`: [`parse_url`] that also takes `//host/path` and `/path`; held against PHP 8.2.
#[must_use]
pub(in crate::wp) fn wp_parse_url(url: &[u8]) -> Option<Parts<'_>> {
    // WordPress puts a placeholder before such an address and takes it out of the answer again.
    if let Some(rest) = url.strip_prefix(b"//") {
        return authority(rest, Parts::default());
    }
    if url.starts_with(b"/") {
        return Some(Parts::default());
    }
    parse_url(url)
}

/// PHP's `parse_url`; `None` where PHP answers `false`.
fn parse_url(url: &[u8]) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let Some(colon) = find_byte(url, b':', 0) else {
        return Some(parts);
    };
    let scheme = slice(url, 0, colon);
    let is_scheme = scheme.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    if scheme.is_empty() {
        return port_first(url, colon);
    }
    if !is_scheme {
        let query = find_where(url, 0, |b| b == b'?' || b == b'#').unwrap_or(url.len());
        if colon + 1 < url.len() && colon < query {
            return port_first(url, colon);
        }
        return Some(parts);
    }
    let rest = tail(url, colon + 1);
    if rest.is_empty() {
        parts.scheme = Some(scheme);
        return Some(parts);
    }
    if !rest.starts_with(b"/") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits < 6 && matches!(at(rest, digits), None | Some(b'/')) {
            return port_first(url, colon);
        }
        parts.scheme = Some(scheme);
        return Some(parts);
    }
    parts.scheme = Some(scheme);
    let Some(rest) = rest.strip_prefix(b"//") else {
        return Some(parts);
    };
    if scheme.eq_ignore_ascii_case(b"file") && rest.starts_with(b"/") {
        return Some(parts);
    }
    authority(rest, parts)
}

/// Text whose first colon may stand before a port: `e.org:80/x`.
fn port_first(url: &[u8], colon: usize) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let rest = tail(url, colon + 1);
    let digits = rest.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    if (1..6).contains(&digits) && matches!(at(rest, digits), None | Some(b'/')) {
        parts.port = Some(port(slice(rest, 0, digits))?);
        return authority(url, parts);
    }
    if rest.is_empty() {
        return None;
    }
    Some(parts)
}

/// `user:pass@host:port`, up to the path. A port that is known already is not asked for again.
fn authority<'a>(text: &'a [u8], mut parts: Parts<'a>) -> Option<Parts<'a>> {
    let end = find_where(text, 0, |b| b"/?#".contains(&b)).unwrap_or(text.len());
    let mut place = slice(text, 0, end);
    if let Some(sign) = place.iter().rposition(|&b| b == b'@') {
        let login = slice(place, 0, sign);
        match find_byte(login, b':', 0) {
            Some(colon) => {
                parts.user = Some(slice(login, 0, colon));
                parts.pass = Some(tail(login, colon + 1));
            }
            None => parts.user = Some(login),
        }
        place = tail(place, sign + 1);
    }
    let is_ip6 = place.starts_with(b"[") && place.ends_with(b"]");
    let colon = place.iter().rposition(|&b| b == b':').filter(|_| !is_ip6);
    let mut host = place;
    if let Some(colon) = colon {
        host = slice(place, 0, colon);
        let digits = tail(place, colon + 1);
        if parts.port.is_none_or(|port| port == 0) {
            if digits.len() > 5 {
                return None;
            }
            if !digits.is_empty() {
                parts.port = Some(port(digits)?);
            }
        }
    }
    parts.host = Some(host);
    (!host.is_empty()).then_some(parts)
}

/// C's `strtol` on a port: white space and a sign may stand before the digits, and anything behind them.
fn port(text: &[u8]) -> Option<u16> {
    let text = tail(text, text.iter().take_while(|&&b| is_space(b)).count());
    let (negative, text) = match text {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let port = std::str::from_utf8(slice(text, 0, digits)).ok()?.parse().ok()?;
    (port == 0 || !negative).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scheme, host and port in one text.
    fn parts(url: &str) -> Option<String> {
        let parts = wp_parse_url(url.as_bytes())?;
        let text = |part: Option<&[u8]>| String::from_utf8(part.unwrap_or(b"-").to_vec()).unwrap();
        Some(format!("{} {} {:?}", text(parts.scheme), text(parts.host), parts.port))
    }

    #[test]
    fn a_url_falls_into_the_parts_that_php_sees() {
        for (url, expected) in [
            ("http://u:p@e.org:81/x", "http e.org Some(81)"),
            ("http://[::1]/", "http [::1] None"),
            ("//e.org/x", "- e.org None"),
            ("/x:1", "- - None"),
            ("e.org:80/x", "- e.org Some(80)"),
            ("mailto:x", "mailto - None"),
            ("a?b:c", "- - None"),
            ("http://e.org:+8x", "http e.org Some(8)"),
        ] {
            assert_eq!(parts(url).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn what_php_cannot_parse_is_nothing() {
        for url in ["http://", "http:///x", "http://e.org:123456", "http://e.org:x", "http://e.org:-1", ":"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
