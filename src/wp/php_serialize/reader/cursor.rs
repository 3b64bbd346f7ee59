//! The format's tokens. What they mean for each other is the reader's affair.

use super::UnserializeError;
use crate::wp::php_value::{PhpKey, PhpValue};

/// One value's beginning; for all but arrays and objects the whole value.
pub(super) enum Token<'a> {
    Scalar(PhpValue),
    Array { count: usize },
    Object { class: &'a [u8], count: usize },
    Custom { class: &'a [u8], data: &'a [u8] },
    Case { class: &'a [u8], case: &'a [u8] },
    Reference(usize),
    SameObject(usize),
}

pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    length: usize,
}

type Read<T> = Result<T, UnserializeError>;

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(super) fn expect(&mut self, wanted: u8) -> Read<()> {
        match self.rest {
            [byte, rest @ ..] if *byte == wanted => {
                self.rest = rest;
                Ok(())
            }
            _ => self.malformed(),
        }
    }

    /// The next value, or its beginning.
    pub(super) fn token(&mut self) -> Read<Token<'a>> {
        let [kind, rest @ ..] = self.rest else {
            return self.malformed();
        };
        if *kind == b'N' {
            self.rest = rest;
            self.expect(b';')?;
            return Ok(Token::Scalar(PhpValue::Null));
        }
        let [b':', rest @ ..] = rest else {
            return self.malformed();
        };
        let before = self.rest;
        self.rest = rest;
        let token = match kind {
            b'b' => Token::Scalar(PhpValue::Bool(self.bool()?)),
            b'i' => Token::Scalar(PhpValue::Int(self.int()?)),
            b'd' => Token::Scalar(PhpValue::Float(self.float()?)),
            b's' => Token::Scalar(PhpValue::Str(self.string()?.to_vec())),
            b'S' => Token::Scalar(PhpValue::Str(self.escaped_string()?)),
            b'a' => {
                let count = self.unsigned()?;
                self.expect(b':')?;
                Token::Array { count: self.entries(count)? }
            }
            b'O' => {
                let class = self.class()?;
                let count = self.object_count()?;
                Token::Object { class, count: self.entries(count)? }
            }
            b'C' => self.custom()?,
            b'E' => self.case()?,
            b'R' => Token::Reference(self.number()?),
            b'r' => Token::SameObject(self.number()?),
            _ => {
                self.rest = before;
                return self.malformed();
            }
        };
        Ok(token)
    }

    /// An array key or property name, as written.
    pub(super) fn key(&mut self) -> Read<PhpKey> {
        let [kind, b':', rest @ ..] = self.rest else {
            return self.malformed();
        };
        let before = self.rest;
        self.rest = rest;
        match kind {
            b'i' => self.int().map(PhpKey::Int),
            b's' => self.string().map(|bytes| PhpKey::Str(bytes.to_vec())),
            b'S' => self.escaped_string().map(PhpKey::Str),
            _ => {
                self.rest = before;
                self.malformed()
            }
        }
    }

    fn bool(&mut self) -> Read<bool> {
        let [value @ (b'0' | b'1'), b';', rest @ ..] = self.rest else {
            return self.malformed();
        };
        self.rest = rest;
        Ok(*value == b'1')
    }

    /// `[+-]?[0-9]+;`, beyond 64 bits cut to the nearest number there is.
    fn int(&mut self) -> Read<i64> {
        let negative = self.sign();
        let digits = self.digits();
        if digits.is_empty() {
            return self.malformed();
        }
        let value = digits.iter().fold(0_i64, |value, digit| {
            let digit = i64::from(digit - b'0');
            let tenfold = value.saturating_mul(10);
            if negative { tenfold.saturating_sub(digit) } else { tenfold.saturating_add(digit) }
        });
        self.expect(b';')?;
        Ok(value)
    }

    fn float(&mut self) -> Read<f64> {
        let Some(length) = self.rest.iter().position(|&byte| byte == b';') else {
            return self.malformed();
        };
        let Some((text, rest)) = self.rest.split_at_checked(length) else {
            return self.malformed();
        };
        let value = match text {
            b"INF" => f64::INFINITY,
            b"-INF" => f64::NEG_INFINITY,
            b"NAN" => f64::NAN,
            // Rust's parser reads words too ("inf", "nan"), PHP's only what follows here.
            _ if text.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)) => {
                match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
                    Some(value) => value,
                    None => return self.malformed(),
                }
            }
            _ => return self.malformed(),
        };
        self.rest = rest;
        self.expect(b';')?;
        Ok(value)
    }

    fn string(&mut self) -> Read<&'a [u8]> {
        let bytes = self.quoted()?;
        self.expect(b';')?;
        Ok(bytes)
    }

    /// `S:`: as many bytes as announced, each as it is or as `\hh`.
    fn escaped_string(&mut self) -> Read<Vec<u8>> {
        let length = self.unsigned()?;
        self.expect(b':')?;
        self.expect(b'"')?;
        if length > self.rest.len() {
            return self.malformed();
        }
        let mut bytes = Vec::with_capacity(length);
        for _ in 0..length {
            let (byte, rest) = match self.rest {
                [b'\\', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => (high << 4 | low, rest),
                    _ => return self.malformed(),
                },
                [b'\\', ..] | [] => return self.malformed(),
                [byte, rest @ ..] => (*byte, rest),
            };
            bytes.push(byte);
            self.rest = rest;
        }
        self.expect(b'"')?;
        self.expect(b';')?;
        Ok(bytes)
    }

    /// `<length>:"<bytes>"`
    fn quoted(&mut self) -> Read<&'a [u8]> {
        let length = self.unsigned()?;
        self.expect(b':')?;
        self.expect(b'"')?;
        self.bytes(length).and_then(|bytes| self.expect(b'"').map(|()| bytes))
    }

    fn bytes(&mut self, length: usize) -> Read<&'a [u8]> {
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else {
            return self.malformed();
        };
        self.rest = rest;
        Ok(bytes)
    }

    /// `<length>:"<class>":`, with the letters that PHP allows in a class name.
    fn class(&mut self) -> Read<&'a [u8]> {
        let class = self.quoted()?;
        let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\\' | 0x80..);
        if !class.iter().all(letter) || matches!(class, [] | [b'\\', ..]) {
            return self.malformed();
        }
        self.expect(b':')?;
        Ok(class)
    }

    /// The count behind a class name; PHP reads it more loosely than others: `+1:`, and nothing at all is 0.
    fn object_count(&mut self) -> Read<usize> {
        let negative = self.sign();
        let digits = self.digits();
        let count = self.to_number(digits)?;
        if negative && count > 0 {
            return self.malformed();
        }
        self.expect(b':')?;
        Ok(count)
    }

    /// The opening brace. Every entry takes bytes, so a larger count is a lie.
    fn entries(&mut self, count: usize) -> Read<usize> {
        self.expect(b'{')?;
        if count > self.rest.len() { self.malformed() } else { Ok(count) }
    }

    fn custom(&mut self) -> Read<Token<'a>> {
        let class = self.class()?;
        let length = self.object_count()?;
        self.expect(b'{')?;
        let data = self.bytes(length)?;
        self.expect(b'}')?;
        Ok(Token::Custom { class, data })
    }

    /// `E:<length>:"<class>:<case>";`
    fn case(&mut self) -> Read<Token<'a>> {
        let name = self.string()?;
        let Some(colon) = name.iter().position(|&byte| byte == b':') else {
            return self.malformed();
        };
        match name.split_at_checked(colon) {
            Some((class, [_, case @ ..])) => Ok(Token::Case { class, case }),
            _ => self.malformed(),
        }
    }

    /// `[0-9]+;`
    fn number(&mut self) -> Read<usize> {
        let number = self.unsigned()?;
        self.expect(b';')?;
        Ok(number)
    }

    /// `[0-9]+`
    fn unsigned(&mut self) -> Read<usize> {
        let digits = self.digits();
        if digits.is_empty() { self.malformed() } else { self.to_number(digits) }
    }

    fn to_number(&self, digits: &[u8]) -> Read<usize> {
        let next = |number: usize, digit: &u8| number.checked_mul(10)?.checked_add(usize::from(digit - b'0'));
        match digits.iter().try_fold(0, next) {
            Some(number) => Ok(number),
            None => self.malformed(),
        }
    }

    fn digits(&mut self) -> &'a [u8] {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        digits
    }

    /// Reads a sign, if there is one. True for minus.
    fn sign(&mut self) -> bool {
        let negative = self.rest.first() == Some(&b'-');
        if let [b'-' | b'+', rest @ ..] = self.rest {
            self.rest = rest;
        }
        negative
    }

    fn malformed<T>(&self) -> Read<T> {
        Err(UnserializeError::Malformed { offset: self.at() })
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
