//! Block delimiters (`<!-- wp:name {...} -->`) inside a filtered text: their attributes are filtered too, and
//! the blocks written anew.
//!
//! Visitors hardly ever write any, but a text that has them is stored as WordPress writes it. How comments
//! are judged afterwards is in `kses`.

use std::borrow::Cow;

use super::super::php::{find, find_byte, is_empty, replace, slice, tail};
use super::Kses;
use super::block_json::{self, Array, Key, Value};
use super::delimiters::{Delimiter, Finder};

/// The most bytes that blocks left open may add up to. Each of them is written with all the text behind it, so
/// that a few thousand would make gigabytes, which no column holds.
const MOST_BYTES: usize = 4 << 20;

/// WordPress `filter_block_content` and the block parser; held against 6.1, 6.8 and 7.1.
pub(super) fn filter_block_content(text: Vec<u8>, kses: Kses) -> Vec<u8> {
    let text = without_extra_dashes(text);
    if find(&text, b"<!--", 0).is_none() {
        return text;
    }
    Parser { text: &text, kses, offset: 0, out: Vec::with_capacity(text.len()), stack: Vec::new() }.run()
}

/// `<!--...--->` on one line loses the extra dashes before its end.
fn without_extra_dashes(text: Vec<u8>) -> Vec<u8> {
    if find(&text, b"--->", 0).is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    let mut scan = 0;
    let (mut end, mut line_end) = (0, 0);
    while let Some(open) = find(&text, b"<!--", scan) {
        let inner = open + 4;
        scan = open + 1;
        // What was found is kept: many openings before one far end cost one search.
        if end < inner {
            end = find(&text, b"--->", inner).unwrap_or(text.len());
        }
        if line_end < inner {
            line_end = find_byte(&text, b'\n', inner).unwrap_or(text.len());
        }
        if end < line_end {
            let mut kept = slice(&text, inner, end);
            while let Some(shorter) = kept.strip_suffix(b"-") {
                kept = shorter;
            }
            out.extend_from_slice(slice(&text, from, inner));
            out.extend_from_slice(kept);
            out.extend_from_slice(b"-->");
            from = end + 4;
            scan = from;
        }
    }
    out.extend_from_slice(tail(&text, from));
    out
}

/// A block whose end was not seen yet.
struct Open<'a> {
    name: &'a [u8],
    json: Option<&'a [u8]>,
    start: usize,
    /// Where the text after the last piece of its content begins.
    rest: usize,
    /// Where the text before it begins that belongs to no block.
    leading: Option<usize>,
    content: Vec<u8>,
}

struct Parser<'a> {
    text: &'a [u8],
    kses: Kses,
    offset: usize,
    out: Vec<u8>,
    stack: Vec<Open<'a>>,
}

impl Parser<'_> {
    fn run(mut self) -> Vec<u8> {
        let mut finder = Finder::new(self.text);
        while let Some(delimiter) = finder.next(self.offset) {
            let leading = (delimiter.start > self.offset).then_some(self.offset);
            if delimiter.void {
                let block = self.block(delimiter.name, delimiter.json, b"");
                if self.stack.is_empty() {
                    let from = leading.unwrap_or(delimiter.start);
                    self.out.extend_from_slice(slice(self.text, from, delimiter.start));
                    self.out.extend(block);
                } else {
                    self.add_inner(&block, delimiter.start, delimiter.end);
                }
            } else if delimiter.closes {
                match self.stack.len() {
                    // Nothing is open: the rest of the text is taken as it stands.
                    0 => break,
                    1 => self.close_outer(delimiter.start),
                    _ => self.close_inner(&delimiter),
                }
            } else {
                self.stack.push(Open {
                    name: delimiter.name,
                    json: delimiter.json,
                    start: delimiter.start,
                    rest: delimiter.end,
                    leading,
                    content: Vec::new(),
                });
            }
            self.offset = delimiter.end;
        }
        self.finish();
        self.out
    }

    /// No delimiter is left, but blocks may be open: each is written with all the text behind it.
    fn finish(&mut self) {
        let total: usize = self.stack.iter().map(|open| self.text.len() - open.rest).sum();
        if self.stack.is_empty() {
            self.out.extend_from_slice(tail(self.text, self.offset));
        } else if self.stack.len() > 1 && total > MOST_BYTES {
            let from = self.stack.first().map_or(0, |open| open.leading.unwrap_or(open.start));
            self.out.extend_from_slice(tail(self.text, from));
            self.stack.clear();
        }
        while !self.stack.is_empty() {
            self.close_outer(self.text.len());
        }
    }

    /// Writes the innermost open block, its content ending at `end`.
    fn close_outer(&mut self, end: usize) {
        let Some(mut open) = self.stack.pop() else {
            return;
        };
        let last = slice(self.text, open.rest, end);
        if !is_empty(last) {
            open.content.extend_from_slice(last);
        }
        if let Some(leading) = open.leading {
            self.out.extend_from_slice(slice(self.text, leading, open.start));
        }
        let block = self.block(open.name, open.json, &open.content);
        self.out.extend(block);
    }

    /// Writes the innermost open block into the one around it.
    fn close_inner(&mut self, delimiter: &Delimiter<'_>) {
        let Some(mut open) = self.stack.pop() else {
            return;
        };
        open.content.extend_from_slice(slice(self.text, open.rest, delimiter.start));
        let block = self.block(open.name, open.json, &open.content);
        self.add_inner(&block, open.start, delimiter.end);
    }

    fn add_inner(&mut self, block: &[u8], start: usize, end: usize) {
        let text = self.text;
        if let Some(parent) = self.stack.last_mut() {
            let before = slice(text, parent.rest, start);
            if !is_empty(before) {
                parent.content.extend_from_slice(before);
            }
            parent.content.extend_from_slice(block);
            parent.rest = end;
        }
    }

    /// WordPress `get_comment_delimited_block_content` with filtered attributes.
    fn block(&self, name: &[u8], json: Option<&[u8]>, content: &[u8]) -> Vec<u8> {
        let mut out = [b"<!-- wp:", name, b" "].concat();
        let attributes = json.and_then(block_json::decode);
        if let Some(Value::Array(attributes)) = attributes.map(|value| self.filter(&value, name))
            && !attributes.is_empty()
        {
            out.extend(self.encode(&attributes));
            out.push(b' ');
        }
        if is_empty(content) {
            out.extend_from_slice(b"/-->");
        } else {
            out.extend_from_slice(b"-->");
            out.extend_from_slice(content);
            out.extend_from_slice(&[b"<!-- /wp:", name, b" -->"].concat());
        }
        out
    }

    /// WordPress `filter_block_kses_value`: every text, and every key, goes through kses.
    fn filter(&self, value: &Value, block: &[u8]) -> Value {
        match value {
            Value::Text(text) => Value::Text(self.kses.filter(text, false)),
            Value::Array(array) => {
                let mut filtered = Array::default();
                for (key, _) in array.entries() {
                    filtered.set(key.clone(), Value::Null);
                }
                for (key, inner) in array.entries() {
                    let new_key = match key {
                        Key::Text(text) => self.kses.filter(text, false),
                        Key::Int(_) => Vec::new(),
                    };
                    let mut inner = self.filter(inner, block);
                    if block == b"template-part" && new_key == b"tagName" {
                        inner = self.tag_name(inner);
                    }
                    match key {
                        Key::Text(text) if *text != new_key => {
                            filtered.unset(key);
                            filtered.set(Key::new(new_key), inner);
                        }
                        _ => filtered.set(key.clone(), inner),
                    }
                }
                Value::Array(filtered)
            }
            other => other.clone(),
        }
    }

    /// A template part may only be a tag that is allowed in the text.
    fn tag_name(&self, value: Value) -> Value {
        let allowed = match &value {
            Value::Text(tag) => self.kses.place.attributes(tag, self.kses.rules).is_some(),
            _ => false,
        };
        if allowed || value.is_empty() { value } else { Value::Text(Vec::new()) }
    }

    /// WordPress `serialize_block_attributes`: JSON that cannot end the comment around it.
    fn encode(&self, attributes: &Array) -> Vec<u8> {
        let json = block_json::encode(attributes).unwrap_or_default();
        if self.kses.rules.version.at_least(6, 9) {
            return escape_once(&json);
        }
        // Before 6.9 one text after the other was replaced, and a backslash at the end of a value was taken
        // for the one of a quote.
        let pairs: [(&[u8], &[u8]); 5] = [
            (b"--", b"\\u002d\\u002d"),
            (b"<", b"\\u003c"),
            (b">", b"\\u003e"),
            (b"&", b"\\u0026"),
            (b"\\\"", b"\\u0022"),
        ];
        let json = pairs.iter().fold(Cow::Owned(json), |json, (from, to)| replace(json, from, to));
        json.into_owned()
    }
}

fn escape_once(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        let (length, escaped): (usize, &[u8]) = match rest {
            [b'\\', b'\\', ..] => (2, b"\\u005c"),
            [b'-', b'-', ..] => (2, b"\\u002d\\u002d"),
            [b'\\', b'"', ..] => (2, b"\\u0022"),
            [b'<', ..] => (1, b"\\u003c"),
            [b'>', ..] => (1, b"\\u003e"),
            [b'&', ..] => (1, b"\\u0026"),
            _ => (1, std::slice::from_ref(&byte)),
        };
        out.extend_from_slice(escaped);
        rest = tail(after, length - 1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::Rules;
    use super::super::{Place, wp_kses};
    use crate::wp::version::WpVersion;

    fn filtered(text: &str, version: (u16, u16)) -> String {
        let rules = Rules::new(WpVersion::new(version.0, version.1));
        String::from_utf8(wp_kses(text.as_bytes(), Place::Default, rules)).unwrap()
    }

    #[test]
    fn blocks_are_written_anew() {
        for (text, written) in [
            ("a<!-- wp:core/p -->b<!-- /wp:p -->c", "a<!-- wp:p -->b<!-- /wp:p -->c"),
            ("<!--\twp:a/b\n--><!-- /wp:x -->", "<!-- wp:a/b /-->"),
            ("<!-- wp:p {\"a\": [1.0]} /-->", "<!-- wp:p {\"a\":[1]} /-->"),
            ("<!-- wp:p {\"a\": } /-->", "<!-- wp:p /-->"),
            ("a<!-- /wp:p -->b<!-- wp:p -->", "a<!-- /wp:p -->b<!-- wp:p -->"),
            (
                "<!-- wp:a --><!-- wp:b -->c",
                "<!-- wp:b -->c<!-- /wp:b --><!-- wp:a --><!-- wp:b -->c<!-- /wp:a -->",
            ),
        ] {
            assert_eq!(filtered(text, (6, 8)), written, "{text}");
        }
    }

    #[test]
    fn the_texts_in_attributes_are_filtered() {
        let text = "<!-- wp:p {\"a\":\"\\u003cx\\u003e\\u003cb\\u003e\"} /-->";
        assert_eq!(filtered(text, (6, 8)), "<!-- wp:p {\"a\":\"\\u003cb\\u003e\"} /-->");
    }

    #[test]
    fn a_backslash_at_the_end_of_a_value_is_escaped_rightly_since_6_9() {
        let text = "<!-- wp:p {\"a\":\"\\\\\"} /-->";
        assert_eq!(filtered(text, (6, 8)), "<!-- wp:p {\"a\":\"\\\\u0022} /-->");
        assert_eq!(filtered(text, (6, 9)), "<!-- wp:p {\"a\":\"\\u005c\"} /-->");
    }

    #[test]
    fn dashes_before_the_end_of_a_comment_go() {
        assert_eq!(filtered("<!-- a ----->", (6, 8)), "<!-- a -->");
        assert_eq!(filtered("<!----->", (6, 8)), "");
    }

    #[test]
    fn thousands_of_open_blocks_do_not_multiply_the_text() {
        let text = "<!-- wp:a -->".repeat(20_000);
        assert_eq!(filtered(&text, (6, 8)).len(), text.len());
    }
}
