//! The controller `user`: logging in, accounts, comments.

pub(in crate::http::endpoints) use super::of_user_meta::{
    DELETE_USER_META, GET_USER_META, UPDATE_USER_META, UPDATE_USER_META_VARS,
};
pub(in crate::http::endpoints) use super::of_user_profile::{
    GET_AVATAR, GET_USERINFO, XPROFILE, XPROFILE_UPDATE,
};
use super::{
    COOKIE, COOKIE_ADMIN, COOKIE_NAME, Reference, Shape, USER, VALID, always, protected, sometimes, too_many,
};
use crate::http::error::ApiError;
use crate::wp::new_user::FieldError;

/// The answer of the two `get_currentuserinfo`.
pub(super) const A_USER: &str = r#"{"status":"ok","user":{"id":2,"username":"anna","nicename":"anna","email":"anna@example.org","url":"","registered":"2026-01-05 09:00:00","displayname":"Anna Svensson","firstname":"Anna","lastname":"Svensson","nickname":"anna","description":"","capabilities":{"subscriber":true},"avatar":null}}"#;

pub static INFO: Reference = Reference {
    summary: "The version of JSON API User whose interface this is",
    about: "",
    fields: &[always("version", Shape::Text, "The version.")],
    others: None,
    example: r#"{"status":"ok","version":"3.6.0"}"#,
    errors: Vec::new,
};

pub static REGISTER: Reference = Reference {
    summary: "A new user, logged in at once",
    about: "First `get_nonce` for controller `user` and method `register`. The checks run in the order of the errors.",
    fields: &[
        COOKIE,
        COOKIE_ADMIN,
        COOKIE_NAME,
        always("user_id", Shape::Id, "The new user's id."),
        always("username", Shape::Text, "The login name as it was kept."),
    ],
    others: None,
    example: r#"{"status":"ok","cookie":"carl|1796507221|kB6gT8cDDk8WC55Z7tropphgGD1heWJCacheVvhfn38|c6c4705e897052be1c5ab9fe7c107ceff3de3def6b472e31963e52f8f007b9ab","cookie_admin":"carl|1796507221|kB6gT8cDDk8WC55Z7tropphgGD1heWJCacheVvhfn38|a1c2f3257fedf5b3d0413d1636df7fb63bd7127fcf655bffe9523213b3f3ebfb","cookie_name":"wordpress_logged_in_ef301f25d1b8e2bca70fafc1316f1a92","user_id":4,"username":"carl"}"#,
    errors: || {
        let field = ApiError::RegisterField;
        vec![
            too_many("limits.register_address"),
            ApiError::RegistrationDisabled,
            ApiError::RegisterUsernameMissing,
            ApiError::RegisterEmailMissing,
            ApiError::RegisterNonceMissing,
            ApiError::NotText("username"),
            ApiError::RegisterNonceInvalid,
            ApiError::RegisterUsernameInvalid,
            ApiError::RegisterUsernameTaken,
            ApiError::RegisterEmailInvalid,
            ApiError::RegisterEmailTaken,
            ApiError::Seconds,
            field(FieldError::EmptyLogin),
            field(FieldError::LoginTooLong),
            field(FieldError::EmptyNicename),
            field(FieldError::NicenameTooLong),
            field(FieldError::UrlTooLong),
            field(FieldError::EmailTooLong),
            field(FieldError::DisplayNameTooLong),
            ApiError::RegisterPasswordTooLong,
            ApiError::RegisterNoDate,
            protected(),
            ApiError::Busy,
        ]
    },
};

pub static GENERATE_AUTH_COOKIE: Reference = Reference {
    summary: "Log in: name or e-mail address and password to a cookie",
    about: "WordPress takes this cookie as its own. Too many wrong passwords give 429.",
    fields: &[COOKIE, COOKIE_ADMIN, COOKIE_NAME, USER],
    others: None,
    example: r#"{"status":"ok","cookie":"anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|0990862ade96e03f14290241051fecdeac61d51ad002ba3ee694df9805812c75","cookie_admin":"anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|f5748a5e9228c91cc50f915c4be50b145adc1ec73d26d0118b9f04c1510f2c15","cookie_name":"wordpress_logged_in_ef301f25d1b8e2bca70fafc1316f1a92","user":{"id":2,"username":"anna","nicename":"anna","email":"anna@example.org","url":"","registered":"2026-01-05 09:00:00","displayname":"Anna Svensson","firstname":"Anna","lastname":"Svensson","nickname":"anna","description":"","capabilities":{"subscriber":true},"avatar":"https://www.gravatar.com/avatar/0?s=512&d=mm&r=g"}}"#,
    errors: || {
        vec![
            ApiError::UsernameOrEmailMissing,
            ApiError::PasswordMissing,
            ApiError::NotText("password"),
            ApiError::Seconds,
            ApiError::EmailInvalid,
            ApiError::EmailUnknown,
            ApiError::UserLoginInvalid,
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
    errors: || vec![ApiError::UserValidateCookieMissing, ApiError::NotText("cookie")],
};

pub static GET_CURRENTUSERINFO: Reference = Reference {
    summary: "Whose cookie it is",
    about: "",
    fields: &[USER],
    others: None,
    example: A_USER,
    errors: || vec![ApiError::CookieMissing, ApiError::UserCookieInvalid, ApiError::NotText("cookie")],
};

pub static RETRIEVE_PASSWORD: Reference = Reference {
    summary: "Mails a link with which the user chooses a new password",
    about: "The answer comes after the mail was handed over. Failing that, an earlier link still holds.",
    fields: &[always("msg", Shape::Text, "A sentence for the user.")],
    others: None,
    example: r#"{"status":"ok","msg":"Link for password reset has been emailed to you. Please check your email."}"#,
    errors: || {
        vec![
            ApiError::ResetUserMissing,
            ApiError::NotText("user_login"),
            ApiError::ResetEmailUnknown,
            ApiError::ResetLoginUnknown,
            ApiError::ResetNotAllowed,
            ApiError::ResetMailNotSent,
            too_many("limits.reset_address"),
        ]
    },
};

pub static FB_CONNECT: Reference = Reference {
    summary: "A Facebook login becomes a login here",
    about: "The token must have been given to the app of `facebook.app_id`. A person with an unknown e-mail address \
            becomes a new user; one without any gets `msg` alone.",
    fields: &[
        always("msg", Shape::Text, "`user logged in.`, `user registered.`, or why neither."),
        sometimes("wp_user_id", Shape::Id, "The user's id."),
        sometimes("cookie", Shape::Text, "The cookie, for 14 days."),
        sometimes("user_login", Shape::Text, "The login name."),
    ],
    others: None,
    example: r#"{"status":"ok","msg":"user logged in.","wp_user_id":2,"cookie":"anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|0990862ade96e03f14290241051fecdeac61d51ad002ba3ee694df9805812c75","user_login":"anna"}"#,
    errors: || {
        vec![
            ApiError::FacebookTokenMissing,
            ApiError::NotText("access_token"),
            ApiError::FacebookNotConfigured,
            ApiError::FacebookTokenRefused,
            ApiError::UserLoginInvalid,
            ApiError::FacebookUnavailable,
            too_many("limits.login_address"),
            ApiError::Busy,
        ]
    },
};

pub static POST_COMMENT: Reference = Reference {
    summary: "A comment of the cookie's user",
    about: "The site's own rules decide whether it appears.",
    fields: &[always("comment_id", Shape::Id, "The new comment's number.")],
    others: None,
    example: r#"{"status":"ok","comment_id":2}"#,
    errors: || {
        vec![
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
            ApiError::CommentPostMissing,
            ApiError::CommentContentMissing,
            ApiError::CommentStatusMissing,
            ApiError::CommentNoPost,
            ApiError::CommentClosed,
            ApiError::CommentEmpty,
            ApiError::CommentTooLong,
            ApiError::CommentDuplicate,
            ApiError::CommentFlood,
        ]
    },
};
