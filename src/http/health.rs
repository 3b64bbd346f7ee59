//! For whoever watches the service: is it there, can it work.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use tracing::Instrument as _;

use super::client::Client;
use super::figures::{Figures, Row};
use super::output::Reply;
use super::{connections, request_id, span};
use crate::app::App;

/// The process answers.
pub const LIVE: &str = "/health/live";
/// The database answers, WordPress's tables are there and the site's options were read.
pub const READY: &str = "/health/ready";

/// Always `ok`.
pub async fn live(request: HttpRequest, app: web::Data<App>, figures: web::Data<Figures>) -> HttpResponse {
    answer(&request, &app, &figures, Row::LIVE, async { Ok("ok\n") }).await
}

/// `ready`, or 503 with what is missing; the cause is in the log.
pub async fn ready(request: HttpRequest, app: web::Data<App>, figures: web::Data<Figures>) -> HttpResponse {
    answer(&request, &app, &figures, Row::READY, look(&app)).await
}

async fn answer(
    request: &HttpRequest,
    app: &App,
    figures: &Figures,
    row: Row,
    work: impl Future<Output = Result<&'static str, &'static str>>,
) -> HttpResponse {
    let _busy = connections::begin(request);
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = Client::of(peer, request.headers(), &app.settings.server.trusted_proxies);
    let id = request_id::of(request.headers(), client.proxied);
    let span = span::of_request(&id, request, client.proxied);
    let work = async {
        let counted = figures.begin();
        counted.leads_to(row);
        let (code, text) = match work.await {
            Ok(text) => (StatusCode::OK, text),
            Err(text) => (StatusCode::SERVICE_UNAVAILABLE, text),
        };
        let response = HttpResponse::build(code)
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((request_id::NAME, id.header()))
            .body(text);
        counted.answered(Reply { response, status: None })
    };
    work.instrument(span).await
}

/// What is there, or what is missing.
async fn look(app: &App) -> Result<&'static str, &'static str> {
    if let Err(error) = app.db.is_ready().await {
        tracing::warn!(%error, "not ready");
        return Err("the database does not answer or has no WordPress tables\n");
    }
    app.site().map(|_| "ready\n").ok_or("the site's options were not read yet\n")
}
