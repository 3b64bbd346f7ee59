//! Strings with their quotes and escapes.

use super::JsonOptions;

/// Which bytes cannot stand as they are.
pub(super) struct Escapes {
    /// One bit for each ASCII character.
    special: u128,
    /// First bytes of longer characters; the bytes after them are never looked at.
    longer: bool,
    /// U+2028 and U+2029 start with 0xE2.
    lines: bool,
    options: JsonOptions,
}

/// Control characters and what strings are made with.
const ALWAYS: u128 = ((1 << 0x20) - 1) | (1 << b'"') | (1 << b'\\');

impl Escapes {
    pub(super) fn new(options: JsonOptions) -> Self {
        let on = |option| options.contains(option);
        let raw_unicode = on(JsonOptions::UNESCAPED_UNICODE);
        let raw_lines = on(JsonOptions::UNESCAPED_LINE_TERMINATORS);
        let mut special = ALWAYS;
        for (chosen, characters) in [
            (!on(JsonOptions::UNESCAPED_SLASHES), 1 << b'/'),
            (on(JsonOptions::HEX_TAG), 1 << b'<' | 1 << b'>'),
            (on(JsonOptions::HEX_AMP), 1 << b'&'),
            (on(JsonOptions::HEX_APOS), 1 << b'\''),
        ] {
            if chosen {
                special |= characters;
            }
        }
        Self { special, longer: !raw_unicode, lines: !raw_unicode || !raw_lines, options }
    }

    fn is_special(&self, byte: u8) -> bool {
        // What most text is made of stands as it is, whatever the options.
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            return false;
        }
        match byte {
            0..0x80 => self.special >> byte & 1 == 1,
            0xe2 => self.lines,
            0xc2..=0xf4 => self.longer,
            _ => false,
        }
    }

    /// The bytes as a JSON string; what is not UTF-8 becomes U+FFFD as in [`String::from_utf8_lossy`].
    pub(super) fn push_string(&self, out: &mut Vec<u8>, bytes: &[u8]) {
        out.push(b'"');
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.push_text(out, text);
        } else {
            for chunk in bytes.utf8_chunks() {
                self.push_text(out, chunk.valid());
                if !chunk.invalid().is_empty() {
                    self.push_text(out, "\u{fffd}");
                }
            }
        }
        out.push(b'"');
    }

    fn push_text(&self, out: &mut Vec<u8>, mut text: &str) {
        let special = |byte| self.is_special(byte);
        while let Some((plain, rest)) =
            text.bytes().position(special).and_then(|length| text.split_at_checked(length))
        {
            out.extend_from_slice(plain.as_bytes());
            let mut chars = rest.chars();
            if let Some(char) = chars.next() {
                self.push_special(out, char);
            }
            text = chars.as_str();
        }
        out.extend_from_slice(text.as_bytes());
    }

    fn push_special(&self, out: &mut Vec<u8>, char: char) {
        let short: &[u8] = match char {
            '"' if self.options.contains(JsonOptions::HEX_QUOT) => b"\\u0022",
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '/' => b"\\/",
            '\u{8}' => b"\\b",
            '\u{c}' => b"\\f",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            // PHP writes these with capital digits and all others with small ones.
            '<' => b"\\u003C",
            '>' => b"\\u003E",
            '&' => b"\\u0026",
            '\'' => b"\\u0027",
            '\u{2028}' | '\u{2029}' => return push_escaped(out, char),
            _ if !char.is_ascii() && self.options.contains(JsonOptions::UNESCAPED_UNICODE) => {
                return out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return push_escaped(out, char),
        };
        out.extend_from_slice(short);
    }
}

/// `\uXXXX`, twice for characters beyond the first 65536.
fn push_escaped(out: &mut Vec<u8>, char: char) {
    for unit in char.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(b"\\u");
        for shift in [12, 8, 4, 0] {
            let digit = u8::try_from(*unit >> shift & 0xf).unwrap_or(0);
            out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        }
    }
}
