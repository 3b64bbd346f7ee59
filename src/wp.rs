//! WordPress's own algorithms: cookies, hashes, nonces, salts, PHP values, sanitisers.
//!
//! No async, no I/O, no clock, no randomness: now, random bytes and salts are arguments.

pub mod auth_cookie;
pub mod avatar;
pub mod cookie_names;
pub mod cookie_search;
pub mod ctype;
pub mod hash;
pub mod moderation;
pub mod new_user;
pub mod nonce;
pub mod password;
pub mod php_date;
pub mod php_float;
pub mod php_json;
pub mod php_number;
pub mod php_serialize;
pub mod php_text;
pub mod php_value;
pub mod phpass;
pub mod random_text;
pub mod reset_key;
pub mod salts;
pub mod sanitize;
pub mod session_token;
pub mod sessions;
pub mod table_prefix;
pub mod text_column;
pub mod time_zone;
pub mod version;
pub mod xprofile;
