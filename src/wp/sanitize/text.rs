//! Plain text: tags off (`wp_strip_all_tags`), one-line fields (`sanitize_text_field`), keys (`sanitize_key`).
//!
//! Text that may keep some tags belongs to `kses`.

use std::borrow::Cow;

use super::php::{collapse, find_byte, find_where, is_octet, remove_octets, replace, slice, tail, trim};
use super::{Rules, esc_html, strip_tags};

/// WordPress `wp_strip_all_tags` (breaks kept): scripts and styles with what is in them, then
/// [`strip_tags`], then `trim`; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn wp_strip_all_tags(input: &[u8]) -> Vec<u8> {
    let mut text = strip_tags(&without_scripts(input));
    let kept = trim(&text);
    if kept.len() < text.len() {
        text = kept.to_vec();
    }
    text
}

/// Takes out `<script ...>...</script>` and the same for `style`; one that is never closed stays.
fn without_scripts(input: &[u8]) -> Cow<'_, [u8]> {
    const NAMES: [(&[u8], &[u8]); 2] = [(b"<script", b"</script>"), (b"<style", b"</style>")];
    // Where to go on looking for each closing tag: none is found twice, so a text full of openings costs one
    // search for each name.
    let mut close_from = [Some(0), Some(0)];
    let mut out = Vec::new();
    let mut copied = 0;
    let mut from = 0;
    let mut gt = 0;
    while let Some(open) = find_byte(input, b'<', from) {
        from = open + 1;
        let here = tail(input, open);
        let Some(((name, closing), close)) =
            NAMES.iter().zip(&mut close_from).find(|((name, _), _)| starts_with_ignoring_case(here, name))
        else {
            continue;
        };
        let name_end = open + name.len();
        if gt < name_end {
            gt = find_byte(input, b'>', name_end).unwrap_or(input.len());
        }
        let Some(searched) = *close else {
            continue;
        };
        *close = find_ignoring_case(input, closing, searched.max(gt));
        if let Some(end) = *close {
            out.extend_from_slice(slice(input, copied, open));
            copied = end + closing.len();
            from = copied;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(input);
    }
    out.extend_from_slice(tail(input, copied));
    Cow::Owned(out)
}

pub(super) fn starts_with_ignoring_case(input: &[u8], prefix: &[u8]) -> bool {
    input.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

pub(super) fn find_ignoring_case(input: &[u8], search: &[u8], from: usize) -> Option<usize> {
    let first = *search.first()?;
    let mut at = from;
    loop {
        at = find_where(input, at, |b| b.eq_ignore_ascii_case(&first))?;
        if starts_with_ignoring_case(tail(input, at), search) {
            return Some(at);
        }
        at += 1;
    }
}

/// WordPress `sanitize_text_field`; held against 6.1, 6.8 and 7.1. Not UTF-8 gives nothing.
#[must_use]
pub fn sanitize_text_field(input: &[u8], rules: Rules) -> Vec<u8> {
    if std::str::from_utf8(input).is_err() {
        return Vec::new();
    }
    let mut text = Cow::Borrowed(input);
    if input.contains(&b'<') {
        text = Cow::Owned(wp_strip_all_tags(&escape_unclosed(input, rules)));
        text = replace(text, b"<\n", b"&lt;\n");
    }
    let line = collapse(&text, |b| b"\r\n\t ".contains(&b), b' ');
    let line = trim(&line);
    if (0..line.len()).any(|i| is_octet(line, i)) {
        let line = remove_octets(line, |a, b| a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        return trim(&collapse(&line, |b| b == b' ', b' ')).to_vec();
    }
    line.to_vec()
}

/// WordPress `wp_pre_kses_less_than`: a `<` that no `>` follows before the next `<` is text, and is escaped
/// with all that follows it.
pub(super) fn escape_unclosed(input: &[u8], rules: Rules) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut from = 0;
    while let Some(open) = find_byte(input, b'<', from) {
        out.extend_from_slice(slice(input, from, open));
        // A newline at the very end is not part of it.
        let last = input.len() - usize::from(input.ends_with(b"\n"));
        let end = find_where(input, open + 1, |b| b == b'<' || b == b'>').unwrap_or(last);
        if input.get(end) == Some(&b'>') {
            from = end + 1;
            out.extend_from_slice(slice(input, open, from));
        } else {
            from = end;
            out.extend(esc_html(slice(input, open, end), rules));
        }
    }
    out.extend_from_slice(tail(input, from));
    out
}

/// WordPress `sanitize_key`: lower case, `[a-z0-9_-]` only; held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn sanitize_key(key: &[u8]) -> Vec<u8> {
    key.iter()
        .map(u8::to_ascii_lowercase)
        .filter(|&b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    #[test]
    fn wp_strip_all_tags_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "wp_strip_all_tags", |input, _| wp_strip_all_tags(input));
        }
    }

    #[test]
    fn sanitize_text_field_agrees_with_the_recorded_vectors() {
        for (file, list) in [
            ("wordpress-6.8.8", "sanitize_text_field"),
            ("wordpress-6.8.8", "sanitize_text_field_more"),
            ("fuzzed-6.8.8", "sanitize_text_field"),
        ] {
            vectors::bytes(file, list, |input, _| sanitize_text_field(input, vectors::RULES_6_8));
        }
    }

    #[test]
    fn sanitize_key_agrees_with_the_recorded_vectors() {
        vectors::bytes("wordpress-6.8.8", "sanitize_key", |input, _| sanitize_key(input));
    }

    #[test]
    fn a_newline_at_the_end_survives_broken_text_before_it() {
        assert_eq!(escape_unclosed(b"a<\xFF\n", vectors::RULES_6_8), b"a\n");
        assert_eq!(escape_unclosed(b"a<\xFF\nb", vectors::RULES_6_8), b"a");
    }

    #[test]
    fn a_script_that_is_never_closed_keeps_its_text() {
        assert_eq!(wp_strip_all_tags(b"a<script>b</script >c<style>d"), b"abcd");
        assert_eq!(wp_strip_all_tags(b"a<script>b</style>c</SCRIPT>d"), b"ad");
        assert_eq!(wp_strip_all_tags(b"a<script>1</script>b<style>2</style>c<script>3"), b"abc3");
    }
}
