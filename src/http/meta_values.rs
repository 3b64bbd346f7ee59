//! Parameters as meta values: what PHP's `trim()` and WordPress's slashes leave of them.

use super::audit;
use super::call::Call;
use super::error::ApiError;
use super::params::{Param, ParamKey};
use crate::account::user_meta::MetaError;
use crate::wp::php_text;
use crate::wp::php_value::{PhpArray, PhpKey, PhpValue};
use crate::wp::sanitize::{Rules, addslashes, sanitize_text_field, stripslashes, trim};

/// PHP's `trim()` of a slashed text, without the slashes. A NUL stays: slashed it is two characters.
#[must_use]
pub fn trimmed(text: &[u8]) -> Vec<u8> {
    stripslashes(trim(&php_text::addslashes(text)))
}

/// A text as `text` makes it, or an array whose texts are as `item` makes them, on every level.
#[must_use]
pub fn value(param: &Param, text: fn(&[u8]) -> Vec<u8>, item: fn(&[u8]) -> Vec<u8>) -> PhpValue {
    match param {
        Param::Text(bytes) => PhpValue::Str(text(bytes)),
        Param::Array(items) => {
            let items = items.iter().map(|(name, inner)| (key(name), value(inner, item, item)));
            PhpValue::Array(items.collect::<PhpArray>())
        }
    }
}

/// The key of a PHP array that a parameter's name is.
#[must_use]
pub fn key(name: &ParamKey) -> PhpKey {
    match name {
        ParamKey::Int(number) => PhpKey::Int(*number),
        ParamKey::Str(text) => PhpKey::Str(text.clone()),
    }
}

/// `sanitize_text_field()` of a parameter, which is nothing for an array. Slashed, as WordPress filters it.
#[must_use]
pub fn filtered(param: &Param, rules: Rules) -> Vec<u8> {
    param.as_text().map(|text| sanitize_text_field(&addslashes(text), rules)).unwrap_or_default()
}

/// What became of a request for some meta; whoever wanted a protected key is noted.
pub fn told<T>(call: Call<'_>, user_id: u64, done: Result<T, MetaError>) -> Result<T, ApiError> {
    if let Err(MetaError::Protected(key)) = &done {
        audit::meta_refused(call, Some(user_id), key);
    }
    Ok(done?)
}
