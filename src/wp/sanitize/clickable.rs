//! `make_clickable`: bare addresses in a comment become links when it is shown, and as such count against
//! `comment_max_links`.
//!
//! Text is as WordPress has it there: slashed. The other filters of `comment_text` do not belong here.

use super::comment::is_internal;
use super::php::{at, find_byte, find_where, is_space, slice, tail};
use super::{Rules, esc_url};

/// Pieces longer than this are cut at blanks first.
const LONG: usize = 10_000;
/// How long such a part may be.
const PART: usize = 2_100;

/// WordPress `make_clickable` as the filter `comment_text` calls it; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn make_clickable(text: &[u8], home_url: &[u8], rules: Rules) -> Vec<u8> {
    let context = Context { home_url, rules };
    let mut out = Vec::with_capacity(text.len());
    let mut verbatim = 0_usize;
    for piece in pieces(text) {
        let names = [&b"code"[..], b"pre", b"script", b"style"];
        if names.iter().any(|name| opens(piece, name)) {
            verbatim += 1;
        } else if names.iter().any(|name| closes(piece, name)) {
            verbatim = verbatim.saturating_sub(1);
        }
        if verbatim > 0 || piece == b"0" || (piece.starts_with(b"<") && !is_bracketed_address(piece)) {
            out.extend_from_slice(piece);
        } else if piece.len() > LONG {
            for part in parts(piece) {
                if part.len() > PART + 1 {
                    out.extend_from_slice(part);
                } else {
                    out.extend(make_clickable(part, home_url, rules));
                }
            }
        } else {
            out.extend(context.link(piece));
        }
    }
    without_nested(&out)
}

/// How many links a shown text has: `<a … href`.
#[must_use]
pub fn count_links(text: &[u8]) -> usize {
    let mut count = 0;
    let mut from = 0;
    while let Some(start) = find_ignoring_case(text, b"<a ", from) {
        let end = find_byte(text, b'>', start + 3).unwrap_or(text.len());
        let inside = slice(text, start + 3, end);
        match inside.windows(4).rposition(|four| four.eq_ignore_ascii_case(b"href")) {
            Some(last) => {
                count += 1;
                from = start + 3 + last + 4;
            }
            None => from = start + 1,
        }
    }
    count
}

struct Context<'a> {
    home_url: &'a [u8],
    rules: Rules,
}

impl Context<'_> {
    fn link(&self, piece: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(piece.len() + 2);
        text.push(b' ');
        text.extend_from_slice(piece);
        text.push(b' ');
        let text = replace_after(&text, b"(<.,;:!?", |text, from| self.url(text, from));
        let text = replace_after(&text, b">", |text, from| self.web_or_ftp(text, from));
        let text = replace_after(&text, b">", mail);
        slice(&text, 1, text.len() - 1).to_vec()
    }

    /// `scheme://…`
    fn url(&self, text: &[u8], from: usize) -> Option<(usize, Vec<u8>)> {
        let scheme = from + count(text, from, 20, is_word);
        if scheme == from || !tail(text, scheme).starts_with(b"://") {
            return None;
        }
        let start = scheme + 3;
        let length = count(text, start, 2_001, |b| !is_space(b));
        if length == 0 || length > 2_000 || at(text, start + length).is_none() {
            return None;
        }
        let mut end = start + count(text, start, usize::MAX, is_url);
        while at(text, end).is_some_and(|b| b"'.,;:!?)".contains(&b)) {
            let more = count(text, end + 1, usize::MAX, is_url);
            if more == 0 {
                break;
            }
            end += 1 + more;
        }
        let mut url = slice(text, from, end).to_vec();
        let mut suffix = Vec::new();
        if at(text, end) == Some(b')') {
            end += 1;
            if find_byte(&url, b'(', 1).is_some() { url.push(b')') } else { suffix.push(b')') }
        }
        if at(text, end) == Some(b'.') {
            let letters = count(text, end + 1, 6, is_word);
            if letters >= 2 {
                url.extend_from_slice(slice(text, end, end + 1 + letters));
                end += 1 + letters;
            }
        }
        while closes_more(&url) {
            let last = url.iter().rposition(|b| *b == b')').unwrap_or(0);
            let mut rest = url.split_off(last);
            rest.append(&mut suffix);
            suffix = rest;
        }
        let url = esc_url(&url, self.rules);
        if url.is_empty() {
            return Some((end, slice(text, from, end).to_vec()));
        }
        let mut link = self.anchor(&url);
        link.append(&mut suffix);
        Some((end, link))
    }

    /// `www.…` and `ftp.…`
    fn web_or_ftp(&self, text: &[u8], from: usize) -> Option<(usize, Vec<u8>)> {
        let start = slice(text, from, from + 4);
        if !start.eq_ignore_ascii_case(b"www.") && !start.eq_ignore_ascii_case(b"ftp.") {
            return None;
        }
        let fits = |b| is_word(b) || b >= 0x80 || b"#$%&~/.-;:=,?@[]+".contains(&b);
        let length = count(text, from + 4, usize::MAX, fits);
        let end = from + 4 + length;
        if length == 0 {
            return None;
        }
        let last = at(text, end - 1).filter(|b| b".,;:)".contains(b));
        let address = slice(text, from, end - usize::from(last.is_some()));
        let url = esc_url(&[b"http://", address].concat(), self.rules);
        if url.is_empty() {
            return Some((end, slice(text, from, end).to_vec()));
        }
        let mut link = self.anchor(&url);
        link.extend(last);
        Some((end, link))
    }

    fn anchor(&self, url: &[u8]) -> Vec<u8> {
        let rel: &[u8] = if !self.rules.version.at_least(6, 2) {
            b"nofollow ugc"
        } else if is_internal(url, self.home_url, self.rules) || !is_web(url) {
            b"ugc"
        } else {
            b"nofollow ugc"
        };
        [b"<a href=\"", url, b"\" rel=\"", rel, b"\">", url, b"</a>"].concat()
    }
}

/// More parentheses are closed than opened.
fn closes_more(url: &[u8]) -> bool {
    let step = |byte: &u8| i32::from(*byte == b'(') - i32::from(*byte == b')');
    url.iter().map(step).sum::<i32>() < 0
}

fn is_web(url: &[u8]) -> bool {
    let scheme = slice(url, 0, find_byte(url, b':', 0).unwrap_or(0));
    scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https")
}

/// `name@host.tld`
fn mail(text: &[u8], from: usize) -> Option<(usize, Vec<u8>)> {
    let name = from + count(text, from, usize::MAX, |b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
    if name == from || at(text, name) != Some(b'@') {
        return None;
    }
    let run = count(text, name + 1, usize::MAX, |b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let host = slice(text, name + 1, name + 1 + run);
    // The last dot that has two letters behind it; no label may be empty before it.
    let empty = host.windows(2).position(|two| two == b"..").map_or(host.len(), |at| at + 1);
    let mut dots: Vec<usize> = (1..empty).filter(|place| at(host, *place) == Some(b'.')).collect();
    if host.starts_with(b".") {
        dots.clear();
    }
    let dot =
        dots.into_iter().rev().find(|dot| count(host, dot + 1, 2, |b| b.is_ascii_alphanumeric()) == 2)?;
    let letters = count(host, dot + 1, usize::MAX, |b| b.is_ascii_alphanumeric());
    let end = name + 1 + dot + 1 + letters;
    let address = slice(text, from, end);
    Some((end, [b"<a href=\"mailto:", address, b"\">", address, b"</a>"].concat()))
}

/// Tries `found` behind every blank and every byte of `before`; what it gives stands in for what it read.
fn replace_after(
    text: &[u8],
    before: &[u8],
    found: impl Fn(&[u8], usize) -> Option<(usize, Vec<u8>)>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at_byte = 0;
    while let Some(byte) = at(text, at_byte) {
        out.push(byte);
        at_byte += 1;
        if (is_space(byte) || before.contains(&byte))
            && let Some((end, link)) = found(text, at_byte)
        {
            out.extend(link);
            at_byte = end;
        }
    }
    out
}

/// `<…>` and what is between.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        let mut end = rest.len();
        while let Some(start) = find_byte(rest, b'<', from) {
            let stop = find_where(rest, start + 1, |b| b == b'<' || b == b'>');
            match stop.and_then(|stop| Some((stop, at(rest, stop)?))) {
                Some((stop, b'>')) if stop > start + 1 => {
                    end = if start == 0 { stop + 1 } else { start };
                    break;
                }
                Some((stop, b'<')) => from = stop,
                Some((stop, _)) => from = stop + 1,
                None => break,
            }
        }
        let piece = slice(rest, 0, end);
        rest = tail(rest, end);
        Some(piece)
    })
}

fn opens(piece: &[u8], name: &[u8]) -> bool {
    let after = 1 + name.len();
    piece.starts_with(b"<")
        && slice(piece, 1, after).eq_ignore_ascii_case(name)
        && at(piece, after).is_some_and(|b| is_space(b) || b == b'>')
}

fn closes(piece: &[u8], name: &[u8]) -> bool {
    piece.eq_ignore_ascii_case(&[b"</", name, b">"].concat())
}

/// `<http://…` is no tag.
fn is_bracketed_address(piece: &[u8]) -> bool {
    let start = 1 + count(piece, 1, usize::MAX, is_space);
    let scheme = count(piece, start, 20, is_word);
    scheme > 0 && tail(piece, start + scheme).starts_with(b"://")
}

/// WordPress `_split_str_by_whitespace`.
fn parts(text: &[u8]) -> Vec<&[u8]> {
    let blank = |b: &u8| is_space(*b) || *b == 0;
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > PART {
        let last = slice(rest, 0, PART + 1).iter().rposition(blank);
        let Some(end) = last.or_else(|| find_where(rest, PART + 1, |b| blank(&b))) else {
            break;
        };
        parts.push(slice(rest, 0, end + 1));
        rest = tail(rest, end + 1);
    }
    if !matches!(rest, b"" | b"0") {
        parts.push(rest);
    }
    parts
}

/// A link that a link was made in keeps the outer one only.
fn without_nested(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    let mut search = 0;
    while let Some(start) = find_ignoring_case(text, b"<a", search) {
        search = start + 1;
        if let Some((outer_end, inner_start, inner_end, end)) = nested(text, start) {
            out.extend_from_slice(slice(text, from, outer_end));
            out.extend_from_slice(slice(text, inner_start, inner_end));
            out.extend_from_slice(b"</a>");
            from = end;
            search = end;
        }
    }
    out.extend_from_slice(tail(text, from));
    out
}

/// Ends of the outer tag, start and end of the inner text, end of both.
fn nested(text: &[u8], start: usize) -> Option<(usize, usize, usize, usize)> {
    let outer = find_byte(text, b'>', start)?;
    let attributes = slice(text, start + 2, outer);
    let blank = attributes.first().is_some_and(|b| b" \r\n\t".contains(b));
    if !(attributes.is_empty() || (blank && attributes.len() > 1)) {
        return None;
    }
    if !slice(text, outer + 1, outer + 4).eq_ignore_ascii_case(b"<a ") {
        return None;
    }
    let inner = find_byte(text, b'>', outer + 4).filter(|end| *end > outer + 4)?;
    let close = find_byte(text, b'>', inner + 1)?;
    let content_end = close.checked_sub(3)?;
    let closed = slice(text, content_end, close + 1).eq_ignore_ascii_case(b"</a>")
        && slice(text, close + 1, close + 5).eq_ignore_ascii_case(b"</a>");
    (closed && content_end > inner + 1).then_some((outer + 1, inner + 1, content_end, close + 5))
}

fn count(text: &[u8], from: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    tail(text, from).iter().take(most).take_while(|b| fits(**b)).count()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What an address consists of, besides punctuation inside it.
fn is_url(byte: u8) -> bool {
    is_word(byte) || byte >= 0x80 || b"#%~/@[]*(+=&$-".contains(&byte)
}

fn find_ignoring_case(text: &[u8], search: &[u8], from: usize) -> Option<usize> {
    let place = tail(text, from).windows(search.len()).position(|part| part.eq_ignore_ascii_case(search));
    place.map(|place| from + place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::version::WpVersion;
    use proptest::prelude::*;

    const HOME: &[u8] = b"http://127.0.0.1:8080";
    const RULES: Rules = Rules::new(WpVersion::new(6, 8));

    fn shown(text: &str) -> String {
        String::from_utf8(make_clickable(text.as_bytes(), HOME, RULES)).unwrap()
    }

    fn links(text: &str) -> usize {
        count_links(shown(text).as_bytes())
    }

    #[test]
    fn bare_addresses_become_links() {
        assert_eq!(
            shown("see http://e.org/a_(b), ok"),
            "see <a href=\"http://e.org/a_(b)\" rel=\"nofollow ugc\">http://e.org/a_(b)</a>, ok"
        );
        assert_eq!(
            shown("www.e.org."),
            "<a href=\"http://www.e.org\" rel=\"nofollow ugc\">http://www.e.org</a>."
        );
        assert_eq!(
            shown("to a.b@c.example.de-"),
            "to <a href=\"mailto:a.b@c.example.de\">a.b@c.example.de</a>-"
        );
        assert_eq!(
            shown("http://127.0.0.1/x"),
            "<a href=\"http://127.0.0.1/x\" rel=\"ugc\">http://127.0.0.1/x</a>"
        );
    }

    #[test]
    fn links_count_as_they_are_shown() {
        assert_eq!(links("http://a.org http://b.org (http://c.org)"), 3);
        assert_eq!(links("\\\"http://a.org\\\" [http://b.org x-http://c.org"), 0);
        assert_eq!(links("<a href=\\\"http://a.org\\\">http://a.org</a>"), 1);
        assert_eq!(links("<a href=\\\"http://a.org\\\">see http://b.org</a>"), 2);
        assert_eq!(links("<code>http://a.org</code> <a title=x>"), 0);
        assert_eq!(links("<A HREF=x> <a\thref=y>"), 1);
        assert_eq!(links("a@b.c x@y.example .@-.ab q@..de"), 2);
    }

    #[test]
    fn long_texts_are_cut_at_blanks() {
        let long = format!("{} http://a.org {}", "x".repeat(6_000), "y ".repeat(5_000));
        assert_eq!(links(&long), 1);
        assert_eq!(shown(&"z".repeat(20_000)).len(), 20_000);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[<>a/ pre:.@w()0-9\\\\\"'htpcod=f]{0,200}") {
            let _ = count_links(&make_clickable(text.as_bytes(), HOME, RULES));
        }
    }
}
