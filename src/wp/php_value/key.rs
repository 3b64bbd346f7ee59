//! Array keys. A string that PHP would write the same way as a whole number *is* that number.

/// A key of a PHP array: an int or a byte string.
///
/// `From` text follows PHP's rule: `"5"` and `"-5"` become ints, `"05"`, `"-0"` and `"+5"` stay strings.
/// Object properties have no such rule; they are made as `PhpKey::Str` directly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PhpKey {
    /// A whole number.
    Int(i64),
    /// Any other text; may be empty.
    Str(Vec<u8>),
}

/// A borrowed [`PhpKey`], for looking up without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyRef<'a> {
    /// A whole number.
    Int(i64),
    /// Any other text.
    Str(&'a [u8]),
}

impl PhpKey {
    /// The key, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Self::Int(int) => KeyRef::Int(*int),
            Self::Str(bytes) => KeyRef::Str(bytes),
        }
    }

    /// The key that PHP makes of this one in an array: a whole number in text becomes an int.
    #[must_use]
    pub fn normalised(self) -> Self {
        match self {
            Self::Str(bytes) => bytes.into(),
            Self::Int(int) => Self::Int(int),
        }
    }

    /// The key as text bytes, as PHP prints it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Int(int) => int.to_string().into_bytes(),
            Self::Str(bytes) => bytes.clone(),
        }
    }
}

/// The number that PHP takes this key for: no sign but `-`, no leading zeros, no `-0`, within 64 bits.
fn whole_number(bytes: &[u8]) -> Option<i64> {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let canonical = match digits {
        [b'0'] => bytes.len() == 1,
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !canonical {
        return None;
    }
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

impl<'a> From<&'a [u8]> for KeyRef<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        whole_number(bytes).map_or(Self::Str(bytes), Self::Int)
    }
}

impl<'a> From<&'a str> for KeyRef<'a> {
    fn from(text: &'a str) -> Self {
        text.as_bytes().into()
    }
}

impl From<i64> for KeyRef<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl<'a> From<&'a PhpKey> for KeyRef<'a> {
    fn from(key: &'a PhpKey) -> Self {
        key.as_ref()
    }
}

impl From<KeyRef<'_>> for PhpKey {
    fn from(key: KeyRef<'_>) -> Self {
        match key {
            KeyRef::Int(int) => Self::Int(int),
            KeyRef::Str(bytes) => Self::Str(bytes.to_vec()),
        }
    }
}

impl From<&[u8]> for PhpKey {
    fn from(bytes: &[u8]) -> Self {
        KeyRef::from(bytes).into()
    }
}

impl From<&str> for PhpKey {
    fn from(text: &str) -> Self {
        KeyRef::from(text).into()
    }
}

impl From<Vec<u8>> for PhpKey {
    fn from(bytes: Vec<u8>) -> Self {
        whole_number(&bytes).map_or(Self::Str(bytes), Self::Int)
    }
}

impl From<String> for PhpKey {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<i64> for PhpKey {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_a_whole_number_becomes_an_int_key() {
        for (text, int) in [
            ("0", 0),
            ("5", 5),
            ("-5", -5),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(PhpKey::from(text), PhpKey::Int(int), "{text}");
        }
    }

    #[test]
    fn other_text_stays_text() {
        for text in [
            "",
            "05",
            "-0",
            "+5",
            " 5",
            "5 ",
            "-",
            "1.0",
            "1e3",
            "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551617",
        ] {
            assert_eq!(PhpKey::from(text), PhpKey::Str(text.as_bytes().to_vec()), "{text}");
        }
    }
}
