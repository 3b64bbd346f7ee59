//! The OpenAPI document, the API page and what is made of them: held to the table, to the service and to a browser.

#![allow(
    clippy::disallowed_methods,
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
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod browser;
mod chromium;
mod clients;
mod command;
mod document;
mod errors;
mod page;
mod schemathesis;
