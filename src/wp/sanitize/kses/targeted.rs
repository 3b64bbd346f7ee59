//! `wp_targeted_link_rel`: links that open a window get `rel="noopener"`. WordPress 6.7 dropped it.
//!
//! kses takes the new attribute away again in comments, but the link's spelling has changed by then. How other
//! links get their `rel` is in `comment`.

use super::super::php::{addslashes, find_where, is_space, slice, stripslashes, tail};
use super::super::text::{find_ignoring_case, starts_with_ignoring_case};
use super::super::{Rules, esc_html};
use super::{Attribute, hair};

/// WordPress `wp_targeted_link_rel` over text that is slashed for it; held against 6.1.
///
/// The genuine one leaves serialised data alone; such a comment or description is not looked for here.
pub(in super::super) fn targeted_link_rel(text: Vec<u8>, rules: Rules) -> Vec<u8> {
    if find_ignoring_case(&text, b"target", 0).is_none() || find_ignoring_case(&text, b"<a ", 0).is_none() {
        return text;
    }
    let text = addslashes(&text);
    let mut out = Vec::with_capacity(text.len());
    let mut scripts = Scripts::new(&text);
    let mut from = 0;
    while from < text.len() {
        let (start, end) = scripts.next(from).unwrap_or((text.len(), text.len()));
        links(slice(&text, from, start), rules, &mut out);
        out.extend_from_slice(slice(&text, start, end));
        from = end;
    }
    stripslashes(&out)
}

/// Scripts and styles, which are left alone.
struct Scripts<'a> {
    text: &'a [u8],
    /// Where the next closing tag of each name was found; none is looked for twice.
    closings: [Option<usize>; 2],
}

impl<'a> Scripts<'a> {
    const NAMES: [(&'static [u8], &'static [u8]); 2] = [(b"<script", b"</script>"), (b"<style", b"</style>")];

    fn new(text: &'a [u8]) -> Self {
        Self { text, closings: [Some(0), Some(0)] }
    }

    fn next(&mut self, from: usize) -> Option<(usize, usize)> {
        let mut scan = from;
        loop {
            let start = find_where(self.text, scan, |b| b == b'<')?;
            scan = start + 1;
            for ((opening, closing), found) in Self::NAMES.iter().zip(&mut self.closings) {
                let inside = start + opening.len();
                if !starts_with_ignoring_case(tail(self.text, start), opening) {
                    continue;
                }
                if found.is_some_and(|at| at < inside || at == 0) {
                    *found = find_ignoring_case(self.text, closing, inside);
                }
                if let Some(at) = *found {
                    return Some((start, at + closing.len()));
                }
            }
        }
    }
}

fn links(text: &[u8], rules: Rules, out: &mut Vec<u8>) {
    let mut from = 0;
    let mut scan = 0;
    let mut end = 0;
    while let Some(start) = find_where(text, scan, |b| b == b'<') {
        scan = start + 1;
        let inside = start + 3;
        if !matches!(tail(text, start), [b'<', b'a' | b'A', space, ..] if is_space(*space)) {
            continue;
        }
        // What was found is kept: many openings before one far end cost one search.
        if end < inside {
            end = find_where(text, inside, |b| b == b'>').unwrap_or(text.len());
        }
        let link = slice(text, inside, end);
        if end == text.len() {
            break;
        }
        if !has_target(link) {
            // Nor has any link that begins further inside.
            scan = end;
            continue;
        }
        out.extend_from_slice(slice(text, from, start));
        out.extend_from_slice(b"<a ");
        out.extend(with_rel(link, rules).unwrap_or_else(|| link.to_vec()));
        out.push(b'>');
        from = end + 1;
        scan = from;
    }
    out.extend_from_slice(tail(text, from));
}

/// Whether there is `target=`, white space allowed.
fn has_target(link: &[u8]) -> bool {
    let mut scan = 0;
    while let Some(found) = find_ignoring_case(link, b"target", scan) {
        scan = found + 6;
        let equals = find_where(link, scan, |b| !is_space(b));
        if equals.and_then(|at| link.get(at)) == Some(&b'=') {
            return true;
        }
    }
    false
}

/// The attributes of a slashed link with `rel`; `None` when it has no `target` after all.
fn with_rel(link: &[u8], rules: Rules) -> Option<Vec<u8>> {
    // Quotes lose their slash to be read; backslashes of the text stay doubled.
    let mut plain = Vec::with_capacity(link.len());
    for (index, &byte) in link.iter().enumerate() {
        if byte != b'\\' || !matches!(link.get(index + 1), Some(b'"' | b'\'')) {
            plain.push(byte);
        }
    }
    let mut attributes = hair(&plain, rules);
    attributes.iter().any(|attribute| attribute.name == b"target").then_some(())?;
    let place = attributes.iter().position(|attribute| attribute.name == b"rel");
    let old = place.and_then(|place| attributes.get(place)).map_or(&[][..], |rel| rel.value.as_slice());
    let mut words: Vec<&[u8]> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for word in old.split(|&b| is_space(b)).chain([&b"noopener"[..]]) {
        if !word.is_empty() && seen.insert(word) {
            words.push(word);
        }
    }
    let value = words.join(&b' ');
    let whole = [b"rel=\"", esc_html(&value, rules).as_slice(), b"\""].concat();
    let rel = Attribute { name: b"rel".to_vec(), value, whole };
    match place.and_then(|place| attributes.get_mut(place)) {
        Some(old) => *old = rel,
        None => attributes.push(rel),
    }
    let wholes: Vec<Vec<u8>> = attributes.into_iter().map(|attribute| attribute.whole).collect();
    let mut out = Vec::new();
    for byte in wholes.join(&b' ') {
        if matches!(byte, b'"' | b'\'') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::version::WpVersion;

    fn rewritten(text: &str) -> String {
        let rules = Rules::new(WpVersion::new(6, 1));
        String::from_utf8(targeted_link_rel(text.as_bytes().to_vec(), rules)).unwrap()
    }

    #[test]
    fn links_with_a_target_get_noopener() {
        assert_eq!(
            rewritten("<A\nhref='x' target=y /> <a b>"),
            "<a href='x' target=\"y\" rel=\"noopener\"> <a b>"
        );
        assert_eq!(rewritten("<a rel='b b' target>"), "<a rel='b b' target>");
        assert_eq!(rewritten("<a rel='b b' target=''>"), "<a rel=\"b noopener\" target=''>");
    }

    #[test]
    fn links_in_scripts_are_left_alone() {
        let text = "<script><a target=x></SCRIPT><style><a b>";
        assert_eq!(rewritten(text), text);
    }
}
