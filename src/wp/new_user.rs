//! What a new user's row and meta hold: the part of `wp_insert_user()` that needs no database.
//!
//! Whether login and e-mail are free, and the suffix of a taken nicename, is asked elsewhere.

use super::php_serialize::{maybe_serialize, serialize};
use super::php_value::{PhpArray, PhpValue};
use super::sanitize::{
    self, Rules, addslashes, nicename_from_login, sanitize_text_field, sanitize_user, stripslashes, trim,
};

/// What a caller says of a new user besides name, e-mail and password. Plain text; empty means not given, and so
/// does `0`, as PHP takes it.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names of wp_insert_user()")]
pub struct UserFields {
    pub user_nicename: Vec<u8>,
    pub user_url: Vec<u8>,
    pub nickname: Vec<u8>,
    pub first_name: Vec<u8>,
    pub last_name: Vec<u8>,
    pub display_name: Vec<u8>,
    pub description: Vec<u8>,
    pub rich_editing: Vec<u8>,
    pub comment_shortcuts: Vec<u8>,
    pub admin_color: Vec<u8>,
    pub use_ssl: Vec<u8>,
    pub show_admin_bar_front: Vec<u8>,
}

/// A row of `users` and the meta that goes with it, filtered and measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUserRow {
    /// `user_login`
    pub login: Vec<u8>,
    /// `user_nicename`, before it is made unique.
    pub nicename: Vec<u8>,
    /// `user_email`
    pub email: Vec<u8>,
    /// `user_url`
    pub url: Vec<u8>,
    /// `display_name`
    pub display_name: Vec<u8>,
    /// The meta rows in WordPress's order, up to and without the capabilities; values as stored.
    pub meta: Vec<(&'static str, Vec<u8>)>,
}

/// A field that WordPress refuses; Display is its own sentence, or one of the same form where it has none and
/// stores nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum FieldError {
    #[error("Cannot create a user with an empty login name.")]
    EmptyLogin,
    #[error("Username may not be longer than 60 characters.")]
    LoginTooLong,
    #[error("Cannot create a user with an empty nicename.")]
    EmptyNicename,
    #[error("Nicename may not be longer than 50 characters.")]
    NicenameTooLong,
    #[error("User URL may not be longer than 100 characters.")]
    UrlTooLong,
    #[error("E-mail address may not be longer than 100 characters.")]
    EmailTooLong,
    #[error("Display name may not be longer than 250 characters.")]
    DisplayNameTooLong,
}

/// The text that a form's value becomes before `wp_insert_user()` sees it, in the plugin's words
/// `trim(sanitize_text_field($value))`; plain text in and out.
#[must_use]
pub fn text_field(value: &[u8], rules: Rules) -> Vec<u8> {
    stripslashes(trim(&sanitize_text_field(&addslashes(value), rules)))
}

/// Filters and measures a new user's fields. Mirrors `wp_insert_user()`; held against 6.1, 6.8 and 7.1.
pub fn prepare(
    login: &[u8],
    email: &[u8],
    fields: &UserFields,
    rules: Rules,
) -> Result<NewUserRow, FieldError> {
    let login = trim(&sanitize_user(login, true, rules)).to_vec();
    if is_empty(&login) {
        return Err(FieldError::EmptyLogin);
    }
    if login.len() > 60 {
        return Err(FieldError::LoginTooLong);
    }
    let nicename = if is_empty(&fields.user_nicename) {
        nicename_from_login(&login, rules)
    } else {
        sanitize::user_nicename(&fields.user_nicename, rules)
    };
    if rules.version.at_least(6, 9) && is_empty(&nicename) {
        return Err(FieldError::EmptyNicename);
    }
    if nicename.len() > 50 {
        return Err(FieldError::NicenameTooLong);
    }
    let url = sanitize::user_url(given(&fields.user_url), rules);
    // WordPress measures this one with its slashes.
    if characters(&addslashes(&url)) > 100 {
        return Err(FieldError::UrlTooLong);
    }
    let email = sanitize::user_email(given(email), rules);
    let meta = meta(&login, fields, rules);
    let display_name = display_name(&login, &meta, &fields.display_name, rules);
    // Too long for the column: wpdb refuses the whole row, and nobody is told why.
    if characters(&email) > 100 {
        return Err(FieldError::EmailTooLong);
    }
    if characters(&display_name) > 250 {
        return Err(FieldError::DisplayNameTooLong);
    }
    let meta = meta.into_iter().map(|(key, value)| (key, stored(value))).collect();
    Ok(NewUserRow { login, nicename, email, url, display_name, meta })
}

/// The meta before `maybe_serialize()`.
fn meta(login: &[u8], fields: &UserFields, rules: Rules) -> Vec<(&'static str, Vec<u8>)> {
    let name = |value: &[u8]| sanitize::display_name(value, rules);
    let nickname = if is_empty(&fields.nickname) { login } else { &fields.nickname };
    let or = |value: &[u8], default: &str| -> Vec<u8> {
        if is_empty(value) { default.into() } else { value.to_vec() }
    };
    let shortcuts = !is_empty(&fields.comment_shortcuts) && fields.comment_shortcuts != b"false";
    let color = if rules.version.at_least(7, 0) { "modern" } else { "fresh" };
    let mut color = or(&fields.admin_color, color);
    color.retain(|byte| byte.is_ascii_alphanumeric() || b" _.-@".contains(byte));
    let truth = |value: bool| if value { b"true".to_vec() } else { b"false".to_vec() };

    let mut meta = vec![
        ("nickname", name(nickname)),
        ("first_name", name(given(&fields.first_name))),
        ("last_name", name(given(&fields.last_name))),
        ("description", sanitize::description(given(&fields.description), rules)),
        ("rich_editing", or(&fields.rich_editing, "true")),
        ("syntax_highlighting", truth(true)),
    ];
    if rules.version.at_least(7, 1) {
        meta.push(("infinite_scrolling", truth(true)));
    }
    meta.extend([
        ("comment_shortcuts", truth(shortcuts)),
        ("admin_color", color),
        ("use_ssl", if is_empty(&fields.use_ssl) { b"0".to_vec() } else { b"1".to_vec() }),
        ("show_admin_bar_front", or(&fields.show_admin_bar_front, "true")),
        ("locale", Vec::new()),
    ]);
    meta
}

/// The name given, else first and last name, else one of them, else the login; filtered once more.
fn display_name(login: &[u8], meta: &[(&str, Vec<u8>)], wanted: &[u8], rules: Rules) -> Vec<u8> {
    let of = |key: &str| {
        let found = meta.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_slice());
        found.filter(|value| !is_empty(value))
    };
    let name = match (of("first_name"), of("last_name")) {
        _ if !is_empty(wanted) => wanted.to_vec(),
        (Some(first), Some(last)) => [first, b" ", last].concat(),
        (Some(one), None) | (None, Some(one)) => one.to_vec(),
        (None, None) => login.to_vec(),
    };
    sanitize::display_name(&name, rules)
}

/// The nicename to try after `nicename` and its first followers were taken: cut so that `-2`, `-3` … fit.
#[must_use]
pub fn nicename_with_suffix(nicename: &[u8], suffix: u32) -> Vec<u8> {
    let suffix = suffix.to_string();
    let base = nicename.get(..49_usize.saturating_sub(suffix.len())).unwrap_or(nicename);
    [base, b"-", suffix.as_bytes()].concat()
}

/// The values of `<prefix>capabilities` and `<prefix>user_level` for a user of one role, or of none when `role` is
/// empty. `roles` is the option `<prefix>user_roles`. Mirrors `WP_User::set_role()`.
#[must_use]
pub fn capabilities(role: &[u8], roles: &PhpValue) -> (Vec<u8>, Vec<u8>) {
    let mut held = PhpArray::new();
    if is_empty(role) {
        return (serialize(&PhpValue::Array(held)), b"0".to_vec());
    }
    held.insert(role, true);
    let of_role = roles.as_array().and_then(|roles| roles.get(role)?.as_array()?.get("capabilities"));
    let names = of_role.and_then(PhpValue::as_array).into_iter().flat_map(PhpArray::keys);
    let level = names.chain(held.keys()).filter_map(|name| level(&name.to_bytes())).max().unwrap_or(0);
    (serialize(&PhpValue::Array(held)), level.to_string().into_bytes())
}

/// `level_0` to `level_10`, in any letter case.
fn level(capability: &[u8]) -> Option<u8> {
    let name = capability.to_ascii_lowercase();
    let number = std::str::from_utf8(name.strip_prefix(b"level_")?).ok()?;
    (0..=10).find(|level: &u8| level.to_string() == number)
}

/// What the column holds for a text: one that looks serialised is serialised again.
fn stored(value: Vec<u8>) -> Vec<u8> {
    maybe_serialize(&PhpValue::Str(value)).unwrap_or_default()
}

fn given(value: &[u8]) -> &[u8] {
    if is_empty(value) { b"" } else { value }
}

/// PHP's `empty()` for text.
fn is_empty(text: &[u8]) -> bool {
    matches!(text, b"" | b"0")
}

fn characters(text: &[u8]) -> usize {
    String::from_utf8_lossy(text).chars().count()
}

#[cfg(test)]
mod tests;
