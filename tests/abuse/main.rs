//! The service under attack: what was done to the plugins, and what is done to any HTTP service.
//!
//! A request here is hostile; the proof is the database, the number of answers, or an answer that still comes.

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
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod addresses;
mod answers;
mod broken;
mod brute_force;
mod cookies;
mod mails;
mod raw;
mod site;

mod slow_clients;
mod smuggling;
mod spellings;
mod sql_injection;
mod stored;
