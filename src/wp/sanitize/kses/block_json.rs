//! The JSON in a block delimiter, decoded and encoded as PHP does it, with arrays for objects.
//!
//! Not a general reader: what PHP's arrays do to keys, and its way to write numbers, matter here.

use std::collections::HashMap;

use super::super::php::{at, find_where, slice, tail};

/// PHP's limit for arrays inside arrays.
const DEEPEST: usize = 512;

/// A value as PHP holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Vec<u8>),
    Array(Array),
}

impl Value {
    /// What PHP calls `empty`.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(yes) => !yes,
            Self::Int(number) => *number == 0,
            Self::Float(number) => *number == 0.0,
            Self::Text(text) => super::super::php::is_empty(text),
            Self::Array(array) => array.is_empty(),
        }
    }
}

/// The key of a PHP array: a text that spells a whole number is that number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Int(i64),
    Text(Vec<u8>),
}

impl Key {
    pub(super) fn new(text: Vec<u8>) -> Self {
        // Only the shortest spelling counts: neither `01` nor `-0`.
        let number = std::str::from_utf8(&text).ok().and_then(|text| text.parse::<i64>().ok());
        match number {
            Some(number) if number.to_string().as_bytes() == text => Self::Int(number),
            _ => Self::Text(text),
        }
    }
}

/// A PHP array: entries in order of their first writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Array {
    entries: Vec<Option<(Key, Value)>>,
    index: HashMap<Key, usize>,
}

impl Array {
    pub(super) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &(Key, Value)> {
        self.entries.iter().flatten()
    }

    pub(super) fn set(&mut self, key: Key, value: Value) {
        let next = self.entries.len();
        let place = *self.index.entry(key.clone()).or_insert(next);
        match self.entries.get_mut(place) {
            Some(entry) => *entry = Some((key, value)),
            None => self.entries.push(Some((key, value))),
        }
    }

    pub(super) fn unset(&mut self, key: &Key) {
        if let Some(entry) = self.index.remove(key).and_then(|place| self.entries.get_mut(place)) {
            *entry = None;
        }
    }
}

/// PHP's `json_decode` to arrays; `None` for what it refuses.
pub(super) fn decode(text: &[u8]) -> Option<Value> {
    let mut reader = Reader { text: std::str::from_utf8(text).ok()?.as_bytes(), at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        let end = find_where(self.text, self.at, |b| !b" \t\n\r".contains(&b));
        self.at = end.unwrap_or(self.text.len());
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let found = tail(self.text, self.at).starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match at(self.text, self.at)? {
            b'"' => Some(Value::Text(self.string()?)),
            b'[' | b'{' if depth == DEEPEST => None,
            b'[' => self.list(depth + 1),
            b'{' => self.object(depth + 1),
            b'-' | b'0'..=b'9' => self.number(),
            _ if self.take(b"true") => Some(Value::Bool(true)),
            _ if self.take(b"false") => Some(Value::Bool(false)),
            _ if self.take(b"null") => Some(Value::Null),
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut array = Array::default();
        self.skip_space();
        if self.take(b"]") {
            return Some(Value::Array(array));
        }
        for index in 0.. {
            array.set(Key::Int(index), self.value(depth)?);
            self.skip_space();
            if self.take(b"]") {
                break;
            }
            self.take(b",").then_some(())?;
        }
        Some(Value::Array(array))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut array = Array::default();
        self.skip_space();
        if self.take(b"}") {
            return Some(Value::Array(array));
        }
        loop {
            self.skip_space();
            let key = (at(self.text, self.at)? == b'"').then(|| self.string())??;
            self.skip_space();
            self.take(b":").then_some(())?;
            array.set(Key::new(key), self.value(depth)?);
            self.skip_space();
            if self.take(b"}") {
                return Some(Value::Array(array));
            }
            self.take(b",").then_some(())?;
        }
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let end = find_where(self.text, self.at, |b| b == b'"' || b == b'\\' || b < b' ')?;
            out.extend_from_slice(slice(self.text, self.at, end));
            self.at = end + 1;
            match at(self.text, end)? {
                b'"' => return Some(out),
                b'\\' => self.escape(&mut out)?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let byte = at(self.text, self.at)?;
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut code = self.unit()?;
                if (0xD800..0xDC00).contains(&code) {
                    self.take(b"\\u").then_some(())?;
                    let low = self.unit()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                    code = 0x1_0000 + ((code - 0xD800) << 10) + low;
                }
                let mut buffer = [0; 4];
                out.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut buffer).as_bytes());
                return Some(());
            }
            _ => return None,
        });
        Some(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = slice(self.text, self.at, self.at + 4);
        self.at += 4;
        let is_hex = digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit);
        let digits = is_hex.then_some(digits)?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.take(b"-");
        let first = at(self.text, self.at)?;
        if self.digits()? > 1 && first == b'0' {
            return None;
        }
        let mut whole = true;
        if self.take(b".") {
            self.digits()?;
            whole = false;
        }
        if self.take(b"e") || self.take(b"E") {
            if !self.take(b"+") {
                self.take(b"-");
            }
            self.digits()?;
            whole = false;
        }
        let text = std::str::from_utf8(slice(self.text, start, self.at)).ok()?;
        if whole && let Ok(number) = text.parse() {
            return Some(Value::Int(number));
        }
        text.parse().ok().map(Value::Float)
    }

    /// Skips digits, at least one, and tells how many.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        self.at = find_where(self.text, start, |b| !b.is_ascii_digit()).unwrap_or(self.text.len());
        (self.at > start).then_some(self.at - start)
    }
}

/// PHP's `json_encode` with slashes and Unicode unescaped; `None` when there is an infinite number.
pub(super) fn encode(array: &Array) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write_array(array, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
        Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) if number.is_infinite() => return None,
        Value::Float(number) => out.extend_from_slice(float(*number).as_bytes()),
        Value::Text(text) => write_text(text, out),
        Value::Array(array) => write_array(array, out)?,
    }
    Some(())
}

fn write_array(array: &Array, out: &mut Vec<u8>) -> Option<()> {
    let is_list = array.entries().zip(0..).all(|((key, _), index)| *key == Key::Int(index));
    out.push(if is_list { b'[' } else { b'{' });
    for (index, (key, value)) in array.entries().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if !is_list {
            match key {
                Key::Int(number) => out.extend_from_slice(format!("\"{number}\"").as_bytes()),
                Key::Text(text) => write_text(text, out),
            }
            out.push(b':');
        }
        write(value, out)?;
    }
    out.push(if is_list { b']' } else { b'}' });
    Some(())
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=31 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            // The line separators of JavaScript are escaped all the same.
            0xE2 if matches!(after, [0x80, 0xA8 | 0xA9, ..]) => {
                let last = if after.get(1) == Some(&0xA8) { '8' } else { '9' };
                out.extend_from_slice(format!("\\u202{last}").as_bytes());
                rest = tail(after, 2);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// The shortest spelling that reads back the same, laid out as PHP does it: `1.0e+25`, `0.0001`, `100`.
fn float(number: f64) -> String {
    let spelled = format!("{number:e}");
    let Some((digits, exponent)) = spelled.split_once('e') else {
        return spelled;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..17).contains(&exponent) {
        return number.to_string();
    }
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}e{exponent:+}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(text: &str) -> Option<String> {
        match decode(text.as_bytes())? {
            Value::Array(array) => Some(String::from_utf8(encode(&array)?).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_written_as_php_writes_them() {
        let numbers = "[-0,1.0,-0.0,1e25,1e2,1E-7,12345678901234567890,0.0001,0.00001,1e16,1e17,1.5e300]";
        let written = "[0,1,-0,1.0e+25,100,1.0e-7,1.2345678901234567e+19,0.0001,1.0e-5,10000000000000000,\
                       1.0e+17,1.5e+300]";
        assert_eq!(again(numbers).as_deref(), Some(written));
        assert_eq!(again("[1e400]"), None);
    }

    #[test]
    fn objects_become_arrays_and_those_with_counted_keys_lists() {
        assert_eq!(again("{\"0\":1,\"1\":{}}").as_deref(), Some("[1,[]]"));
        assert_eq!(again("{\"1\":1,\"0\":2,\"1\":3}").as_deref(), Some("{\"1\":3,\"0\":2}"));
    }

    #[test]
    fn what_php_refuses_is_nothing() {
        for text in [
            "[01]",
            "[1.]",
            "[+1]",
            "[\"\\ud800\"]",
            "[\"\\udc00\"]",
            "[1,]",
            "{\"a\" 1}",
            "[\"\n\"]",
            "[1] x",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(decode(deep(512).as_bytes()).is_some());
        assert!(decode(deep(513).as_bytes()).is_none());
    }

    #[test]
    fn texts_are_escaped_as_php_escapes_them() {
        assert_eq!(
            again("[\"\\u0001\\b\\/\\u2028é\\ud83d\\ude00\\\"\"]").as_deref(),
            Some("[\"\\u0001\\b/\\u2028é😀\\\"\"]")
        );
    }
}
