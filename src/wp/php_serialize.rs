//! PHP's `serialize` and `unserialize`, and WordPress's `maybe_` pair that decides when to use them.
//!
//! Byte-exact: what PHP wrote and nobody changed is written back the same. Classes are never loaded. The values
//! themselves live in `php_value`; which rows hold them is the store's affair.
//!
//! # References
//! `R:2;` means "the second value of this blob, counted as PHP counts". The reader puts the value itself in that
//! place ([`super::php_value::PhpShared`]), the writer counts anew. So entries may come and go: whichever
//! mention is written first carries the value, the others refer to it by its present number. A mention inside
//! the value it means (a child that knows its parent) is `N;` once it is written without that value; PHP would
//! still write the parent, inside the child.
//!
//! # Where this differs from PHP
//! All of these are refused ([`UnserializeError`]), never misread:
//! - more than [`super::php_value::MAX_DEPTH`] levels (PHP: 4096);
//! - references in a blob that repeats a key, or that holds `C:` data, and in `C:` data itself: how PHP numbers
//!   what is in there is unknown;
//! - references whose copies would exceed 16 times the blob plus 1 MiB when followed.
//!
//! Taken although PHP, not knowing the class, would refuse or lose them: `E:` and `C:`, both kept as written.

mod looks;
mod reader;
mod writer;

pub use looks::is_serialized;
pub use reader::{UnserializeError, unserialize};
pub use writer::serialize;

use super::php_value::PhpValue;

/// What WordPress stores for a value (`maybe_serialize`, then the database's cast to text): arrays and objects
/// serialised; strings that look serialised, serialised once more; other scalars as text. `None` is SQL NULL.
#[must_use]
pub fn maybe_serialize(value: &PhpValue) -> Option<Vec<u8>> {
    match value.resolve() {
        PhpValue::Null => None,
        PhpValue::Str(bytes) if is_serialized(bytes, false) => Some(serialize(value)),
        other => Some(other.to_text().unwrap_or_else(|| serialize(value))),
    }
}

/// What WordPress reads from a stored text (`maybe_unserialize`): text that does not look serialised is a string;
/// text that does but cannot be read is false.
#[must_use]
pub fn maybe_unserialize(stored: &[u8]) -> PhpValue {
    if !is_serialized(stored, true) {
        return stored.into();
    }
    unserialize(looks::php_trim(stored)).unwrap_or(PhpValue::Bool(false))
}

#[cfg(test)]
mod tests;
