//! `wp-sidecar serve`.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;

use crate::ambient::{Clock, Random};
use crate::app::App;
use crate::http::server;
use crate::settings::{Settings, Sources};

/// Serves until it is told to stop.
pub fn run(sources: &Sources) -> anyhow::Result<()> {
    let settings = Settings::load(sources)?;
    let listen = settings.server.listen;
    let listener = TcpListener::bind(listen).with_context(|| format!("server.listen = {listen}"))?;
    actix_web::rt::System::new().block_on(async {
        let app = Arc::new(App::new(settings, Clock::System, Random::System)?);
        tracing::info!(%listen, "listening");
        serve(&app, listener).await
    })
}

/// Serves an application on a listener, with what runs beside the requests.
pub async fn serve(app: &Arc<App>, listener: TcpListener) -> anyhow::Result<()> {
    let freshness = tokio::spawn(Arc::clone(app).keep_fresh());
    let served = server::run(app, listener)?.await;
    freshness.abort();
    app.db.close().await;
    Ok(served?)
}
