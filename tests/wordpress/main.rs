//! The service and a genuine WordPress on the same tables: what one writes, the other takes.
//!
//! Each proof runs against the WordPress of every suite. Which rules hold is read from the site's code, so a newer
//! release in a suite runs as it is.

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
#[path = "../support/http.rs"]
mod http;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod avatars;
mod comment;
mod cookies;
mod ending;
mod meta;
mod nonces;
mod passwords;
mod places;
mod register;
mod rehash;
mod reset;
mod salts;
mod sessions;
mod site;
mod users;
mod xprofile;
