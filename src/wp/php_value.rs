//! PHP's values as stored options and meta rows hold them: ordered arrays, byte strings, objects that stay data.
//!
//! The textual forms live elsewhere: `php_serialize` reads and writes PHP's own, `php_json` writes JSON.

mod array;
mod key;
mod object;
mod shared;

pub use array::PhpArray;
pub use key::{KeyRef, PhpKey};
pub use object::{ObjectForm, PhpObject};
pub use shared::PhpShared;

use super::php_float;

/// How deep values may nest. PHP reads 4096 levels and shows 512 as JSON; one cap for both keeps recursion over
/// a value (drop, clone, comparison, encoding) safe on a small stack.
pub const MAX_DEPTH: usize = 512;

/// One PHP value.
///
/// Equality is PHP's `===` seen through references, but objects compare by content, as two readings of one row
/// would otherwise never be equal.
#[derive(Clone, Debug)]
pub enum PhpValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number; PHP's are 64 bits wide.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string: bytes, in no known encoding.
    Str(Vec<u8>),
    /// A list or a map; PHP has one type for both.
    Array(PhpArray),
    /// An object, as data: its class is never loaded.
    Object(Box<PhpObject>),
    /// A value that occurs at several places of one stored blob (`$a = &$b`, or one object twice).
    /// [`PhpValue::resolve`] sees through it.
    Shared(PhpShared),
}

static NULL: PhpValue = PhpValue::Null;

impl PhpValue {
    /// The value itself where this one is shared; `Null` for a reference to an enclosing value.
    #[must_use]
    pub fn resolve(&self) -> &Self {
        match self {
            Self::Shared(shared) => shared.get().unwrap_or(&NULL),
            other => other,
        }
    }

    /// The array, if it is one; shared arrays too.
    #[must_use]
    pub fn as_array(&self) -> Option<&PhpArray> {
        match self.resolve() {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The array, if it is one; a shared array is copied.
    #[must_use]
    pub fn into_array(self) -> Option<PhpArray> {
        match self {
            Self::Array(array) => Some(array),
            Self::Shared(shared) => match shared.get() {
                Some(Self::Array(array)) => Some(array.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The bytes, if it is a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self.resolve() {
            Self::Str(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text, if it is a string of valid UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The number, if it is an int. Numeric strings are not.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self.resolve() {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// PHP's `(string)` of a scalar: true is `1`, null and false are empty, floats have 14 significant digits.
    /// `None` for arrays and objects.
    #[must_use]
    pub fn to_text(&self) -> Option<Vec<u8>> {
        match self.resolve() {
            Self::Null | Self::Bool(false) => Some(Vec::new()),
            Self::Bool(true) => Some(b"1".to_vec()),
            Self::Int(int) => Some(int.to_string().into_bytes()),
            Self::Float(float) => Some(php_float::to_text(*float).into_bytes()),
            Self::Str(bytes) => Some(bytes.clone()),
            Self::Array(_) | Self::Object(_) | Self::Shared(_) => None,
        }
    }
}

impl PartialEq for PhpValue {
    fn eq(&self, other: &Self) -> bool {
        match (self.resolve(), other.resolve()) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl From<bool> for PhpValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for PhpValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for PhpValue {
    /// Numbers beyond PHP's range become floats, as in PHP's arithmetic.
    fn from(value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "PHP loses it too")]
        i64::try_from(value).map_or_else(|_| Self::Float(value as f64), Self::Int)
    }
}

impl From<f64> for PhpValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for PhpValue {
    fn from(value: &str) -> Self {
        Self::Str(value.as_bytes().to_vec())
    }
}

impl From<String> for PhpValue {
    fn from(value: String) -> Self {
        Self::Str(value.into_bytes())
    }
}

impl From<&[u8]> for PhpValue {
    fn from(value: &[u8]) -> Self {
        Self::Str(value.to_vec())
    }
}

impl From<Vec<u8>> for PhpValue {
    fn from(value: Vec<u8>) -> Self {
        Self::Str(value)
    }
}

impl From<PhpArray> for PhpValue {
    fn from(value: PhpArray) -> Self {
        Self::Array(value)
    }
}

impl From<PhpObject> for PhpValue {
    fn from(value: PhpObject) -> Self {
        Self::Object(Box::new(value))
    }
}

impl<T: Into<PhpValue>> From<Option<T>> for PhpValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_become_text_as_php_casts_them() {
        let text = |value: PhpValue| String::from_utf8(value.to_text().unwrap()).unwrap();
        assert_eq!(text(true.into()), "1");
        assert_eq!(text(false.into()), "");
        assert_eq!(text(PhpValue::Null), "");
        assert_eq!(text(PhpValue::Int(-7)), "-7");
        assert_eq!(text(PhpValue::Float(0.1 + 0.2)), "0.3");
        assert_eq!(PhpValue::Array(PhpArray::new()).to_text(), None);
    }

    #[test]
    fn equality_heeds_type_and_order() {
        assert_ne!(PhpValue::Int(5), PhpValue::from("5"));
        let one: PhpArray = [("a", 1_i64), ("b", 2)].into_iter().collect();
        let two: PhpArray = [("b", 2_i64), ("a", 1)].into_iter().collect();
        assert_ne!(one, two);
    }

    #[test]
    fn a_number_beyond_64_bits_becomes_a_float() {
        assert_eq!(PhpValue::from(7_u64), PhpValue::Int(7));
        assert_eq!(PhpValue::from(u64::MAX), PhpValue::Float(18_446_744_073_709_551_615.0));
    }

    #[test]
    fn deep_values_are_cloned_compared_and_dropped_on_a_small_stack() {
        let work = || {
            let mut value = PhpValue::Null;
            for _ in 0..MAX_DEPTH {
                let mut array = PhpArray::new();
                array.push(value);
                value = array.into();
            }
            assert_eq!(value.clone(), value);
        };
        std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
    }
}
