//! Attributes as WordPress reads them since 7.0: by the tokeniser of HTML5.
//!
//! Elements and their nesting do not matter here; which attributes may stay is decided in `kses`.

use std::collections::HashSet;

use super::super::Rules;
use super::super::entities::named_characters;
use super::super::php::{at, find_byte, find_where, slice, tail};
use super::super::protocol::bad_protocol;
use super::{Attribute, is_uri};

/// WordPress `wp_kses_hair` since 7.0; held against 7.1.
///
/// Names become lower case, values are decoded and escaped anew. An open quote at the end spoils all.
pub(super) fn hair(text: &[u8], rules: Rules) -> Vec<Attribute> {
    let text = [text, b">"].concat();
    let mut names = HashSet::new();
    let mut list = Vec::new();
    let mut from = 0;
    loop {
        match RawAttribute::read(&text, from) {
            Next::Attribute(raw) => {
                from = raw.end;
                let name = raw.name.to_ascii_lowercase();
                if names.insert(name.clone()) {
                    list.push(attribute(name, &raw, rules));
                }
            }
            Next::TagEnd(_) => return list,
            Next::Incomplete => return Vec::new(),
        }
    }
}

fn attribute(name: Vec<u8>, raw: &RawAttribute<'_>, rules: Rules) -> Attribute {
    let mut whole = name.clone();
    let mut value = Vec::new();
    if let Some(text) = raw.value {
        let mut decoded = decode_value(text);
        if is_uri(&name) {
            decoded = bad_protocol(&decoded, rules);
        }
        value = encode(&decoded);
        whole.extend_from_slice(b"=\"");
        whole.extend_from_slice(&value);
        whole.push(b'"');
    }
    Attribute { name, value, whole }
}

/// What stands next in a tag.
pub(in super::super) enum Next<'a> {
    Attribute(RawAttribute<'a>),
    /// The tag's `>` is at this index.
    TagEnd(usize),
    /// The text ends inside the tag.
    Incomplete,
}

/// An attribute as it stands in the text.
pub(in super::super) struct RawAttribute<'a> {
    pub(in super::super) name: &'a [u8],
    pub(in super::super) value: Option<&'a [u8]>,
    pub(in super::super) start: usize,
    pub(in super::super) end: usize,
}

impl<'a> RawAttribute<'a> {
    /// Reads on in a tag from an index behind its name or behind another attribute.
    pub(in super::super) fn read(text: &'a [u8], from: usize) -> Next<'a> {
        let Some(start) = find_where(text, from, |b| !is_space(b) && b != b'/') else {
            return Next::Incomplete;
        };
        if at(text, start) == Some(b'>') {
            return Next::TagEnd(start);
        }
        // An equals sign may begin a name.
        let Some(name_end) = find_where(text, start + 1, |b| is_space(b) || b"=/>".contains(&b)) else {
            return Next::Incomplete;
        };
        let name = slice(text, start, name_end);
        let raw = |value, end| Next::Attribute(Self { name, value, start, end });
        let Some(equals) = find_where(text, name_end, |b| !is_space(b)) else {
            return Next::Incomplete;
        };
        if at(text, equals) != Some(b'=') {
            return raw(None, name_end);
        }
        let Some(value) = find_where(text, equals + 1, |b| !is_space(b)) else {
            return Next::Incomplete;
        };
        match at(text, value) {
            Some(quote @ (b'"' | b'\'')) => match find_byte(text, quote, value + 1) {
                Some(end) if end + 1 < text.len() => raw(Some(slice(text, value + 1, end)), end + 1),
                _ => Next::Incomplete,
            },
            _ => match find_where(text, value, |b| is_space(b) || b == b'>') {
                Some(end) => raw(Some(slice(text, value, end)), end),
                None => Next::Incomplete,
            },
        }
    }
}

/// White space as HTML5 has it: no vertical tab.
pub(in super::super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0C | b'\r')
}

/// The value of an attribute: line ends made one, references decoded.
pub(in super::super) fn decode_value(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    while let Some(byte) = at(text, from) {
        let reference = if byte == b'&' { reference(tail(text, from)) } else { None };
        if let Some((decoded, length)) = reference {
            out.extend(decoded);
            from += length;
            continue;
        }
        match byte {
            b'\r' => out.push(b'\n'),
            b'\n' if from > 0 && at(text, from - 1) == Some(b'\r') => {}
            0 => out.extend("\u{FFFD}".bytes()),
            _ => out.push(byte),
        }
        from += 1;
    }
    out
}

/// The five characters that WordPress escapes when it writes a value anew.
pub(in super::super) fn encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        out.extend_from_slice(match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'\'' => b"&apos;",
            b'"' => b"&quot;",
            _ => std::slice::from_ref(&byte),
        });
    }
    out
}

/// WordPress `WP_HTML_Decoder::read_character_reference` for attributes: the characters and how many bytes
/// of the text stood for them.
///
/// HTML5 knows many more names, but kses has disarmed all that WordPress does not know before it comes here.
fn reference(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    if text.starts_with(b"&#") {
        return number(text);
    }
    let (characters, length) = named_characters(tail(text, 1))?;
    Some((characters.as_bytes().to_vec(), length + 1))
}

fn number(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let hex = matches!(at(text, 2), Some(b'x' | b'X'));
    let (radix, most) = if hex { (16, 6) } else { (10, 7) };
    let start = 2 + usize::from(hex);
    let digit = |b: u8| char::from(b).to_digit(radix);
    let end = find_where(text, start, |b| digit(b).is_none()).unwrap_or(text.len());
    if end == start {
        return None;
    }
    let length = end + usize::from(at(text, end) == Some(b';'));
    let zeros = slice(text, start, end).iter().take_while(|&&b| b == b'0').count();
    let digits = slice(text, start + zeros, end);
    let code = if digits.len() > most {
        0
    } else {
        digits.iter().filter_map(|&b| digit(b)).fold(0, |code, d| code * radix + d)
    };
    let character = match code {
        0 => '\u{FFFD}',
        0x80..=0x9F => from_cp1252(code),
        _ => char::from_u32(code).unwrap_or('\u{FFFD}'),
    };
    Some((character.to_string().into_bytes(), length))
}

/// The characters that HTML5 gives the numbers 128 to 159.
fn from_cp1252(code: u32) -> char {
    const CHARACTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    let index = usize::try_from(code.saturating_sub(0x80)).unwrap_or_default();
    CHARACTERS.get(index).copied().unwrap_or('\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wp::version::WpVersion;

    fn read(text: &str) -> Vec<String> {
        let list = hair(text.as_bytes(), Rules::new(WpVersion::NEWEST_KNOWN)).into_iter();
        list.map(|a| String::from_utf8(a.whole).unwrap()).collect()
    }

    fn decoded(text: &str) -> String {
        String::from_utf8(decode_value(text.as_bytes())).unwrap()
    }

    #[test]
    fn names_become_lower_case_and_values_are_written_anew() {
        assert_eq!(read("A='1\"' b=2/ c"), ["a=\"1&quot;\"", "b=\"2/\"", "c"]);
        assert_eq!(read("a=1 A=2"), ["a=\"1\""]);
        assert_eq!(read("a=\"1\"b=2"), ["a=\"1\"", "b=\"2\""]);
        assert_eq!(read("a=1 b=\"2"), Vec::<String>::new());
    }

    #[test]
    fn references_are_decoded_as_in_an_attribute() {
        assert_eq!(decoded("&amp;lt;&notin;&lang;&apos;&x;&"), "&lt;∉⟨'&x;&");
        assert_eq!(decoded("&#65&#x41;&#128;&#0;&#xD800;&#99999999;&#;"), "AA€\u{FFFD}\u{FFFD}\u{FFFD}&#;");
        assert_eq!(decoded("a\r\nb\rc"), "a\nb\nc");
    }
}
