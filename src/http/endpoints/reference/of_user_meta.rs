//! The controller `user`: user meta.

use super::{Reference, Shape, always, protected};
use crate::http::error::ApiError;

/// As WordPress's `update_user_meta()` tells it.
const CHANGED: Shape = Shape::OneOf(&[Shape::Id, Shape::Switch]);

pub static GET_USER_META: Reference = Reference {
    summary: "The values of one key, or the first value of every key",
    about: "With `meta_key`: the key with the list of its values, as PHP has them. Without: every key with the text \
            that is stored first, if that is not empty or `0`. Secrets are never shown.",
    fields: &[],
    others: Some(Shape::OneOf(&[Shape::Text, Shape::List])),
    example: r#"{"status":"ok","color":["green"]}"#,
    errors: || {
        vec![
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
        ]
    },
};

pub static UPDATE_USER_META: Reference = Reference {
    summary: "One key gets a value",
    about: "Text is kept as sent; `meta_value[]` is kept as a PHP array.",
    fields: &[always(
        "updated",
        CHANGED,
        "The new row's number, true, or false if nothing changed or the columns cannot hold it.",
    )],
    others: None,
    example: r#"{"status":"ok","updated":43}"#,
    errors: || {
        vec![
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
            ApiError::NotText("meta_key"),
            ApiError::MetaKeyMissing,
            ApiError::NewMetaValueMissing,
            protected(),
        ]
    },
};

pub static UPDATE_USER_META_VARS: Reference = Reference {
    summary: "Several keys get values: all or none",
    about: "Every parameter is a key, and so is every `custom_fields[key]`. In the answer's names `_` is a blank, but \
            for those of `custom_fields`.",
    fields: &[],
    others: Some(Shape::Updated(&CHANGED)),
    example: r#"{"status":"ok","city":{"updated":44},"color":{"updated":true}}"#,
    errors: || {
        vec![
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
            ApiError::MetaVarsMissing,
            protected(),
        ]
    },
};

pub static DELETE_USER_META: Reference = Reference {
    summary: "The rows of a key that have a value go",
    about: "",
    fields: &[always("deleted", Shape::Switch, "Whether there was one.")],
    others: None,
    example: r#"{"status":"ok","deleted":true}"#,
    errors: || {
        vec![
            ApiError::UserMethodCookieMissing,
            ApiError::UserMethodCookieInvalid,
            ApiError::NotText("cookie"),
            ApiError::MetaKeyMissing,
            ApiError::MetaValueMissing,
            protected(),
        ]
    },
};
