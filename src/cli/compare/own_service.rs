//! A service of the command's own, on a port of loopback that nobody else is told of, for as long as it compares.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use anyhow::Context as _;

use crate::app::App;
use crate::http::server;
use crate::settings::Sources;

/// What differs from `serve`: nobody else calls, the scheme of the live site is believed, and neither mails nor
/// budgets in Redis are touched. Nothing is ever refreshed, so that not even salts are made.
const SETTINGS: [(&str, &str); 4] = [
    ("limits.enabled", "false"),
    ("mail.transport", "off"),
    ("server.trusted_proxies", "127.0.0.1/32"),
    ("database.max_connections", "4"),
];

/// The sources with these settings on top.
pub fn sources(mut sources: Sources) -> Sources {
    sources.command_line.extend(SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())));
    sources
}

/// Starts it; gives its address.
pub fn start(app: &Arc<App>) -> anyhow::Result<(ServerHandle, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port of loopback is free")?;
    let address = format!("http://{}", listener.local_addr()?);
    let server = server::run(app, listener)?;
    let handle = server.handle();
    tokio::spawn(server);
    Ok((handle, address))
}
