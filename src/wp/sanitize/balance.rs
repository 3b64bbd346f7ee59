//! `force_balance_tags`: every tag that opens is closed, and none closes that did not open.

use std::borrow::Cow;
use std::collections::HashMap;

use super::php::{at, find_byte, find_where, is_space, replace, slice, tail, trim};

/// Tags that close themselves.
const SINGLE: &[&str] = &[
    "area", "base", "basefont", "br", "col", "command", "embed", "frame", "hr", "img", "input", "isindex",
    "link", "meta", "param", "source", "track", "wbr",
];

/// Tags that may stand directly inside one of their own.
const NESTABLE: &[&str] =
    &["article", "aside", "blockquote", "details", "div", "figure", "object", "q", "section", "span"];

/// WordPress `force_balance_tags`; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn force_balance_tags(text: &[u8]) -> Vec<u8> {
    let text = replace(Cow::Borrowed(text), b"< !--", b"<    !--");
    let text = escape_hearts(&text);
    let mut balance = Balance::default();
    let mut from = 0;
    let mut tags = Tags { text: &text, from: 0, gt: 0 };
    while let Some(tag) = tags.next() {
        balance.tag(slice(&text, from, tag.start), &tag);
        from = tag.end;
    }
    let mut out = balance.finish(tail(&text, from));
    out = replace(Cow::Owned(out), b"< !--", b"<!--").into_owned();
    replace(Cow::Owned(out), b"<    !--", b"< !--").into_owned()
}

/// `<3` is no tag.
fn escape_hearts(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (place, &byte) in text.iter().enumerate() {
        if byte == b'<' && at(text, place + 1).is_some_and(|b| b.is_ascii_digit()) {
            out.extend_from_slice(b"&lt;");
        } else {
            out.push(byte);
        }
    }
    out
}

/// A tag in the text.
struct Tag<'a> {
    start: usize,
    end: usize,
    closing: bool,
    name: Vec<u8>,
    space: &'a [u8],
    attributes: &'a [u8],
}

struct Tags<'a> {
    text: &'a [u8],
    from: usize,
    /// The last `>` found, so that many openings before one far end cost one search.
    gt: usize,
}

impl<'a> Tags<'a> {
    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = find_byte(self.text, b'<', self.from)?;
            self.from = start + 1;
            if let Some(tag) = self.read(start) {
                self.from = tag.end;
                return Some(tag);
            }
        }
    }

    fn read(&mut self, start: usize) -> Option<Tag<'a>> {
        let closing = at(self.text, start + 1) == Some(b'/');
        let name_at = start + 1 + usize::from(closing);
        let [custom, plain] = name_lengths(tail(self.text, name_at));
        [custom, plain].into_iter().filter(|&length| length > 0).find_map(|length| {
            self.rest(name_at + length).map(|(space, attributes, end)| Tag {
                start,
                end,
                closing,
                name: slice(self.text, name_at, name_at + length).to_ascii_lowercase(),
                space,
                attributes,
            })
        })
    }

    /// What follows the name: blanks and perhaps a slash, or blanks and attributes, and `>`.
    fn rest(&mut self, from: usize) -> Option<(&'a [u8], &'a [u8], usize)> {
        let name_end = find_where(self.text, from, |b| !is_space(b))?;
        let slash = usize::from(at(self.text, name_end) == Some(b'/'));
        if at(self.text, name_end + slash) == Some(b'>') {
            return Some((b"", slice(self.text, name_end, name_end + slash), name_end + slash + 1));
        }
        if name_end == from {
            return None;
        }
        if self.gt < name_end {
            self.gt = find_byte(self.text, b'>', name_end).unwrap_or(self.text.len());
        }
        (self.gt < self.text.len()).then(|| {
            (slice(self.text, from, name_end), trim(slice(self.text, name_end, self.gt)), self.gt + 1)
        })
    }
}

/// How long a name the text begins with: of a custom element (`x-y.z`, small first letter), and of any.
fn name_lengths(text: &[u8]) -> [usize; 2] {
    let length = |goes_on: fn(&u8) -> bool| text.iter().take_while(|b| goes_on(b)).count();
    let custom = length(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(b));
    let first = text.first().is_some_and(u8::is_ascii_lowercase);
    let dash = text.iter().take(custom).position(|&b| b == b'-');
    let is_custom = first && dash.is_some_and(|dash| dash + 1 < custom);
    let plain = length(|b| b.is_ascii_alphanumeric() || b"_:".contains(b));
    [if is_custom { custom } else { 0 }, plain]
}

#[derive(Default)]
struct Balance {
    out: Vec<u8>,
    queue: Vec<u8>,
    open: Vec<Vec<u8>>,
    /// How often each name is open, so that a stray end costs no search.
    counts: HashMap<Vec<u8>, usize>,
}

impl Balance {
    fn tag(&mut self, before: &[u8], tag: &Tag<'_>) {
        let queue = std::mem::take(&mut self.queue);
        self.out.extend(queue);
        let written = if tag.closing { self.end(&tag.name) } else { self.begin(tag) };
        self.out.extend_from_slice(before);
        self.out.extend(written);
    }

    fn end(&mut self, name: &[u8]) -> Vec<u8> {
        if self.open.last().is_some_and(|top| top == name) {
            return self.pop();
        }
        if self.counts.get(name).is_some_and(|count| *count > 0) {
            while let Some(top) = self.open.last() {
                let found = top == name;
                let end = self.pop();
                self.queue.extend(end);
                if found {
                    break;
                }
            }
        }
        Vec::new()
    }

    fn begin(&mut self, tag: &Tag<'_>) -> Vec<u8> {
        let single = SINGLE.iter().any(|single| single.as_bytes() == tag.name);
        let mut space = tag.space;
        let mut attributes = tag.attributes.to_vec();
        if attributes.ends_with(b"/") {
            if single {
                space = b" ";
            } else {
                attributes.pop();
                attributes = trim(&attributes).to_vec();
                attributes.extend_from_slice(b"></");
                attributes.extend_from_slice(&tag.name);
            }
        } else if single {
            space = b" ";
            attributes.push(b'/');
        } else {
            let nestable = NESTABLE.iter().any(|nestable| nestable.as_bytes() == tag.name);
            if !nestable && self.open.last() == Some(&tag.name) {
                let end = self.pop();
                self.queue.extend(end);
            }
            *self.counts.entry(tag.name.clone()).or_default() += 1;
            self.open.push(tag.name.clone());
        }
        let written = [b"<", tag.name.as_slice(), space, &attributes, b">"].concat();
        if self.queue.is_empty() {
            return written;
        }
        self.queue.extend(written);
        Vec::new()
    }

    /// Takes the innermost tag off; gives its end.
    fn pop(&mut self) -> Vec<u8> {
        let Some(name) = self.open.pop() else {
            return Vec::new();
        };
        if let Some(count) = self.counts.get_mut(&name) {
            *count -= 1;
        }
        [b"</", name.as_slice(), b">"].concat()
    }

    fn finish(mut self, rest: &[u8]) -> Vec<u8> {
        let queue = std::mem::take(&mut self.queue);
        self.out.extend(queue);
        self.out.extend_from_slice(rest);
        while self.open.last().is_some_and(|name| name != b"0") {
            let end = self.pop();
            self.out.extend(end);
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balanced(text: &str) -> String {
        String::from_utf8(force_balance_tags(text.as_bytes())).unwrap()
    }

    #[test]
    fn what_opens_is_closed() {
        assert_eq!(balanced("<b>x <i>y"), "<b>x <i>y</i></b>");
        assert_eq!(balanced("x</b>"), "x");
        assert_eq!(balanced("<b><i>x</b>y</i>"), "<b><i>x</i></b>y");
        assert_eq!(balanced("<b>x<b>y"), "<b>x</b><b>y</b>");
        assert_eq!(balanced("<q>x<q>y"), "<q>x<q>y</q></q>");
    }

    #[test]
    fn single_tags_close_themselves() {
        assert_eq!(balanced("<br><img src=x><b/>"), "<br /><img src=x/><b></b>");
    }

    #[test]
    fn hearts_and_comments_are_no_tags() {
        assert_eq!(balanced("I <3 <!-- < !-- "), "I &lt;3 <!-- < !-- ");
    }
}
