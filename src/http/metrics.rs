//! `/metrics`, on a listener of its own: who may read it is the operator's network's business.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{App as Application, HttpResponse, HttpServer, web};

use crate::telemetry::Metrics;

/// Serves the figures until it is told to stop.
pub fn run(metrics: Metrics, listener: TcpListener) -> std::io::Result<Server> {
    let application = move || {
        Application::new().app_data(web::Data::new(metrics.clone())).route("/metrics", web::get().to(show))
    };
    Ok(HttpServer::new(application).workers(1).disable_signals().listen(listener)?.run())
}

async fn show(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(metrics.render())
}
