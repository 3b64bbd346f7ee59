//! The one table of endpoints. Router, nonces, documents and tests read it.

mod endpoint;
mod find;
pub mod parameter;
pub mod reference;

pub use endpoint::{Answer, Endpoint, Gate};
pub use find::{find, find_with_place, gate_of};

use parameter::{Kind, Parameter, needs, takes};
use reference::{of_auth, of_core, of_user};

use super::{auth, core, user};

const COOKIE: Parameter = needs("cookie", "The value of `cookie` of a login.", A_COOKIE).kind(Kind::Secret);
const PASSWORD: Parameter = needs("password", "The password.", "demo-anna-1").kind(Kind::Secret);
const META_KEY: Parameter = needs("meta_key", "The meta key.", "color");
const META_VALUE: Parameter =
    needs("meta_value", "The value, or `meta_value[]` for a list, `meta_value[name]` for a map.", "green");
const SECONDS: Parameter =
    takes("seconds", "The cookie's life in seconds; 14 days when absent.", "1209600").kind(Kind::Number);
const USER_ID: Parameter = needs("user_id", "The user's id.", "2").kind(Kind::Number);

/// A cookie of the demo site that has long ended.
pub const A_COOKIE: &str = "anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|\
                            0990862ade96e03f14290241051fecdeac61d51ad002ba3ee694df9805812c75";

const REGISTER: &[Parameter] = &[
    needs("username", "The login name; tags, accents and entities are dropped.", "carl"),
    needs("email", "The e-mail address.", "carl@example.org").kind(Kind::Email),
    needs("nonce", "Of get_nonce for controller user and method register.", "7f3c52a9d1").kind(Kind::Secret),
    takes("user_pass", "The password, kept exactly as sent; a random one when absent.", "carl-Pass-1")
        .kind(Kind::Secret),
    takes("display_name", "Shown name; first and last name or the login when absent.", "Carl Lind"),
    takes("user_nicename", "The slug; made of the login when absent, unique in any case.", "carl-lind"),
    takes("user_url", "A web address.", "https://carl.example.org").kind(Kind::Url),
    takes("nickname", "The login when absent.", "Carl"),
    takes("first_name", "First name.", "Carl"),
    takes("last_name", "Last name.", "Lind"),
    takes("description", "About the user.", "Likes maps."),
    takes("rich_editing", "true when absent.", "true").kind(Kind::Choice(&["true", "false"])),
    takes("comment_shortcuts", "false when absent.", "false").kind(Kind::Choice(&["true", "false"])),
    takes("admin_color", "Colour scheme of wp-admin.", "modern"),
    takes("use_ssl", "0 when absent, else 1.", "0").kind(Kind::Choice(&["0", "1"])),
    takes("show_admin_bar_front", "true when absent.", "true").kind(Kind::Choice(&["true", "false"])),
    takes("user_registered", "Date and time in GMT; now when absent.", "2026-01-31 23:59:59"),
    takes("custom_fields", "custom_fields[key]=value: more user meta; arrays are kept.", "city=Oslo")
        .kind(Kind::Map),
    takes("notify", "Who gets a mail: both, user, admin, no (admin too); nobody when absent.", "both")
        .kind(Kind::Choice(&["both", "user", "admin", "no"])),
    SECONDS,
];

/// All of them.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        controller: "core",
        method: "info",
        gate: Gate::Open,
        finishes: false,
        reads_only: true,
        parameters: &[takes("controller", "The controller to describe.", "user")],
        reference: &of_core::INFO,
        handler: |call| Box::pin(std::future::ready(core::info::handle(call))),
    },
    Endpoint {
        controller: "core",
        method: "get_nonce",
        gate: Gate::Open,
        finishes: false,
        reads_only: true,
        parameters: &[
            needs("controller", "The controller of the method.", "user"),
            needs("method", "The method that the nonce is for.", "register"),
            takes("cookie", "The nonce is for this cookie's user.", A_COOKIE).kind(Kind::Secret),
        ],
        reference: &of_core::GET_NONCE,
        handler: |call| Box::pin(core::get_nonce::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "info",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[],
        reference: &of_user::INFO,
        handler: |call| Box::pin(std::future::ready(user::info::handle(call))),
    },
    Endpoint {
        controller: "user",
        method: "register",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: REGISTER,
        reference: &of_user::REGISTER,
        handler: |call| Box::pin(user::register::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "generate_auth_cookie",
        gate: Gate::User,
        finishes: false,
        reads_only: false,
        parameters: &[
            takes("username", "Login name or e-mail address; one of username and email is needed.", "anna"),
            takes("email", "E-mail address; wins over username.", "anna@example.org").kind(Kind::Email),
            PASSWORD,
            SECONDS,
        ],
        reference: &of_user::GENERATE_AUTH_COOKIE,
        handler: |call| Box::pin(user::generate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "validate_auth_cookie",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[COOKIE],
        reference: &of_user::VALIDATE_AUTH_COOKIE,
        handler: |call| Box::pin(user::validate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_currentuserinfo",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[COOKIE],
        reference: &of_user::GET_CURRENTUSERINFO,
        handler: |call| Box::pin(user::get_currentuserinfo::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_userinfo",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[USER_ID],
        reference: &of_user::GET_USERINFO,
        handler: |call| Box::pin(user::get_userinfo::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_user_meta",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[COOKIE, takes("meta_key", "The key to read; all keys when absent.", "color")],
        reference: &of_user::GET_USER_META,
        handler: |call| Box::pin(user::get_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "update_user_meta",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[COOKIE, META_KEY, META_VALUE],
        reference: &of_user::UPDATE_USER_META,
        handler: |call| Box::pin(user::update_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "update_user_meta_vars",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[
            COOKIE,
            takes("custom_fields", "Keys and values as `custom_fields[key]`.", "city=Oslo").kind(Kind::Map),
            takes("<key>", "Any other parameter is a key with its value.", "color=green").kind(Kind::Any),
        ],
        reference: &of_user::UPDATE_USER_META_VARS,
        handler: |call| Box::pin(user::update_user_meta_vars::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "delete_user_meta",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[COOKIE, META_KEY, needs("meta_value", "The value of the rows to delete.", "green")],
        reference: &of_user::DELETE_USER_META,
        handler: |call| Box::pin(user::delete_user_meta::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "retrieve_password",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[needs("user_login", "Login name or e-mail address.", "anna")],
        reference: &of_user::RETRIEVE_PASSWORD,
        handler: |call| Box::pin(user::retrieve_password::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "fb_connect",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[needs(
            "access_token",
            "A Facebook access token of a user, given to this site's app.",
            "EAAGm0PX4ZCpsBA",
        )
        .kind(Kind::Secret)],
        reference: &of_user::FB_CONNECT,
        handler: |call| Box::pin(user::fb_connect::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "post_comment",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[
            COOKIE,
            needs("post_id", "The post to comment on.", "1").kind(Kind::Number),
            needs("content", "The comment; HTML is filtered.", "Hello"),
            needs(
                "comment_status",
                "`1` asks for approval, `hold` or anything else waits for a moderator.",
                "1",
            )
            .kind(Kind::Choice(&["1", "hold"])),
        ],
        reference: &of_user::POST_COMMENT,
        handler: |call| Box::pin(user::post_comment::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "get_avatar",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[
            USER_ID,
            needs("type", "`full` or `thumb`.", "full").kind(Kind::Choice(&["full", "thumb"])),
        ],
        reference: &of_user::GET_AVATAR,
        handler: |call| Box::pin(user::get_avatar::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "xprofile",
        gate: Gate::User,
        finishes: false,
        reads_only: true,
        parameters: &[
            USER_ID,
            needs(
                "field",
                "Labels or numbers of fields, with commas between; `default` for the usual ones.",
                "Name,Location",
            ),
            takes("cookie", "The reader's cookie; without one only public fields are shown.", A_COOKIE)
                .kind(Kind::Secret),
        ],
        reference: &of_user::XPROFILE,
        handler: |call| Box::pin(user::xprofile::handle(call)),
    },
    Endpoint {
        controller: "user",
        method: "xprofile_update",
        gate: Gate::User,
        finishes: true,
        reads_only: false,
        parameters: &[
            COOKIE,
            takes(
                "<label>",
                "A field's new value, under its label; `_` stands for a blank.",
                "Location=Oslo",
            )
            .kind(Kind::Any),
        ],
        reference: &of_user::XPROFILE_UPDATE,
        handler: |call| Box::pin(user::xprofile_update::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "generate_auth_cookie",
        gate: Gate::Auth,
        finishes: false,
        reads_only: false,
        parameters: &[needs("username", "Login name or e-mail address.", "anna"), PASSWORD, SECONDS],
        reference: &of_auth::GENERATE_AUTH_COOKIE,
        handler: |call| Box::pin(auth::generate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "validate_auth_cookie",
        gate: Gate::Auth,
        finishes: false,
        reads_only: true,
        parameters: &[COOKIE],
        reference: &of_auth::VALIDATE_AUTH_COOKIE,
        handler: |call| Box::pin(auth::validate_auth_cookie::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "get_currentuserinfo",
        gate: Gate::Auth,
        finishes: false,
        reads_only: true,
        parameters: &[COOKIE],
        reference: &of_auth::GET_CURRENTUSERINFO,
        handler: |call| Box::pin(auth::get_currentuserinfo::handle(call)),
    },
    Endpoint {
        controller: "auth",
        method: "clear_auth_cookie",
        gate: Gate::Auth,
        finishes: true,
        reads_only: false,
        parameters: &[COOKIE],
        reference: &of_auth::CLEAR_AUTH_COOKIE,
        handler: |call| Box::pin(auth::clear_auth_cookie::handle(call)),
    },
];
