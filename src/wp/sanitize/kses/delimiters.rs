//! Finds block delimiters: `<!-- wp:name {json} -->`, the same with `/-->`, and `<!-- /wp:name -->`.
//!
//! Which of them belong together is found in `blocks`.

use super::super::php::{at, find, find_byte, find_where, is_space, slice, tail};

/// A delimiter in the text.
pub(super) struct Delimiter<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) closes: bool,
    pub(super) void: bool,
    /// Without the namespace `core/`.
    pub(super) name: &'a [u8],
    pub(super) json: Option<&'a [u8]>,
}

/// Finds delimiters. Where attributes end is kept, so that many openings before one far end cost one search.
pub(super) struct Finder<'a> {
    text: &'a [u8],
    json: Option<(usize, Option<usize>)>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, json: None }
    }

    pub(super) fn next(&mut self, from: usize) -> Option<Delimiter<'a>> {
        let mut scan = from;
        loop {
            let start = find(self.text, b"<!--", scan)?;
            if let Some(delimiter) = self.read(start) {
                return Some(delimiter);
            }
            scan = start + 1;
        }
    }

    fn read(&mut self, start: usize) -> Option<Delimiter<'a>> {
        let text = self.text;
        let mut from = after_space(text, start + 4)?;
        let closes = at(text, from) == Some(b'/');
        from += usize::from(closes);
        tail(text, from).starts_with(b"wp:").then_some(())?;
        let name_start = from + 3;
        from = after_name(text, name_start)?;
        if at(text, from) == Some(b'/') {
            from = after_name(text, from + 1)?;
        }
        let name = slice(text, name_start, from);
        from = after_space(text, from)?;
        let mut json = None;
        if at(text, from) == Some(b'{') {
            let end = self.json_end(from + 1)?;
            json = Some(slice(text, from, end));
            from = end;
        }
        let void = at(text, from) == Some(b'/');
        from += usize::from(void);
        tail(text, from).starts_with(b"-->").then_some(Delimiter {
            start,
            end: from + 3,
            closes,
            void,
            name: name.strip_prefix(b"core/").unwrap_or(name),
            json,
        })
    }

    /// Where attributes and the space after them end: at the first `}` with a delimiter's end behind it.
    fn json_end(&mut self, from: usize) -> Option<usize> {
        if self.json.is_none_or(|(brace, _)| brace < from) {
            self.json = Some(self.find_json_end(from));
        }
        self.json.and_then(|(_, end)| end)
    }

    /// That brace, and where the space after it ends; a place behind the text when there is none.
    fn find_json_end(&self, from: usize) -> (usize, Option<usize>) {
        let mut scan = from;
        while let Some(brace) = find_byte(self.text, b'}', scan) {
            let end = after_space(self.text, brace + 1);
            let rest = end.map_or(&[][..], |end| tail(self.text, end));
            if rest.starts_with(b"-->") || rest.starts_with(b"/-->") {
                return (brace, end);
            }
            scan = brace + 1;
        }
        (self.text.len(), None)
    }
}

/// The index after white space, of which there must be some.
fn after_space(text: &[u8], from: usize) -> Option<usize> {
    let end = find_where(text, from, |b| !is_space(b))?;
    (end > from).then_some(end)
}

/// The index after a name: a small letter, then small letters, digits, `_` and `-`.
fn after_name(text: &[u8], from: usize) -> Option<usize> {
    at(text, from).filter(u8::is_ascii_lowercase)?;
    find_where(text, from, |b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'))
}
