//! What clients see while the database or the way to it fails, and what is in the tables afterwards.
//!
//! `cargo test --test faults -- --nocapture` prints the figures of `docs/reliability.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a failure here is a failed test, in helpers too"
)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod acknowledged;
mod checker;
mod deed;
mod load;
mod service;
mod session;
mod stage;

mod commands;
mod full;
mod locks;
mod start;
