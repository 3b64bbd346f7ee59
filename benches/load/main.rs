//! The benchmark that `script/bench` runs: the service against its floor, against its own hashes, and beside
//! WordPress; with `--growth`, a small site against a large one. Figures go to standard output and into
//! `docs/performance.md`.
//!
//! Ratios count: all that is compared runs on one machine in turn. Nothing here fails for being slow.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool of developers: what fails ends it"
)]

#[path = "../../tests/support/http.rs"]
mod http;
#[path = "../../tests/support/php_fpm.rs"]
mod php_fpm;
#[path = "../../tests/support/server.rs"]
mod server;
#[path = "../../tests/support/wordpress.rs"]
mod wordpress;

mod footprint;
mod growth;
mod logins;
mod php;
mod profile;
mod report;
mod rounds;
mod spread;
mod stage;
mod users;
mod wrk;

use std::time::Duration;

use clap::Parser;

use stage::Stage;

/// So many rounds, for the machine is never quite quiet.
const ROUNDS: usize = 9;

/// Users of the large site.
const MANY: u64 = 1_000_000;

#[derive(Parser)]
struct Arguments {
    /// Every part once and shortly: whether the benchmark works. The page stays as it is.
    #[arg(long)]
    quick: bool,
    /// A site of so many users against one of 1,000, and nothing else.
    #[arg(long, value_name = "USERS", num_args = 0..=1, default_missing_value = "1000000")]
    growth: Option<u64>,
    /// One part alone: machine, floor, logins, footprint or wordpress.
    #[arg(long, value_name = "PART")]
    only: Option<String>,
    /// Where the time of one endpoint goes, by perf, and nothing else. Wants a binary with its symbols.
    #[arg(long, conflicts_with = "growth")]
    profile: bool,
    /// Memory that the database server keeps pages in.
    #[arg(long, value_name = "SIZE", default_value = "4G")]
    buffer_pool: String,
    /// cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let write = !arguments.quick;
    let (rounds, time) =
        if arguments.quick { (1, Duration::from_secs(1)) } else { (ROUNDS, Duration::from_secs(2)) };
    if let Some(users) = arguments.growth {
        let users = if arguments.quick { users.min(2_000) } else { users };
        let figures = growth::measure(users, &arguments.buffer_pool, rounds, time);
        report::give("growth", &figures, write && users == MANY);
        return;
    }
    let stage = Stage::new("256M");
    if arguments.profile {
        report::give("profile", &profile::measure(&stage, time * 3), write);
        return;
    }
    let part = |name: &str, measure: &dyn Fn() -> String| {
        if arguments.only.as_deref().is_none_or(|only| only == name) {
            report::give(name, &measure(), write);
        }
    };
    part("machine", &|| report::machine(&stage.server.version()));
    part("floor", &|| rounds::measure(&stage, rounds, time));
    part("logins", &|| logins::measure(&stage, rounds, time));
    part("footprint", &|| footprint::measure(&stage, if arguments.quick { 2 } else { 10 }, time));
    part("wordpress", &|| php::measure(&stage, rounds, time));
    if arguments.quick {
        report::give("growth", &growth::measure(1_000, "64M", rounds, time), write);
    }
}
