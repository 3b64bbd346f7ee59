//! The classes of `span` in a comment: mentions of users in notes (7.1) keep theirs, others lose them.
//!
//! Which tags a comment may have is decided in `kses`.

use std::collections::HashSet;

use super::super::kses::html5::{self, Next, RawAttribute};
use super::super::php::{at, find, find_byte, find_where, slice, tail};

/// WordPress `_wp_kses_sanitize_note_mention_classes` (7.1): a `span` keeps the classes of a mention only.
pub(super) fn mention_classes_only(text: &[u8]) -> Vec<u8> {
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
    let mut seen = HashSet::new();
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
    use super::*;

    fn cleaned(text: &str) -> String {
        String::from_utf8(mention_classes_only(text.as_bytes())).unwrap()
    }

    #[test]
    fn spans_keep_the_classes_of_mentions_only() {
        assert_eq!(
            cleaned("<span class=\"a wp-note-mention\tuser-3 b\">"),
            "<span class=\"wp-note-mention\tuser-3\">"
        );
        assert_eq!(cleaned("<span class=x>"), "<span >");
        assert_eq!(cleaned("<span class='5 x'>"), "<span class=\"5\">");
        assert_eq!(cleaned("<span class='5  5'>"), "<span class='5  5'>");
    }

    #[test]
    fn spans_in_comments_are_not_looked_at() {
        let text = "<!-- <span class=x> --><!x <span class=x></ <span class=x>";
        assert_eq!(cleaned(text), text);
    }
}
