//! The value of `Content-Disposition` in a part: is it a variable or a file, and what is its name.
//!
//! PHP's own reading: single quotes work like double ones, nothing is percent-decoded.

use crate::wp::ctype::{is_space, trimmed_start};

/// What a part is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Disposition {
    /// `name` without `filename`.
    Variable { name: Vec<u8> },
    /// Anything with `filename`, even an empty one. PHP reads no content when the file has no name, or when
    /// the brackets in the name of the part do not match.
    File { skipped: bool },
    /// Neither name.
    Garbled,
}

impl Disposition {
    /// Reads `form-data; name="a"; filename="b"`. Of equal keys the last counts.
    pub(super) fn parse(header: &[u8]) -> Self {
        let mut name = None;
        let mut filename = None;
        let mut rest = trimmed_start(header);
        while !rest.is_empty() {
            let (pair, behind) = word(rest, b';');
            rest = trimmed_start(behind);
            if !pair.contains(&b'=') {
                continue;
            }
            let (key, value) = word(pair, b'=');
            if key.eq_ignore_ascii_case(b"name") {
                name = Some(unquoted(value));
            } else if key.eq_ignore_ascii_case(b"filename") {
                filename = Some(unquoted(value));
            }
        }
        match (name, filename) {
            (name, Some(filename)) => {
                let unsound = name.is_some_and(|name| !brackets_match(&name));
                Self::File { skipped: filename.is_empty() || unsound }
            }
            (Some(name), None) => Self::Variable { name },
            (None, None) => Self::Garbled,
        }
    }
}

/// The text before `stop` and the text behind it and its repetitions (`php_ap_getword`). A `stop` in quotes
/// does not count.
fn word(text: &[u8], stop: u8) -> (&[u8], &[u8]) {
    let mut quote = None;
    let mut escaped = false;
    let end = text.iter().enumerate().position(|(at, &byte)| {
        match quote {
            _ if escaped => escaped = false,
            Some(open) if byte == b'\\' => escaped = text.get(at + 1) == Some(&open),
            Some(open) if byte == open => quote = None,
            None if byte == stop => return true,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            Some(_) | None => {}
        }
        false
    });
    let (word, behind) = end.and_then(|at| text.split_at_checked(at)).unwrap_or((text, &[]));
    let stops = behind.iter().take_while(|&&byte| byte == stop).count();
    (word, behind.get(stops..).unwrap_or_default())
}

/// PHP's check of a file's name: each `[` is closed, and only `[` or the end follows a `]`.
fn brackets_match(name: &[u8]) -> bool {
    let mut open = 0_usize;
    let mut bytes = name.iter().take_while(|&&byte| byte != 0).peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' => open += 1,
            b']' if open == 0 || bytes.peek().is_some_and(|&&next| next != b'[') => return false,
            b']' => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// The value of a pair (`php_ap_getword_conf`): what is in quotes, else all up to a blank. A backslash
/// counts only before another one or before the quote that opened.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let text = trimmed_start(text);
    let quote = text.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let mut bytes = text.iter().skip(usize::from(quote.is_some())).peekable();
    let mut value = Vec::new();
    while let Some(&byte) = bytes.next() {
        let ends = quote.map_or_else(|| is_space(byte), |quote| byte == quote);
        if ends {
            break;
        }
        let escaped = bytes.next_if(|&&next| byte == b'\\' && (next == b'\\' || Some(next) == quote));
        value.push(escaped.copied().unwrap_or(byte));
    }
    value
}
