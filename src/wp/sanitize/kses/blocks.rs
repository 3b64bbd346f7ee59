//! Block delimiters (`<!-- wp:name {...} -->`) inside a filtered text.

use super::super::php::{find, find_byte, slice, tail};
use super::Kses;

pub(super) fn filter_block_content(text: Vec<u8>, _kses: Kses) -> Vec<u8> {
    without_extra_dashes(text)
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
