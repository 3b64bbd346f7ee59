//! Slugs: `sanitize_title`, and the nicename that a new login gets.
//!
//! Making a slug unique needs rows and is done elsewhere.

use std::borrow::Cow;

use super::accents::seems_utf8;
use super::php::{collapse, is_octet, remove_entity_like, replace, slice, trim_set};
use super::{Rules, remove_accents, sanitize_user, strip_tags};

/// The longest slug, in bytes after percent-encoding.
const LONGEST: usize = 200;

/// WordPress `sanitize_title` for saving, with the default filter `sanitize_title_with_dashes`;
/// held against 6.1, 6.8 and 7.1.
///
/// Lower case follows PHP up to 8.2: a final sigma stays `σ`.
#[must_use]
pub fn sanitize_title(title: &[u8], rules: Rules) -> Vec<u8> {
    let plain = remove_accents(title, rules);
    let text = octets_only(&strip_tags(&plain));
    let mut text = lower_and_encode(text, rules);
    text.make_ascii_lowercase();
    let text = remove_entity_like(&replace_characters(text, rules));
    let kept: Vec<u8> = text
        .iter()
        .map(|&b| if b == b'.' { b'-' } else { b })
        .filter(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"% _-".contains(b))
        .collect();
    let slug = collapse(&kept, |b| b == b' ' || b == b'-', b'-');
    trim_set(&slug, b"-").to_vec()
}

/// The `user_nicename` that WordPress gives a new user: the slug of the first 50 characters of the strict
/// login; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn nicename_from_login(login: &[u8], rules: Rules) -> Vec<u8> {
    // The strict login is ASCII, so that characters are bytes.
    let login = sanitize_user(login, true, rules);
    sanitize_title(login.get(..50).unwrap_or(&login), rules)
}

/// Drops every `%` that does not begin `%XX`. As WordPress keeps such octets as `---XX---` meanwhile, that
/// spelling in the text becomes an octet too.
fn octets_only(text: &[u8]) -> Vec<u8> {
    let mut marked = Vec::with_capacity(text.len());
    let mut from = 0;
    while let Some(&byte) = text.get(from) {
        if is_octet(text, from) {
            marked.extend_from_slice(b"---");
            marked.extend_from_slice(slice(text, from + 1, from + 3));
            marked.extend_from_slice(b"---");
            from += 3;
        } else {
            if byte != b'%' {
                marked.push(byte);
            }
            from += 1;
        }
    }
    let mut out = Vec::with_capacity(marked.len());
    let mut rest = marked.as_slice();
    while let Some((&byte, after)) = rest.split_first() {
        match rest {
            [b'-', b'-', b'-', a, b, b'-', b'-', b'-', after @ ..]
                if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() =>
            {
                out.extend([b'%', *a, *b]);
                rest = after;
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

/// Lower case and percent-encoding for text in UTF-8; other text is left as it is.
fn lower_and_encode(text: Vec<u8>, rules: Rules) -> Vec<u8> {
    if !text.is_ascii() {
        let is_utf8 =
            if rules.version.at_least(6, 9) { std::str::from_utf8(&text).is_ok() } else { seems_utf8(&text) };
        if !is_utf8 {
            return text;
        }
    }
    let mut out = Vec::with_capacity(LONGEST);
    for chunk in text.utf8_chunks() {
        let replacement = if chunk.invalid().is_empty() { "" } else { "?" };
        for c in chunk.valid().chars().chain(replacement.chars()).flat_map(char::to_lowercase) {
            let cost = if c.is_ascii() { 1 } else { 3 * c.len_utf8() };
            if out.len() + cost > LONGEST {
                return out;
            }
            let mut buffer = [0; 4];
            for &byte in c.encode_utf8(&mut buffer).as_bytes() {
                if byte.is_ascii() {
                    out.push(byte);
                } else {
                    out.extend_from_slice(format!("%{byte:02x}").as_bytes());
                }
            }
        }
    }
    out
}

/// Characters that become a hyphen, in two goes with those that vanish between them: the removal of one can
/// bring the halves of another together, so the order of WordPress's lists is kept.
fn replace_characters(text: Vec<u8>, rules: Rules) -> Vec<u8> {
    let mut text: Cow<'_, [u8]> = Cow::Owned(text);
    let newer = rules.version.at_least(6, 9);
    let has_octets = text.contains(&b'%');
    let first = ["%c2%a0", "%e2%80%91", "%e2%80%93", "%e2%80%94"];
    if has_octets {
        for octets in first.iter().filter(|o| newer || **o != "%e2%80%91") {
            text = replace(text, octets.as_bytes(), b"-");
        }
    }
    if text.contains(&b'&') {
        let names = ["&nbsp;", "&#8209;", "&#160;", "&ndash;", "&#8211;", "&mdash;", "&#8212;"];
        for name in names.iter().filter(|n| newer || **n != "&#8209;") {
            text = replace(text, name.as_bytes(), b"-");
        }
    }
    text = replace(text, b"/", b"-");
    if has_octets {
        for octets in VANISHING {
            text = replace(text, octets.as_bytes(), b"");
        }
        for octets in SPACES {
            text = replace(text, octets.as_bytes(), b"-");
        }
        text = replace(text, "%c3%97".as_bytes(), b"x");
    }
    text.into_owned()
}

/// Soft hyphen, inverted marks, quotes, bullet, signs, accents and invisible characters.
#[rustfmt::skip]
const VANISHING: [&str; 40] = [
    "%c2%ad", "%c2%a1", "%c2%bf", "%c2%ab", "%c2%bb", "%e2%80%b9", "%e2%80%ba",
    "%e2%80%98", "%e2%80%99", "%e2%80%9c", "%e2%80%9d", "%e2%80%9a", "%e2%80%9b", "%e2%80%9e", "%e2%80%9f",
    "%e2%80%a2", "%c2%a9", "%c2%ae", "%c2%b0", "%e2%80%a6", "%e2%84%a2",
    "%c2%b4", "%cb%8a", "%cc%81", "%cd%81", "%cc%80", "%cc%84", "%cc%8c",
    "%e2%80%8b", "%e2%80%8c", "%e2%80%8d", "%e2%80%8e", "%e2%80%8f",
    "%e2%80%aa", "%e2%80%ab", "%e2%80%ac", "%e2%80%ad", "%e2%80%ae", "%ef%bb%bf", "%ef%bf%bc",
];

/// Spaces of a certain width, line and paragraph separator.
#[rustfmt::skip]
const SPACES: [&str; 14] = [
    "%e2%80%80", "%e2%80%81", "%e2%80%82", "%e2%80%83", "%e2%80%84", "%e2%80%85", "%e2%80%86",
    "%e2%80%87", "%e2%80%88", "%e2%80%89", "%e2%80%8a", "%e2%80%a8", "%e2%80%a9", "%e2%80%af",
];

#[cfg(test)]
mod tests {
    use super::super::vectors::{self, RULES_6_8};
    use super::*;
    use crate::wp::version::WpVersion;

    fn slug(title: &str, rules: Rules) -> String {
        String::from_utf8(sanitize_title(title.as_bytes(), rules)).unwrap()
    }

    #[test]
    fn sanitize_title_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "sanitize_title", |input, _| sanitize_title(input, RULES_6_8));
        }
    }

    #[test]
    fn nicename_from_login_agrees_with_the_recorded_vectors() {
        vectors::bytes("wordpress-6.8.8", "nicename_from_login", |input, _| {
            nicename_from_login(input, RULES_6_8)
        });
        vectors::bytes("fuzzed-6.8.8", "nicename", |input, _| nicename_from_login(input, RULES_6_8));
    }

    #[test]
    fn the_no_break_hyphen_is_a_hyphen_since_6_9() {
        let new = Rules::new(WpVersion::new(6, 9));
        assert_eq!(slug("a\u{2011}b", RULES_6_8), "a%e2%80%91b");
        assert_eq!(slug("a\u{2011}b", new), "a-b");
        assert_eq!(slug("a&#8209;b", RULES_6_8), "ab");
        assert_eq!(slug("a&#8209;b", new), "a-b");
    }

    #[test]
    fn a_removal_can_bring_two_halves_together() {
        assert_eq!(slug("%e2%80%c2%ad%98x", RULES_6_8), "x");
        assert_eq!(slug("%e2%80%c2%ad%93x", RULES_6_8), "%e2%80%93x");
    }

    #[test]
    fn an_octet_spelled_with_dashes_becomes_one() {
        assert_eq!(slug("x---41---y", RULES_6_8), "x%41y");
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        assert_eq!(slug(&"日".repeat(30), RULES_6_8).len(), 198);
        assert_eq!(slug(&"a".repeat(300), RULES_6_8).len(), 200);
        assert_eq!(slug("ΑΣ", RULES_6_8), "%ce%b1%cf%83");
    }
}
