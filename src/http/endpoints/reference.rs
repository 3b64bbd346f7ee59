//! What is said of an endpoint: its words, the shape of its answer with an example, and its errors.
//!
//! The OpenAPI document, the API page and the collections in `docs/clients` are made of it; `tests/openapi` holds it
//! to what the handlers name and answer.

pub(super) mod of_auth;
pub(super) mod of_core;
pub(super) mod of_user;
mod of_user_meta;
mod of_user_profile;

use super::super::error::ApiError;
use super::super::params::ParamsError;
use crate::limits::TooMany;
use crate::store::StoreError;

/// What is said of an endpoint.
#[derive(Debug)]
pub struct Reference {
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More of it, in Markdown; may be empty.
    pub about: &'static str,
    /// The fields of its answer behind `status`.
    pub fields: &'static [Field],
    /// Fields whose names are the caller's or the site's.
    pub others: Option<Shape>,
    /// A whole answer, as JSON.
    pub example: &'static str,
    /// Its own errors, besides those of every method and of its controller.
    pub errors: fn() -> Vec<ApiError>,
}

/// A field of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// How it looks.
    pub shape: Shape,
    /// Whether it is always there.
    pub always: bool,
}

/// How a value looks.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number above zero.
    Id,
    /// True or false.
    Switch,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    /// Whole user: what a login and `get_currentuserinfo` say.
    User,
    /// This or null.
    OrNull(&'static Shape),
    /// One of several.
    OneOf(&'static [Shape]),
    /// `{"updated": …}` with one of these.
    Updated(&'static Shape),
}

const fn always(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, about, shape, always: true }
}

const fn sometimes(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, about, shape, always: false }
}

const TEXT_OR_NULL: Shape = Shape::OrNull(&Shape::Text);
const COOKIE: Field = always("cookie", Shape::Text, "The cookie: keep it and send it as `cookie`.");
const COOKIE_ADMIN: Field = always("cookie_admin", Shape::Text, "The same session's cookie for wp-admin.");
const COOKIE_NAME: Field =
    always("cookie_name", Shape::Text, "The name under which a browser would keep `cookie`.");
const USER: Field = always("user", Shape::User, "The user.");
const VALID: Field = always("valid", Shape::Switch, "Whether WordPress would take the cookie.");

/// The fields of [`Shape::User`].
pub const USER_FIELDS: &[Field] = &[
    always("id", Shape::Id, "The user's id."),
    always("username", Shape::Text, "The login name."),
    always("nicename", Shape::Text, "The slug."),
    always("email", Shape::Text, "The e-mail address."),
    always("url", Shape::Text, "A web address, or empty."),
    always("registered", Shape::Text, "Date and time in GMT, as `2026-01-05 09:00:00`."),
    always("displayname", Shape::Text, "The shown name."),
    always("firstname", Shape::Text, "The first name."),
    always("lastname", Shape::Text, "The last name."),
    always("nickname", Shape::Text, "The nickname."),
    always("description", Shape::Text, "About the user."),
    // `capabilities` is of a shape of its own and stands in the document's schema.
    always("avatar", TEXT_OR_NULL, "A picture's address; null where the site shows none."),
];

/// The body that is too large, and the seconds that are too many, with the settings' defaults.
const BODY_BYTES: usize = 8_388_608;
const BODY_SECONDS: u64 = 20;
const REQUEST_SECONDS: u64 = 60;

/// Errors of every method.
#[must_use]
pub fn errors_of_all(controller: &str) -> Vec<ApiError> {
    vec![
        ApiError::UnknownController(controller.to_owned()),
        ApiError::VariableMismatch,
        ApiError::NotText("callback"),
        ApiError::Callback,
        ApiError::EncodeOptions,
        ParamsError::TooManyVariables.into(),
        ParamsError::NestedTooDeep.into(),
        ParamsError::TooManyParts.into(),
        ApiError::BodyUnreadable,
        ApiError::TooSlow(BODY_SECONDS),
        ApiError::TookTooLong(REQUEST_SECONDS),
        ApiError::BodyTooLarge(BODY_BYTES),
        ApiError::TooManyConnections,
        ApiError::Internal(""),
        ApiError::NotReady,
        // Any cause: none is sent.
        ApiError::Store(StoreError::CommitUnheard),
    ]
}

/// Errors that no method has: of addresses and verbs that lead to none.
#[must_use]
pub fn errors_of_none() -> Vec<ApiError> {
    let removed = |method, controller| ApiError::RemovedFromCore { method, controller };
    vec![
        ApiError::NotFound,
        ApiError::MethodNotAllowed,
        ApiError::UnknownMethod("x".to_owned()),
        removed("submit_comment", "Respond"),
        removed("create_post", "Posts"),
    ]
}

/// A budget is used up.
fn too_many(budget: &'static str) -> ApiError {
    TooMany { budget, seconds: 60 }.into()
}

fn protected() -> ApiError {
    ApiError::MetaProtected("wp_capabilities".to_owned())
}
