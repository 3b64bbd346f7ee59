//! The commands for the owner of a site, as a person meets them: the real binary, its output and exit code, on a real
//! database beside a site's folder.

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
#[path = "../support/server.rs"]
mod server;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod beside;

mod broken;
mod compare;
mod completions;
mod cookie;
mod grants;
mod live;
mod man;
mod plugins;
mod sessions;
mod well;
