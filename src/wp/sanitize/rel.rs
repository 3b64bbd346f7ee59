//! `wp_rel_nofollow`: links of visitors tell search engines not to follow.
//!
//! The form for comments, which says `ugc` too, is in `comment`.

use super::comment::is_internal;
use super::kses::{Attribute, hair};
use super::php::{at, find_byte, find_where, slice, tail, trim};
use super::{Rules, addslashes, esc_html, stripslashes};

/// WordPress `wp_rel_nofollow`; held against 6.1, 6.8 and 7.1. Text goes in and comes out slashed.
///
/// Links to the site's own host stay as they are.
#[must_use]
pub fn rel_nofollow(slashed: &[u8], home_url: &[u8], rules: Rules) -> Vec<u8> {
    let text = stripslashes(slashed);
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut from = 0;
    let mut end = 0;
    let mut open = 0;
    while let Some(start) = find_byte(&text, b'<', open) {
        open = start + 1;
        let inside = start + 3;
        if !matches!(tail(&text, start), [b'<', b'a' | b'A', b' ', first, ..] if *first != b'\n') {
            continue;
        }
        // What was found is kept, so that many openings before one far end cost one search.
        if end < inside + 1 {
            end = find_where(&text, inside + 1, |b| b == b'>' || b == b'\n').unwrap_or(text.len());
        }
        if at(&text, end) != Some(b'>') {
            continue;
        }
        out.extend_from_slice(slice(&text, from, start));
        link(slice(&text, inside, end), home_url, rules, &mut out);
        from = end + 1;
        open = from;
    }
    out.extend_from_slice(tail(&text, from));
    addslashes(&out).into_owned()
}

/// WordPress `wp_rel_callback`: one opening tag with what stands in it.
fn link(text: &[u8], home_url: &[u8], rules: Rules, out: &mut Vec<u8>) {
    let attributes = hair(text, rules);
    let find = |name: &[u8]| attributes.iter().find(|attribute| attribute.name == name);
    let internal = find(b"href").is_some_and(|href| is_internal(&href.value, home_url, rules));
    out.extend_from_slice(b"<a ");
    if internal && !rules.version.at_least(6, 2) {
        out.extend_from_slice(text);
        out.push(b'>');
        return;
    }
    let wanted: &[u8] = if internal { b"" } else { b"nofollow" };
    let mut rel = wanted.to_vec();
    if let Some(given) = find(b"rel") {
        rel = joined(&given.value, wanted);
        out.extend_from_slice(trim(&written(&attributes, rules)));
    } else {
        out.extend_from_slice(text);
    }
    if !matches!(rel.as_slice(), b"" | b"0") || !rules.version.at_least(6, 2) {
        out.extend_from_slice(b" rel=\"");
        out.extend(esc_html(&rel, rules));
        out.push(b'"');
    }
    out.push(b'>');
}

/// All attributes but `rel`.
fn written(attributes: &[Attribute], rules: Rules) -> Vec<u8> {
    let mut html = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.name != b"rel") {
        html.extend_from_slice(&attribute.name);
        if attribute.whole.len() > attribute.name.len() {
            html.extend_from_slice(b"=\"");
            html.extend(esc_html(&attribute.value, rules));
            html.push(b'"');
        }
        html.push(b' ');
    }
    html
}

/// The words of both, each once.
fn joined(given: &[u8], wanted: &[u8]) -> Vec<u8> {
    let mut words: Vec<&[u8]> = Vec::new();
    for word in given.split(|&b| b == b' ').chain([wanted]).map(trim) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::version::WpVersion;

    fn stored(text: &str, version: (u16, u16)) -> String {
        let rules = Rules::new(WpVersion::new(version.0, version.1));
        String::from_utf8(rel_nofollow(text.as_bytes(), b"http://e.org", rules)).unwrap()
    }

    #[test]
    fn links_are_marked_and_the_text_is_slashed_again() {
        assert_eq!(
            stored("<a href=\\\"/x\\\">it\\'s", (6, 8)),
            "<a href=\\\"/x\\\" rel=\\\"nofollow\\\">it\\'s"
        );
        assert_eq!(
            stored("<A title=x rel=\"me\" href=\"http://x.org\">", (6, 8)),
            "<a title=\\\"x\\\" href=\\\"http://x.org\\\" rel=\\\"me nofollow\\\">"
        );
        assert_eq!(stored("<a>", (6, 8)), "<a>");
    }

    #[test]
    fn links_to_the_own_host_are_not() {
        let link = "<a href=\\\"http://e.org/x\\\">";
        assert_eq!(stored(link, (6, 1)), link);
        assert_eq!(stored(link, (6, 8)), link);
    }
}
