//! The controller `auth`.

use super::{COOKIE, COOKIE_NAME, Reference, USER, VALID, too_many};
use crate::http::error::ApiError;

pub static GENERATE_AUTH_COOKIE: Reference = Reference {
    summary: "Log in: name and password to a cookie",
    about: "As `user/generate_auth_cookie`, without `email` and without the cookie for wp-admin.",
    fields: &[COOKIE, COOKIE_NAME, USER],
    others: None,
    example: r#"{"status":"ok","cookie":"anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|0990862ade96e03f14290241051fecdeac61d51ad002ba3ee694df9805812c75","cookie_name":"wordpress_logged_in_ef301f25d1b8e2bca70fafc1316f1a92","user":{"id":2,"username":"anna","nicename":"anna","email":"anna@example.org","url":"","registered":"2026-01-05 09:00:00","displayname":"Anna Svensson","firstname":"Anna","lastname":"Svensson","nickname":"anna","description":"","capabilities":{"subscriber":true},"avatar":null}}"#,
    errors: || {
        vec![
            ApiError::UsernameMissing,
            ApiError::PasswordMissing,
            ApiError::NotText("password"),
            ApiError::Seconds,
            ApiError::AuthLoginInvalid,
            too_many("limits.login_address"),
            ApiError::Busy,
        ]
    },
};

pub static VALIDATE_AUTH_COOKIE: Reference = Reference {
    summary: "Whether a cookie still holds",
    about: "",
    fields: &[VALID],
    others: None,
    example: r#"{"status":"ok","valid":true}"#,
    errors: || vec![ApiError::AuthValidateCookieMissing, ApiError::NotText("cookie")],
};

pub static GET_CURRENTUSERINFO: Reference = Reference {
    summary: "Whose cookie it is",
    about: "",
    fields: &[USER],
    others: None,
    example: super::of_user::A_USER,
    errors: || vec![ApiError::CookieMissing, ApiError::AuthCookieInvalid, ApiError::NotText("cookie")],
};

pub static CLEAR_AUTH_COOKIE: Reference = Reference {
    summary: "Log out: the cookie's session ends",
    about: "Other sessions of the user go on. The session ends in WordPress, too.",
    fields: &[],
    others: None,
    example: r#"{"status":"ok"}"#,
    errors: || vec![ApiError::CookieMissing, ApiError::AuthCookieInvalid, ApiError::NotText("cookie")],
};
