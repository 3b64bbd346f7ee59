//! Controller `user`: JSON API User 3.6.0.

pub mod fb_connect;
pub mod generate_auth_cookie;
pub mod get_currentuserinfo;
pub mod get_userinfo;
pub mod info;
pub mod register;
pub mod retrieve_password;
pub mod validate_auth_cookie;
