//! Where events go: standard error, one line each.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How events are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What is written when nobody asks for another: the framework only speaks up when something is wrong.
const DEFAULT: &str = "info,actix_server=warn";

/// Starts logging; `filter` is `RUST_LOG`.
pub fn start(format: Format, filter: Option<&String>) {
    let filter = EnvFilter::try_new(filter.map_or(DEFAULT, String::as_str))
        .unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        Format::Human => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        Format::Json => log.json().flatten_event(true).init(),
    }
}
