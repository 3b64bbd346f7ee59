//! One parameter and its key: what is left of PHP's values once only text and arrays can arrive.
//!
//! How names become keys is in `variable_name`; reading text as a number is in `php_number`.

/// A key of a PHP array.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParamKey {
    /// A whole number as PHP writes it itself: `7`, `-3`.
    Int(i64),
    /// Any other text, `01` and `-0` among it.
    Str(Vec<u8>),
}

impl ParamKey {
    /// The key PHP makes of this text in `$array[$text]` (`ZEND_HANDLE_NUMERIC_STR`).
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        let numeric = text.first().is_some_and(|first| first.is_ascii_digit() || *first == b'-');
        let number =
            std::str::from_utf8(text).ok().filter(|_| numeric).and_then(|text| text.parse::<i64>().ok());
        match number {
            Some(number) if number.to_string().as_bytes() == text => Self::Int(number),
            _ => Self::Str(text.to_vec()),
        }
    }

    /// The text of a key that is no number.
    #[must_use]
    pub fn as_name(&self) -> Option<&[u8]> {
        match self {
            Self::Int(_) => None,
            Self::Str(name) => Some(name),
        }
    }
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// Bytes as sent and decoded; they need not be UTF-8.
    Text(Vec<u8>),
    /// A PHP array in its order.
    Array(Vec<(ParamKey, Param)>),
}

impl Param {
    /// The bytes, unless it is an array.
    #[must_use]
    pub fn as_text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::Array(_) => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[(ParamKey, Param)]> {
        match self {
            Self::Text(_) => None,
            Self::Array(elements) => Some(elements),
        }
    }

    /// PHP's `!$value`: true for `""`, `"0"` and an array without elements
    /// (from JSON, or from a key that PHP refuses).
    #[must_use]
    pub fn is_falsy(&self) -> bool {
        match self {
            Self::Text(text) => matches!(text.as_slice(), b"" | b"0"),
            Self::Array(elements) => elements.is_empty(),
        }
    }
}
