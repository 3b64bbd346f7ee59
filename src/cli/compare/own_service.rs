//! A service of the command's own, on a port of loopback that nobody else is told of, for as long as it compares.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use anyhow::Context as _;

use crate::account::site::Site;
use crate::ambient::{Clock, Random};
use crate::app::App;
use crate::cli::desk;
use crate::http::server;
use crate::settings::{Settings, Sources};

/// What differs from `serve`: nobody else calls, the scheme of the live site is believed, and neither mails nor
/// budgets in Redis are touched.
const SETTINGS: [(&str, &str); 4] = [
    ("limits.enabled", "false"),
    ("mail.transport", "off"),
    ("server.trusted_proxies", "127.0.0.1/32"),
    ("database.max_connections", "4"),
];

/// The service; methods that write are unknown to it. What it knows of the site is read once and never refreshed, so that not even salts are made.
pub struct OwnService {
    app: Arc<App>,
    pub site: Arc<Site>,
    server: Option<ServerHandle>,
}

impl OwnService {
    /// Puts it together from the settings of `serve`, and more of them.
    pub async fn open(mut sources: Sources, more: &[(&str, &str)]) -> anyhow::Result<Self> {
        let settings = SETTINGS.iter().chain(more);
        sources.command_line.extend(settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut app = App::new(Settings::load(&sources)?, Clock::System, Random::System)?;
        // Others on this machine can reach the port.
        app.reads_only = true;
        let app = Arc::new(app);
        let site = desk::look(&app).await?;
        Ok(Self { app, site, server: None })
    }

    /// Serves; gives its address.
    pub fn serve(&mut self) -> anyhow::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port of loopback is free")?;
        let address = format!("http://{}", listener.local_addr()?);
        let server = server::run(&self.app, &Arc::default(), listener)?;
        self.server = Some(server.handle());
        tokio::spawn(server);
        Ok(address)
    }

    /// Ends it.
    pub async fn stop(self) {
        if let Some(server) = self.server {
            server.stop(false).await;
        }
        self.app.db.close().await;
    }
}
