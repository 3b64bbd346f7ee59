//! The HTTP interface on a real database.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a failure here is a failed test, in helpers too"
)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/graph.rs"]
mod graph;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod connect;
mod fb_connect;
mod get_avatar;
mod hash_work;
mod login;
mod mail;
mod post_comment;
mod protected_meta;
mod register;
mod register_faults;
mod register_races;
mod replay;
mod retrieve_password;
mod store;
mod transport;
mod user_meta;
mod xprofile;
mod xprofile_update;
