//! The running service: its limits, its log, its end, and the servers it leans on when they fail.

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
#[path = "../support/calls.rs"]
mod calls;
#[path = "../support/graph.rs"]
mod graph;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod redis_server;
mod wire;

mod documented;
mod events;
mod figures;
mod hashing;
mod headers;
mod limits;
mod logins;
mod manager;
mod prometheus;
mod prometheus_server;
mod redis;
mod requests;
mod secrets;
mod spans;
mod stop;
