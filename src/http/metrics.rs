//! `/metrics`, on a listener of its own: who may read it is the operator's network's business.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{App as Application, HttpResponse, HttpServer, web};

use super::figures::Figures;
use crate::app::App;
use crate::telemetry::Text;

/// Serves the figures until it is told to stop.
pub fn run(app: &Arc<App>, figures: &Arc<Figures>, listener: TcpListener) -> std::io::Result<Server> {
    let (app, figures) = (Arc::clone(app), Arc::clone(figures));
    let application = move || {
        Application::new()
            .app_data(web::Data::from(Arc::clone(&app)))
            .app_data(web::Data::from(Arc::clone(&figures)))
            .route("/metrics", web::get().to(show))
    };
    Ok(HttpServer::new(application).workers(1).disable_signals().listen(listener)?.run())
}

async fn show(app: web::Data<App>, figures: web::Data<Figures>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(write(&app, &figures))
}

/// All figures of a service.
fn write(app: &App, figures: &Figures) -> String {
    let mut text = Text::default();
    app.write_figures(&mut text);
    figures.write(&mut text);
    app.hashing.write_figures(&mut text);
    app.db.write_figures(&mut text);
    app.limits.write_figures(&mut text);
    app.mailer.write_figures(&mut text);
    text.into_string()
}
