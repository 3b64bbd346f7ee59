//! The controller `core`.

use super::{Reference, Shape, always, sometimes, too_many};
use crate::http::error::ApiError;

pub static INFO: Reference = Reference {
    summary: "The interface's version and controllers, or one controller's methods",
    about: "Controllers and methods that PHP answers are listed, too.",
    fields: &[
        sometimes("json_api_version", Shape::Text, "Whose interface this is; without `controller`."),
        sometimes("controllers", Shape::Texts, "Those that are enabled; without `controller`."),
        sometimes("name", Shape::Text, "The controller's title; with `controller`."),
        sometimes("description", Shape::Text, "What it says of itself; with `controller`."),
        sometimes("methods", Shape::Texts, "Its methods; with `controller`."),
    ],
    others: None,
    example: r#"{"status":"ok","json_api_version":"2.3.0","controllers":["core","auth","user"]}"#,
    errors: || vec![ApiError::NotText("controller"), ApiError::UnknownController("x".to_owned())],
};

pub static GET_NONCE: Reference = Reference {
    summary: "A nonce for one method of one controller",
    about: "`user/register` needs one, and so do methods that PHP answers. It holds for 12 to 24 hours.",
    fields: &[
        always("controller", Shape::Text, "The controller, in lower case."),
        always("method", Shape::Text, "The method, as sent."),
        always("nonce", Shape::Text, "10 hexadecimal digits."),
    ],
    others: None,
    example: r#"{"status":"ok","controller":"user","method":"register","nonce":"7f3c52a9d1"}"#,
    errors: || {
        vec![
            ApiError::NonceVars,
            ApiError::UnknownController("x".to_owned()),
            ApiError::UnknownMethod("x".to_owned()),
            ApiError::NotText("controller"),
            ApiError::NotText("method"),
            too_many("limits.nonce_address"),
        ]
    },
};
