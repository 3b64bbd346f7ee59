//! `wp-sidecar serve`.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::ambient::{Clock, Random};
use crate::app::App;
use crate::http::server;
use crate::settings::{Settings, Sources};

/// How long mails that are still queued may take after the last request.
const LAST_MAILS: Duration = Duration::from_secs(20);

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
    let mails = tokio::spawn(app.mailer.clone().run());
    let served = server::run(app, listener)?.await;
    freshness.abort();
    app.mailer.drain(LAST_MAILS).await;
    // Nothing is left to do for it.
    let _ = mails.await;
    app.db.close().await;
    Ok(served?)
}
