//! The text of a comment: all default filters of `pre_comment_content`.
//!
//! Whether a comment is accepted or held back is decided elsewhere.

use super::kses::html5::{self, Next, RawAttribute};
use super::kses::{Place, hair, targeted_link_rel, wp_kses};
use super::parse_url::wp_parse_url;
use super::php::{at, find, find_byte, find_where, slice, tail};
use super::{Rules, protocol};

/// The content of a visitor's comment as WordPress stores it; held against 6.1, 6.8 and 7.1.
///
/// `home_url` is the option `home`: links to its host do not get `nofollow`. Tags are not balanced, as in a
/// site whose option `use_balanceTags` is off.
#[must_use]
pub fn comment_content(text: &[u8], home_url: &[u8], rules: Rules) -> Vec<u8> {
    let mut text = convert_invalid_entities(text);
    if !rules.version.at_least(6, 7) {
        text = targeted_link_rel(text, rules);
    }
    let mut text = wp_kses(&text, Place::Comment, rules);
    if rules.version.at_least(7, 1) {
        text = mention_classes_only(&text);
    }
    rel_ugc(&text, home_url, rules)
}

/// WordPress `convert_invalid_entities`: the numbers 128 to 159, meant as CP1252, become those of Unicode.
#[must_use]
pub fn convert_invalid_entities(text: &[u8]) -> Vec<u8> {
    const NUMBERS: [u16; 32] = [
        8364, 0, 8218, 402, 8222, 8230, 8224, 8225, 710, 8240, 352, 8249, 338, 0, 381, 0, 0, 8216, 8217,
        8220, 8221, 8226, 8211, 8212, 732, 8482, 353, 8250, 339, 0, 382, 376,
    ];
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = find(rest, b"&#1", 0) {
        out.extend_from_slice(slice(rest, 0, start));
        let number = match tail(rest, start + 2) {
            [b'1', tens, ones, b';', ..] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
                100 + usize::from(tens - b'0') * 10 + usize::from(ones - b'0')
            }
            _ => 0,
        };
        if let Some(&unicode) = number.checked_sub(128).and_then(|index| NUMBERS.get(index)) {
            if unicode > 0 {
                out.extend_from_slice(format!("&#{unicode};").as_bytes());
            }
            rest = tail(rest, start + 6);
        } else {
            out.extend_from_slice(b"&#1");
            rest = tail(rest, start + 3);
        }
    }
    out.extend_from_slice(rest);
    out
}

/// WordPress `wp_rel_ugc` for text after kses, where no link has a `rel` yet.
fn rel_ugc(text: &[u8], home_url: &[u8], rules: Rules) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    let mut end = 0;
    let mut open = 0;
    while let Some(start) = find_byte(text, b'<', open) {
        open = start + 1;
        let inside = start + 3;
        if !matches!(tail(text, start), [b'<', b'a' | b'A', b' ', first, ..] if *first != b'\n') {
            continue;
        }
        // The first byte is not looked at; the end of the last search is kept.
        if end < inside + 1 {
            end = find_where(text, inside + 1, |b| b == b'>' || b == b'\n').unwrap_or(text.len());
        }
        if at(text, end) != Some(b'>') {
            continue;
        }
        let attributes = slice(text, inside, end);
        out.extend_from_slice(slice(text, from, start));
        out.extend_from_slice(b"<a ");
        out.extend_from_slice(attributes);
        out.extend_from_slice(rel(attributes, home_url, rules));
        out.push(b'>');
        from = end + 1;
        open = from;
    }
    out.extend_from_slice(tail(text, from));
    out
}

/// What a link gets: WordPress `wp_rel_callback`.
fn rel(attributes: &[u8], home_url: &[u8], rules: Rules) -> &'static [u8] {
    let internal = hair(attributes, rules)
        .iter()
        .any(|attribute| attribute.name == b"href" && is_internal(&attribute.value, home_url, rules));
    match internal {
        false => b" rel=\"nofollow ugc\"",
        true if rules.version.at_least(6, 2) => b" rel=\"ugc\"",
        true => b"",
    }
}

/// Whether a link leads to the site's own host; port and user do not count.
pub(super) fn is_internal(url: &[u8], home_url: &[u8], rules: Rules) -> bool {
    let (Some(link), Some(home)) = (wp_parse_url(url), wp_parse_url(home_url)) else {
        return false;
    };
    let scheme = link.scheme.unwrap_or_default().to_ascii_lowercase();
    let known = if rules.version.at_least(6, 2) {
        protocol::is_allowed(&scheme)
    } else {
        matches!(scheme.as_slice(), b"http" | b"https")
    };
    let same = |a: Option<&[u8]>, b: Option<&[u8]>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    };
    known && same(link.host, home.host)
}

/// WordPress `_wp_kses_sanitize_note_mention_classes` (7.1): a `span` keeps the classes of a mention only.
fn mention_classes_only(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    let mut scan = 0;
    while let Some(start) = find_byte(text, b'<', scan) {
        let Some((end, class)) = token(text, start) else {
            break;
        };
        scan = end;
        let cleaned = class.and_then(|class| Some((only_mentions(class.value?)?, class)));
        if let Some((clean, class)) = cleaned {
            out.extend_from_slice(slice(text, from, class.start));
            if !clean.is_empty() {
                out.extend_from_slice(b"class=\"");
                out.extend(html5::encode(&clean));
                out.push(b'"');
            }
            from = class.end;
        }
    }
    out.extend_from_slice(tail(text, from));
    out
}

/// The end of the token that begins with the `<` at `start`, and its class if it opens a `span`. `None` when
/// the text ends inside.
fn token(text: &[u8], start: usize) -> Option<(usize, Option<RawAttribute<'_>>)> {
    let rest = tail(text, start);
    let name_at = match rest {
        [b'<', b'/', first, ..] if first.is_ascii_alphabetic() => start + 2,
        [b'<', first, ..] if first.is_ascii_alphabetic() => start + 1,
        [b'<', b'!', b'-', b'-', ..] => return Some((comment_end(text, start + 4)?, None)),
        [b'<', b'!' | b'?', ..] | [b'<', b'/', _, ..] => {
            return Some((find_byte(text, b'>', start + 2)? + 1, None));
        }
        [b'<', b'/'] => return None,
        _ => return Some((start + 1, None)),
    };
    let name_end = find_where(text, name_at, |b| html5::is_space(b) || b == b'/' || b == b'>')?;
    let is_span = name_at == start + 1 && slice(text, name_at, name_end).eq_ignore_ascii_case(b"span");
    let mut class = None;
    let mut from = name_end;
    loop {
        match RawAttribute::read(text, from) {
            Next::Attribute(attribute) => {
                from = attribute.end;
                if is_span && class.is_none() && attribute.name.eq_ignore_ascii_case(b"class") {
                    class = Some(attribute);
                }
            }
            Next::TagEnd(end) => return Some((end + 1, class)),
            Next::Incomplete => return None,
        }
    }
}

/// The end of an HTML comment whose text begins at `from`: dashes at once and `>`, else `-->` or `--!>`.
fn comment_end(text: &[u8], from: usize) -> Option<usize> {
    let dashes = find_where(text, from, |b| b != b'-')?;
    if at(text, dashes) == Some(b'>') {
        return Some(dashes + 1);
    }
    let mut scan = from;
    loop {
        let end = find(text, b"--", scan)?;
        match tail(text, end + 2) {
            [b'>', ..] => return Some(end + 3),
            [b'!', b'>', ..] => return Some(end + 4),
            _ => scan = end + 1,
        }
    }
}

/// The classes that may stay, `None` when all may.
fn only_mentions(class: &[u8]) -> Option<Vec<u8>> {
    let class = html5::decode_value(class);
    let names = || class.split(|&b| html5::is_space(b)).filter(|name| !name.is_empty());
    if names().all(may_stay) {
        return None;
    }
    let mut out = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut spaces_from = 0;
    let mut offset = 0;
    for part in class.split(|&b| html5::is_space(b)) {
        let start = offset;
        offset += part.len() + 1;
        if part.is_empty() {
            continue;
        }
        if may_stay(part) && seen.insert(part) {
            if !out.is_empty() {
                out.extend_from_slice(slice(&class, spaces_from, start));
            }
            out.extend_from_slice(part);
        }
        spaces_from = start + part.len();
    }
    Some(out)
}

/// The classes of a mention. A whole number stays too: as PHP turns it into an array key, the genuine code
/// fails to find it again.
fn may_stay(class: &[u8]) -> bool {
    let positive =
        |text: &[u8]| !text.is_empty() && !text.starts_with(b"0") && text.iter().all(u8::is_ascii_digit);
    let is_key = || {
        let canonical = class == b"0" || positive(class.strip_prefix(b"-").unwrap_or(class));
        canonical && std::str::from_utf8(class).is_ok_and(|text| text.parse::<i64>().is_ok())
    };
    class == b"wp-note-mention" || class.strip_prefix(b"user-").is_some_and(positive) || is_key()
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;
    use crate::wp::version::WpVersion;

    const HOME: &[u8] = b"http://127.0.0.1:8068";

    fn stored(text: &str, version: (u16, u16)) -> String {
        let rules = Rules::new(WpVersion::new(version.0, version.1));
        String::from_utf8(comment_content(text.as_bytes(), HOME, rules)).unwrap()
    }

    #[test]
    fn comment_content_agrees_with_the_recorded_vectors() {
        vectors::bytes("fuzzed-6.8.8", "comment_content", |input, _| comment_content(input, HOME, RULES_6_8));
    }

    #[test]
    fn links_to_the_own_host_are_followed() {
        let link = "<a href=\"https://127.0.0.1/x\">";
        assert_eq!(stored(link, (6, 1)), link);
        assert_eq!(stored(link, (6, 2)), "<a href=\"https://127.0.0.1/x\" rel=\"ugc\">");
        assert_eq!(stored("<A href=/x>", (6, 8)), "<a href=\"/x\" rel=\"nofollow ugc\">");
        assert_eq!(stored("<a>", (6, 8)), "<a>");
    }

    #[test]
    fn windows_numbers_become_those_of_unicode() {
        assert_eq!(
            convert_invalid_entities(b"&#128;&#129;&#0128;&#x80;&#160;"),
            b"&#8364;&#0128;&#x80;&#160;"
        );
    }

    #[test]
    fn spans_keep_the_classes_of_mentions_only() {
        assert_eq!(
            stored("<span class=\"a wp-note-mention\tuser-3 b\">", (7, 1)),
            "<span class=\"wp-note-mention\tuser-3\">"
        );
        assert_eq!(stored("<span class=x>", (7, 1)), "<span >");
        assert_eq!(stored("<span class='5 x'>", (7, 1)), "<span class=\"5\">");
        assert_eq!(stored("<span class='5  5'>", (7, 1)), "<span class=\"5  5\">");
    }
}
