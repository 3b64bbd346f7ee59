//! Many writers at once, from two processes of the service and from a genuine WordPress beside them.
//!
//! Each run does what a seed says and prints the seed; `WP_SIDECAR_RACES_SEED` names one to repeat. What was asked
//! and what was answered goes into a ledger. Afterwards a checker reads the tables and holds them against it: what
//! was acknowledged is there once, what was refused is not there, and nothing is there half.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failure here is a failed test, in helpers too; the ledger needs the machine's own clock"
)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/wordpress.rs"]
mod wordpress;

mod added_again;
mod alone;
mod beside;
mod check;
mod ledger;
mod meeting;
mod out_of_the_way;
mod overwritten;
mod process;
mod race;
mod seed;
mod tables;
mod theirs;
mod worker;
