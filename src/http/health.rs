//! For whoever watches the service: is it there, can it work.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use super::connections;
use super::figures::{Figures, Row};
use super::output::Reply;
use crate::app::App;

/// The process answers.
pub const LIVE: &str = "/health/live";
/// The database answers, WordPress's tables are there and the site's options were read.
pub const READY: &str = "/health/ready";

/// Always `ok`.
pub async fn live(request: HttpRequest, figures: web::Data<Figures>) -> HttpResponse {
    let _busy = connections::begin(&request);
    let counted = figures.begin();
    counted.leads_to(Row::LIVE);
    counted.answered(plain(StatusCode::OK, "ok\n"))
}

/// `ready`, or 503 with what is missing; the cause is in the log.
pub async fn ready(request: HttpRequest, app: web::Data<App>, figures: web::Data<Figures>) -> HttpResponse {
    let _busy = connections::begin(&request);
    let counted = figures.begin();
    counted.leads_to(Row::READY);
    let missing = missing(&app).await;
    let code = if missing.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    counted.answered(plain(code, missing.unwrap_or("ready\n")))
}

fn plain(code: StatusCode, text: &'static str) -> Reply {
    let response = HttpResponse::build(code).insert_header((CACHE_CONTROL, "no-store")).body(text);
    Reply { response, status: None }
}

async fn missing(app: &App) -> Option<&'static str> {
    if let Err(error) = app.db.is_ready().await {
        tracing::warn!(%error, "not ready");
        return Some("the database does not answer or has no WordPress tables\n");
    }
    app.site().is_none().then_some("the site's options were not read yet\n")
}
