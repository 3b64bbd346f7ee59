//! For whoever watches the service: is it there, can it work.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use super::connections;
use crate::app::App;

/// The process answers.
pub const LIVE: &str = "/health/live";
/// The database answers, WordPress's tables are there and the site's options were read.
pub const READY: &str = "/health/ready";

/// Always `ok`.
pub async fn live(request: HttpRequest) -> HttpResponse {
    let _busy = connections::begin(&request);
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ok\n")
}

/// `ready`, or 503 with what is missing; the cause is in the log.
pub async fn ready(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let _busy = connections::begin(&request);
    let missing = if let Err(error) = app.db.is_ready().await {
        tracing::warn!(%error, "not ready");
        "the database does not answer or has no WordPress tables\n"
    } else if app.site().is_none() {
        "the site's options were not read yet\n"
    } else {
        return HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ready\n");
    };
    HttpResponse::ServiceUnavailable().insert_header((CACHE_CONTROL, "no-store")).body(missing)
}
