//! The web servers' configurations of `packaging`, in real nginx, Apache and Caddy, between a client, the real service
//! and a real WordPress under php-fpm: who answers what, and what reaches the service of who asks.

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
#[path = "../support/http.rs"]
mod http;
#[path = "../support/php_fpm.rs"]
mod php_fpm;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod agreement;
mod caller;
mod containers;
mod front;
mod place;
mod program;
mod stage;
mod table;
