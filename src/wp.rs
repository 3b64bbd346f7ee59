//! WordPress's own algorithms: cookies, hashes, nonces, salts, PHP values, sanitisers.
//!
//! No async, no I/O, no clock, no randomness: now, random bytes and salts are arguments.

pub mod sanitize;
pub mod version;
