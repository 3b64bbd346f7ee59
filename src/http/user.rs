//! Controller `user`: JSON API User 3.6.0.

pub mod generate_auth_cookie;
pub mod get_currentuserinfo;
pub mod get_userinfo;
pub mod info;
pub mod validate_auth_cookie;
// Profiles.
pub mod get_avatar;
pub mod xprofile;
pub mod xprofile_update;
