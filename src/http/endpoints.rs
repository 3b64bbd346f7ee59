//! The one table of endpoints. Router, nonces, documents and tests read it.

use std::future::Future;
use std::pin::Pin;

use super::call::Call;
use super::error::ApiError;
use super::{auth, core, user};
use crate::wp::php_value::PhpArray;

/// What a handler returns: the fields behind `status`.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<PhpArray, ApiError>> + 'a>>;

/// An endpoint.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// Lower case.
    pub controller: &'static str,
    /// Lower case.
    pub method: &'static str,
    /// The check before it runs.
    pub gate: Gate,
    /// It goes on when its caller hangs up: it writes, and what it began is to be finished. A login is not; its place in
    /// the queue for hashing is better given to somebody who still waits.
    pub finishes: bool,
    /// What it reads, besides the transport's own parameters.
    pub parameters: &'static [Parameter],
    /// What it does.
    pub handler: for<'a> fn(Call<'a>) -> Answer<'a>,
}

/// The check for TLS, with the text of its controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// None.
    Open,
    /// TLS or `insecure=cool`, in the user controller's words.
    User,
    /// The same in the auth controller's words.
    Auth,
}

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether the method answers an error without it.
    pub required: bool,
    /// What it is, in a sentence.
    pub about: &'static str,
}

const fn needs(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, required: true, about }
}

const fn takes(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, required: false, about }
}

const COOKIE: Parameter = needs("cookie", "The value of `cookie` of a login.");
const PASSWORD: Parameter = needs("password", "The password.");
const META_KEY: Parameter = needs("meta_key", "The meta key.");
const SECONDS: Parameter = takes("seconds", "The cookie's life in seconds; 14 days when absent.");

const REGISTER: &[Parameter] = &[
    needs("username", "The login name; tags, accents and entities are dropped."),
    needs("email", "The e-mail address."),
    needs("nonce", "Of get_nonce for controller user and method register."),
    takes("user_pass", "The password, kept exactly as sent; a random one when absent."),
    takes("display_name", "Shown name; first and last name or the login when absent."),
    takes("user_nicename", "The slug; made of the login when absent, unique in any case."),
    takes("user_url", "A web address."),
    takes("nickname", "The login when absent."),
    takes("first_name", "First name."),
    takes("last_name", "Last name."),
    takes("description", "About the user."),
    takes("rich_editing", "true when absent."),
    takes("comment_shortcuts", "false when absent."),
    takes("admin_color", "Colour scheme of wp-admin."),
    takes("use_ssl", "0 when absent, else 1."),
    takes("show_admin_bar_front", "true when absent."),
    takes("user_registered", "Date and time in GMT; now when absent."),
    takes("custom_fields", "custom_fields[key]=value: more user meta; arrays are kept."),
    takes("notify", "Who gets a mail: both, user, admin, no (admin too); nobody when absent."),
    SECONDS,
];

/// All of them.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        controller: "core",
        method: "info",
        gate: Gate::Open,
        finishes: false,
        parameters: &[takes("controller", "The controller to describe.")],
        handler: |call| Box::pin(std::future::ready(core::info::handle(call))),
    },
    Endpoint {
        controller: "core",
        method: "get_nonce",
        gate: Gate::Open,
        finishes: false,
        parameters: &[
            needs("controller", "The controller of the method."),
            needs("method", "The method that the nonce is for."),
            takes("cookie", "The nonce is for this cookie's user."),
        ],
        handler: |call| Box::pin(core::get_nonce::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "info",
        gate: Gate::User,
        finishes: false,
        parameters: &[],
        handler: |call| Box::pin(std::future::ready(user::info::handle(call))),
    },
    Endpoint {
        controller: "user",
        method: "register",
        gate: Gate::User,
        finishes: true,
        parameters: REGISTER,
        handler: |call| Box::pin(user::register::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "generate_auth_cookie",
        gate: Gate::User,
        finishes: false,
        parameters: &[
            takes("username", "Login name or e-mail address; one of username and email is needed."),
            takes("email", "E-mail address; wins over username."),
            PASSWORD,
            SECONDS,
        ],
        handler: |call| Box::pin(user::generate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "validate_auth_cookie",
        gate: Gate::User,
        finishes: false,
        parameters: &[COOKIE],
        handler: |call| Box::pin(user::validate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_currentuserinfo",
        gate: Gate::User,
        finishes: false,
        parameters: &[COOKIE],
        handler: |call| Box::pin(user::get_currentuserinfo::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_userinfo",
        gate: Gate::User,
        finishes: false,
        parameters: &[needs("user_id", "The user's id.")],
        handler: |call| Box::pin(user::get_userinfo::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_user_meta",
        gate: Gate::User,
        finishes: false,
        parameters: &[COOKIE, takes("meta_key", "The key to read; all keys when absent.")],
        handler: |call| Box::pin(user::get_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "update_user_meta",
        gate: Gate::User,
        finishes: true,
        parameters: &[
            COOKIE,
            META_KEY,
            needs("meta_value", "The value, or `meta_value[]` for a list, `meta_value[name]` for a map."),
        ],
        handler: |call| Box::pin(user::update_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "update_user_meta_vars",
        gate: Gate::User,
        finishes: true,
        parameters: &[
            COOKIE,
            takes(
                "custom_fields",
                "Keys and values as `custom_fields[key]`; any other parameter is a key too.",
            ),
        ],
        handler: |call| Box::pin(user::update_user_meta_vars::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "delete_user_meta",
        gate: Gate::User,
        finishes: true,
        parameters: &[COOKIE, META_KEY, needs("meta_value", "The value of the rows to delete.")],
        handler: |call| Box::pin(user::delete_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "retrieve_password",
        gate: Gate::User,
        finishes: true,
        parameters: &[needs("user_login", "Login name or e-mail address.")],
        handler: |call| Box::pin(user::retrieve_password::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "fb_connect",
        gate: Gate::User,
        finishes: true,
        parameters: &[needs("access_token", "A Facebook access token of a user, given to this site's app.")],
        handler: |call| Box::pin(user::fb_connect::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "post_comment",
        gate: Gate::User,
        finishes: true,
        parameters: &[
            COOKIE,
            needs("post_id", "The post to comment on."),
            needs("content", "The comment; HTML is filtered."),
            needs("comment_status", "`1` asks for approval, `hold` or anything else waits for a moderator."),
        ],
        handler: |call| Box::pin(user::post_comment::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_avatar",
        gate: Gate::User,
        finishes: false,
        parameters: &[needs("user_id", "The user's id."), needs("type", "`full` or `thumb`.")],
        handler: |call| Box::pin(user::get_avatar::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "xprofile",
        gate: Gate::User,
        finishes: false,
        parameters: &[
            needs("user_id", "The user's id."),
            needs("field", "Labels or numbers of fields, with commas between; `default` for the usual ones."),
            takes("cookie", "The reader's cookie; without one only public fields are shown."),
        ],
        handler: |call| Box::pin(user::xprofile::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "xprofile_update",
        gate: Gate::User,
        finishes: true,
        parameters: &[
            COOKIE,
            takes("<label>", "A field's new value, under its label; `_` stands for a blank."),
        ],
        handler: |call| Box::pin(user::xprofile_update::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "generate_auth_cookie",
        gate: Gate::Auth,
        finishes: false,
        parameters: &[needs("username", "Login name or e-mail address."), PASSWORD, SECONDS],
        handler: |call| Box::pin(auth::generate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "validate_auth_cookie",
        gate: Gate::Auth,
        finishes: false,
        parameters: &[COOKIE],
        handler: |call| Box::pin(auth::validate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "get_currentuserinfo",
        gate: Gate::Auth,
        finishes: false,
        parameters: &[COOKIE],
        handler: |call| Box::pin(auth::get_currentuserinfo::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "clear_auth_cookie",
        gate: Gate::Auth,
        finishes: true,
        parameters: &[COOKIE],
        handler: |call| Box::pin(auth::clear_auth_cookie::handle(call)),
    },
];

/// The endpoint of a controller in lower case and a method in any letter case.
#[must_use]
pub fn find(controller: &str, method: &str) -> Option<&'static Endpoint> {
    ENDPOINTS
        .iter()
        .find(|endpoint| endpoint.controller == controller && endpoint.method.eq_ignore_ascii_case(method))
}

/// The gate of a controller that is served here.
#[must_use]
pub fn gate_of(controller: &str) -> Option<Gate> {
    ENDPOINTS.iter().find(|endpoint| endpoint.controller == controller).map(|endpoint| endpoint.gate)
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.controller, self.method)
    }
}
