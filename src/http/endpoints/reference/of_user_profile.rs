//! The controller `user`: what is seen of users, and their extended profiles.

use super::{Reference, Shape, TEXT_OR_NULL, always};
use crate::http::error::ApiError;

pub static GET_USERINFO: Reference = Reference {
    summary: "What everybody may see of a user",
    about: "For an unknown id all fields are null.",
    fields: &[
        always("id", Shape::OrNull(&Shape::Id), "The user's id."),
        always("nicename", TEXT_OR_NULL, "The slug."),
        always("url", TEXT_OR_NULL, "A web address."),
        always("displayname", TEXT_OR_NULL, "The shown name."),
        always("firstname", TEXT_OR_NULL, "The first name."),
        always("lastname", TEXT_OR_NULL, "The last name."),
        always("nickname", TEXT_OR_NULL, "The nickname."),
        always("avatar", TEXT_OR_NULL, "A picture's address; null where the site shows none."),
    ],
    others: None,
    example: r#"{"status":"ok","id":2,"nicename":"anna","url":"","displayname":"Anna Svensson","firstname":"Anna","lastname":"Svensson","nickname":"anna","avatar":null}"#,
    errors: || vec![ApiError::UserIdMissing],
};

pub static GET_AVATAR: Reference = Reference {
    summary: "The picture that BuddyPress shows for a user",
    about: "The uploaded one, else Gravatar's: 150 pixels, `thumb` 50.",
    fields: &[always("avatar", TEXT_OR_NULL, "Its address; null where the site shows none.")],
    others: None,
    example: r#"{"status":"ok","avatar":"https://example.org/wp-content/uploads/avatars/2/65f0-bpfull.jpg"}"#,
    errors: || vec![ApiError::NoBuddyPress, ApiError::UserIdMissing, ApiError::AvatarTypeMissing],
};

pub static XPROFILE: Reference = Reference {
    summary: "Fields of an extended profile",
    about: "As far as the reader may see them: a hidden field reads as an empty one, an unknown one is false.",
    fields: &[],
    others: Some(Shape::OneOf(&[Shape::Text, Shape::Texts, Shape::Switch])),
    example: r#"{"status":"ok","Name":"Anna Svensson","Location":"Oslo","Skills":["PHP","Rust"]}"#,
    errors: || {
        vec![
            ApiError::NoBuddyPress,
            ApiError::ProfileUserIdMissing,
            ApiError::NotText("user_id"),
            ApiError::FieldMissing,
            ApiError::TooManyFields(1000),
        ]
    },
};

pub static XPROFILE_UPDATE: Reference = Reference {
    summary: "Fields of the cookie's user get values: all or none",
    about: "Checkboxes and multi-selects take `a,b` or `label[]=`. False is said of a field that is unknown or cannot \
            hold the value.",
    fields: &[],
    others: Some(Shape::Updated(&Shape::Switch)),
    example: r#"{"status":"ok","Location":{"updated":true}}"#,
    errors: || {
        vec![
            ApiError::NoBuddyPress,
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
        ]
    },
};
