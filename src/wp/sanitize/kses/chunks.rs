//! Pieces of markup: where each ends, and what it is.
//!
//! What becomes of a piece is decided in `kses`.

use super::super::Rules;
use super::super::php::{find, find_byte, find_where, slice, tail};
use super::trim_space;

/// Finds where a piece of markup ends. What was found is kept, so that many openings before one far end cost
/// one search.
pub(super) struct Chunks<'a> {
    text: &'a [u8],
    rules: Rules,
    gt: usize,
    comment_end: usize,
    line_end: usize,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(text: &'a [u8], rules: Rules) -> Self {
        Self { text, rules, gt: 0, comment_end: 0, line_end: 0 }
    }

    /// The end of the piece that begins at `start` with `<` or `>`.
    pub(super) fn end(&mut self, start: usize) -> usize {
        let rest = tail(self.text, start);
        if rest.starts_with(b">") {
            return start + 1;
        }
        if rest.starts_with(b"<!--")
            && let Some(end) = self.comment(start + 4)
        {
            return end;
        }
        let mut from = start + 1;
        // Since 6.6 the first byte after `</` is not looked at: `</>x>` is one piece, if there is that end.
        if self.rules.version.at_least(6, 6) && rest.starts_with(b"</>") {
            if let Some(end) = find_byte(self.text, b'>', start + 3) {
                return end + 1;
            }
            from = start + 2;
        }
        if self.gt < from {
            self.gt = find_byte(self.text, b'>', from).unwrap_or(self.text.len());
        }
        self.text.len().min(self.gt + 1)
    }

    /// The end of a comment whose text begins at `from`: `-->` on the same line, or the end of the last line.
    fn comment(&mut self, from: usize) -> Option<usize> {
        let length = self.text.len();
        if self.line_end < from {
            self.line_end = find_byte(self.text, b'\n', from).unwrap_or(length);
        }
        if self.comment_end < from {
            self.comment_end = find(self.text, b"-->", from).unwrap_or(length);
        }
        if self.comment_end < self.line_end {
            return Some(self.comment_end + 3);
        }
        (self.line_end + 1 >= length).then_some(self.line_end)
    }
}

/// What HTML5 takes for a comment too: `</` before anything but a letter, `<!` before a small letter.
pub(super) fn is_bogus_comment(chunk: &[u8]) -> bool {
    let opened = match chunk {
        [b'<', b'/', first, ..] => !first.is_ascii_alphabetic(),
        [b'<', b'!', first, ..] => first.is_ascii_lowercase(),
        _ => false,
    };
    // The byte that was not looked at may be the only `>`.
    opened && chunk.len() > 3 && find_byte(chunk, b'>', 3) == Some(chunk.len() - 1)
}

/// `< / name attributes >`.
pub(super) struct Tag<'a> {
    pub(super) closing: bool,
    pub(super) name: &'a [u8],
    pub(super) attributes: &'a [u8],
}

impl<'a> Tag<'a> {
    pub(super) fn read(chunk: &'a [u8]) -> Option<Self> {
        let rest = trim_space(chunk.strip_prefix(b"<")?);
        let closing = rest.starts_with(b"/");
        let rest = rest.strip_prefix(b"/").map_or(rest, trim_space);
        let end = find_where(rest, 0, |b| !(b.is_ascii_alphanumeric() || b == b'-')).unwrap_or(rest.len());
        let attributes = tail(rest, end);
        let attributes = attributes.strip_suffix(b">").unwrap_or(attributes);
        (end > 0 && !attributes.contains(&b'>')).then_some(Self {
            closing,
            name: slice(rest, 0, end),
            attributes,
        })
    }
}
