//! Controller `auth`: JSON API Auth 2.5.0.

pub mod clear_auth_cookie;
pub mod generate_auth_cookie;
pub mod get_currentuserinfo;
pub mod validate_auth_cookie;
