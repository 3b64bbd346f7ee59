//! WordPress's own algorithms: cookies, hashes, nonces, salts, PHP values, sanitisers.
//!
//! No async, no I/O, no clock, no randomness: now, random bytes and salts are arguments.

pub mod php_float;
pub mod php_json;
pub mod php_serialize;
pub mod php_value;
pub mod version;
