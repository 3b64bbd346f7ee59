//! PHP's scalar values and arrays, and how PHP turns one kind into another.
//!
//! Reading the text of a number is in `number.rs`; what operators do with values is in `operator.rs`.

use std::cmp::Ordering;
use std::fmt;

use super::number;

/// The value of a constant, as PHP would hold it.
///
/// Strings are bytes: PHP knows no encoding, and a password need not be UTF-8.
#[derive(Clone, PartialEq)]
pub enum ConstValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A byte string.
    Str(Vec<u8>),
    /// An array in its order; a key is an `Int` or a `Str`.
    Array(Vec<(ConstValue, ConstValue)>),
}

// Values are database passwords and keys: a debug print names the kind and nothing else.
impl fmt::Debug for ConstValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl ConstValue {
    pub(super) fn str(text: &str) -> Self {
        Self::Str(text.as_bytes().to_vec())
    }

    /// PHP's name of the type, as a parameter type spells it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "string",
            Self::Array(_) => "array",
        }
    }

    /// PHP's `(bool)`.
    #[must_use]
    pub fn truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(bytes) => !matches!(bytes.as_slice(), b"" | b"0"),
            Self::Array(items) => !items.is_empty(),
        }
    }

    /// PHP's `(string)`; `None` for an array, which has no useful one.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        Some(match self {
            Self::Null | Self::Bool(false) => Vec::new(),
            Self::Bool(true) => b"1".to_vec(),
            Self::Int(value) => value.to_string().into_bytes(),
            Self::Float(value) => number::float_to_text(*value).into_bytes(),
            Self::Str(bytes) => bytes.clone(),
            Self::Array(_) => return None,
        })
    }

    /// PHP's `(int)`; `None` where PHP's answer depends on the machine or has no meaning.
    #[must_use]
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Self::Null => Some(0),
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Int(value) => Some(*value),
            Self::Float(value) => number::truncate(*value),
            Self::Str(bytes) => match number::leading(bytes).0 {
                None => Some(0),
                Some(Self::Float(value)) => Some(number::saturate(value)),
                Some(other) => other.to_int(),
            },
            Self::Array(items) => Some(i64::from(!items.is_empty())),
        }
    }

    /// PHP's `(float)`; `None` for an array.
    #[must_use]
    pub fn to_float(&self) -> Option<f64> {
        match self {
            Self::Str(bytes) => match number::leading(bytes).0 {
                None => Some(0.0),
                // As an integer the sign of zero would be lost.
                Some(Self::Int(0)) if bytes.trim_ascii_start().starts_with(b"-") => Some(-0.0),
                Some(other) => other.to_float(),
            },
            Self::Float(value) => Some(*value),
            Self::Array(_) => None,
            other => other.to_int().map(number::to_double),
        }
    }

    /// The value as a number for arithmetic; `None` where PHP raises a `TypeError`.
    pub(super) fn to_number(&self) -> Option<Self> {
        match self {
            Self::Null | Self::Bool(_) => self.to_int().map(Self::Int),
            Self::Int(_) | Self::Float(_) => Some(self.clone()),
            Self::Str(bytes) => number::leading(bytes).0,
            Self::Array(_) => None,
        }
    }

    /// PHP's `===`.
    pub(super) fn identical(&self, other: &Self) -> bool {
        self == other
    }

    /// PHP 8's `==`; `None` where the answer is not worth modelling.
    pub(super) fn loosely_equal(&self, other: &Self) -> Option<bool> {
        if let (Self::Array(_), Self::Array(_)) = (self, other) {
            // Identical arrays are equal; for the rest PHP compares pairs loosely and in any order.
            return self.identical(other).then_some(true);
        }
        if let (Self::Float(a), b) | (b, Self::Float(a)) = (self, other)
            && a.is_nan()
        {
            return Some(matches!(b, Self::Bool(true)));
        }
        self.compare(other).map(|order| order == Ordering::Equal)
    }

    /// PHP 8's `<=>`; `None` for what cannot be ordered.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Str(b)) => Some(b"".as_slice().cmp(b.as_slice())),
            (Self::Str(a), Self::Null) => Some(a.as_slice().cmp(b"")),
            (Self::Null | Self::Bool(_), _) | (_, Self::Null | Self::Bool(_)) => {
                Some(self.truthy().cmp(&other.truthy()))
            }
            (Self::Array(_), _) | (_, Self::Array(_)) => None,
            (Self::Str(a), Self::Str(b)) => match (number::whole(a), number::whole(b)) {
                (Some(x), Some(y)) => x.compare(&y),
                _ => Some(a.cmp(b)),
            },
            (Self::Str(a), _) => match number::whole(a) {
                Some(x) => x.compare(other),
                None => Some(a.cmp(&other.to_bytes()?)),
            },
            (_, Self::Str(b)) => match number::whole(b) {
                Some(y) => self.compare(&y),
                None => Some(self.to_bytes()?.cmp(b)),
            },
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            _ => self.to_float()?.partial_cmp(&other.to_float()?),
        }
    }

    /// The key PHP makes of a value: `"7"` and `7` are the same key. `None` for what cannot be a key.
    pub(super) fn to_key(&self) -> Option<Self> {
        match self {
            Self::Null => Some(Self::Str(Vec::new())),
            Self::Bool(_) | Self::Float(_) => self.to_int().map(Self::Int),
            Self::Int(_) => Some(self.clone()),
            Self::Str(bytes) => {
                let as_int = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<i64>().ok());
                Some(match as_int {
                    Some(value) if value.to_string().as_bytes() == bytes.as_slice() => Self::Int(value),
                    _ => self.clone(),
                })
            }
            Self::Array(_) => None,
        }
    }

    /// How many bytes and elements the value holds, as a measure of what a copy costs.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Str(bytes) => 1 + bytes.len(),
            Self::Array(items) => items.iter().fold(1, |sum, (key, value)| {
                sum.saturating_add(16).saturating_add(key.weight()).saturating_add(value.weight())
            }),
            _ => 1,
        }
    }

    /// How deep arrays are nested in the value.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Looks a key (already made by `to_key`) up.
pub(super) fn find<'a>(items: &'a [(ConstValue, ConstValue)], key: &ConstValue) -> Option<&'a ConstValue> {
    items.iter().find(|(k, _)| k == key).map(|(_, value)| value)
}

/// The key `[]` appends at: one past the greatest integer key. `None` when there is none left.
pub(super) fn next_key(items: &[(ConstValue, ConstValue)]) -> Option<ConstValue> {
    let greatest = items.iter().filter_map(|(key, _)| match key {
        ConstValue::Int(value) => Some(*value),
        _ => None,
    });
    match greatest.max() {
        // Versions of PHP differ in what follows a negative key.
        Some(value) if value < 0 => None,
        Some(value) => value.checked_add(1).map(ConstValue::Int),
        None => Some(ConstValue::Int(0)),
    }
}
