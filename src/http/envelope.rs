//! The one shape of all answers: `status` first, then the fields.

use super::error::ApiError;
use crate::wp::php_value::{PhpArray, PhpKey, PhpValue};

/// The value of `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The method did what it was asked.
    Ok,
    /// It did not.
    Error,
}

impl Status {
    /// As printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// Fields behind `status`. One of the same name takes its value and leaves it first; names that are whole numbers
/// are counted anew, as PHP's `array_merge()` does.
#[must_use]
pub fn ok(mut fields: PhpArray) -> PhpArray {
    let named = fields.keys().all(|key| matches!(key, PhpKey::Str(_)));
    if named && fields.insert_first("status", Status::Ok.as_str()).is_ok() {
        return fields;
    }
    let mut envelope = of(Status::Ok);
    for (key, value) in fields {
        match key {
            PhpKey::Int(_) => {
                envelope.push(value);
            }
            key @ PhpKey::Str(_) => {
                envelope.insert(key, value);
            }
        }
    }
    envelope
}

/// `{"status":"error","error":"…"}`
#[must_use]
pub fn error(error: &ApiError) -> PhpArray {
    let mut envelope = of(Status::Error);
    envelope.insert("error", PhpValue::from(error.to_string()));
    envelope
}

fn of(status: Status) -> PhpArray {
    let mut envelope = PhpArray::new();
    envelope.insert("status", PhpValue::from(status.as_str()));
    envelope
}
