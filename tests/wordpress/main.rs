//! Real WordPress is asked whether what the service wrote is right.

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

mod register;
mod reset;
