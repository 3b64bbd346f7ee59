//! Attributes as WordPress read them up to 6.9: by expressions, not by the rules of HTML5.
//!
//! Which attributes may stay is decided in `kses`.

use std::collections::HashSet;

use super::super::Rules;
use super::super::php::{at, find_byte, find_where, is_space, slice, tail};
use super::super::protocol::bad_protocol;
use super::{Attribute, is_uri, trim_space};

/// WordPress `wp_kses_hair` before 7.0; held against 6.1 and 6.8.
///
/// A value keeps its quotes, a name its case; of two attributes with one spelling the first wins.
pub(super) fn hair(text: &[u8], rules: Rules) -> Vec<Attribute> {
    let mut found = Found { list: Vec::new(), names: HashSet::new(), rules };
    let mut rest = text;
    while !rest.is_empty() {
        rest = match name(rest) {
            Some((name, after)) => found.after_name(name, after),
            None => after_error(rest),
        };
    }
    found.list
}

struct Found<'a> {
    list: Vec<Attribute>,
    names: HashSet<&'a [u8]>,
    rules: Rules,
}

impl<'a> Found<'a> {
    /// Reads what follows a name and gives back the text after it.
    fn after_name(&mut self, name: &'a [u8], after: &'a [u8]) -> &'a [u8] {
        let spaced = trim_space(after);
        if let Some(value) = spaced.strip_prefix(b"=").map(trim_space) {
            // At the very end of the tag such a name is no attribute at all.
            return if value.is_empty() { value } else { self.after_equals(name, value) };
        }
        if after.is_empty() || spaced.len() < after.len() {
            self.add(name, None, b"");
            return spaced;
        }
        after_error(after)
    }

    fn after_equals(&mut self, name: &'a [u8], text: &'a [u8]) -> &'a [u8] {
        let quote = text.first().filter(|b| b"\"'".contains(b));
        let end = match quote {
            Some(&quote) => find_byte(text, quote, 1),
            None => find_where(text, 0, |b| is_space(b) || b == b'"' || b == b'\'').or(Some(text.len())),
        };
        let Some(end) = end else {
            return after_error(text);
        };
        let quoted = usize::from(quote.is_some());
        let after = tail(text, end + quoted);
        let spaced = trim_space(after);
        let ends = after.is_empty() || spaced.len() < after.len();
        // A slash right behind the value may end the tag; it goes with the next round.
        if !ends && after != b"/" && after != b"/\n" {
            return after_error(text);
        }
        let value = slice(text, quoted, end);
        match quote {
            Some(b'\'') => self.add(name, Some(value), b"'"),
            _ => self.add(name, Some(value), b"\""),
        }
        if ends { spaced } else { after_error(text) }
    }

    fn add(&mut self, name: &'a [u8], value: Option<&[u8]>, quote: &[u8]) {
        if !self.names.insert(name) {
            return;
        }
        let mut whole = name.to_vec();
        let mut clean = Vec::new();
        if let Some(value) = value {
            clean = if is_uri(&name.to_ascii_lowercase()) {
                bad_protocol(value, self.rules)
            } else {
                value.to_vec()
            };
            whole.push(b'=');
            whole.extend_from_slice(quote);
            whole.extend_from_slice(&clean);
            whole.extend_from_slice(quote);
        }
        self.list.push(Attribute { name: name.to_vec(), value: clean, whole });
    }
}

/// A name at the start: `[_a-zA-Z][-_a-zA-Z0-9:.]*`.
fn name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = at(text, 0)?;
    if !first.is_ascii_alphabetic() && first != b'_' {
        return None;
    }
    let goes_on = |b: u8| b.is_ascii_alphanumeric() || b"-_:.".contains(&b);
    let end = find_where(text, 0, |b| !goes_on(b)).unwrap_or(text.len());
    Some((slice(text, 0, end), tail(text, end)))
}

/// WordPress `wp_kses_html_error`: drops everything up to the next white space outside quotes, and that.
fn after_error(text: &[u8]) -> &[u8] {
    let mut from = 0;
    while let Some(byte) = at(text, from).filter(|&b| !is_space(b)) {
        from += 1;
        if byte == b'"' || byte == b'\'' {
            from = find_byte(text, byte, from).map_or(text.len(), |end| end + 1);
        }
    }
    trim_space(tail(text, from))
}

#[cfg(test)]
mod tests {
    use super::super::super::vectors::RULES_6_8;
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let list = hair(text.as_bytes(), RULES_6_8).into_iter();
        list.map(|a| String::from_utf8(a.whole).unwrap()).collect()
    }

    #[test]
    fn quotes_and_case_stay_as_they_were() {
        assert_eq!(read("A='1' b=\"2\" c=3 d"), ["A='1'", "b=\"2\"", "c=\"3\"", "d"]);
        assert_eq!(read("a=1 a=2 A=3"), ["a=\"1\"", "A=\"3\""]);
    }

    #[test]
    fn a_value_without_space_behind_it_is_dropped_with_what_follows() {
        assert_eq!(read("a=\"1\"b=2 c=3"), ["c=\"3\""]);
        assert_eq!(read("a=\"1\"/ c=3"), ["c=\"3\""]);
        assert_eq!(read("a=\"1\"/"), ["a=\"1\""]);
        assert_eq!(read("a=1/"), ["a=\"1/\""]);
        assert_eq!(read("a=\"1 c=3"), Vec::<String>::new());
        assert_eq!(read("a="), Vec::<String>::new());
    }
}
