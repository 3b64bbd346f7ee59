//! Controller `user`: JSON API User 3.6.0.

pub mod delete_user_meta;
pub mod fb_connect;
pub mod generate_auth_cookie;
pub mod get_currentuserinfo;
pub mod get_user_meta;
pub mod get_userinfo;
pub mod info;
pub mod post_comment;
pub mod register;
pub mod retrieve_password;
pub mod update_user_meta;
pub mod update_user_meta_vars;
pub mod validate_auth_cookie;
// Profiles.
pub mod get_avatar;
pub mod xprofile;
pub mod xprofile_update;
