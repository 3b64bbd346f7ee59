//! The actix application: one service for all paths, since the base is the site's to choose.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{App as Application, Error, HttpRequest, HttpResponse, HttpServer, web};

use super::call::Call;
use super::client::Client;
use super::endpoints::{self, Endpoint, Gate};
use super::error::ApiError;
use super::health;
use super::output::{Output, plain_error};
use super::params::{Body, Params};
use super::routes::{self, Place, Target};
use crate::account::site::Site;
use crate::app::App;

/// The largest body taken, in bytes: PHP's own `post_max_size`.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// What is served.
const ALLOWED: &str = "GET, HEAD, POST, OPTIONS";

/// The application; the service and its tests build the same.
pub fn application(
    app: Arc<App>,
) -> Application<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>,
> {
    Application::new()
        .app_data(web::Data::from(app))
        .route(health::LIVE, web::get().to(health::live))
        .route(health::READY, web::get().to(health::ready))
        .default_service(web::to(serve))
}

/// Serves on a listener until it is stopped.
pub fn run(app: &Arc<App>, listener: TcpListener) -> std::io::Result<Server> {
    let app = Arc::clone(app);
    Ok(HttpServer::new(move || application(Arc::clone(&app))).listen(listener)?.run())
}

async fn serve(request: HttpRequest, payload: web::Payload, app: web::Data<App>) -> HttpResponse {
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST => {}
        Method::OPTIONS => return options(),
        _ => {
            let mut response = plain_error(&ApiError::MethodNotAllowed);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
            return response;
        }
    }
    let Some(site) = app.site() else {
        return plain_error(&ApiError::NotReady);
    };
    let params = match read_params(&request, payload).await {
        Ok(params) => params,
        Err(error) => return plain_error(&error),
    };
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = Client::of(peer, request.headers(), &app.settings.server.trusted_proxies);
    let exchange = Exchange {
        now: app.clock.now(),
        app: app.into_inner(),
        site,
        params,
        client,
        headers: request.headers().clone(),
        post: *request.method() == Method::POST,
        path: request.uri().path().to_owned(),
    };
    exchange.answer().await
}

/// Asking what is allowed runs nothing.
fn options() -> HttpResponse {
    HttpResponse::build(StatusCode::NO_CONTENT)
        .insert_header((ALLOW, ALLOWED))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

async fn read_params(request: &HttpRequest, payload: web::Payload) -> Result<Params, ApiError> {
    let query = request.query_string().as_bytes();
    if *request.method() != Method::POST {
        return Ok(Params::parse(query, Body::None)?);
    }
    let body = match payload.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(ApiError::BodyUnreadable),
        Err(_) => return Err(ApiError::BodyTooLarge(MAX_BODY)),
    };
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    Ok(Params::parse(query, Body::pick("POST", content_type, &body))?)
}

/// A request with all that its answer needs, so that it can outlive the connection it came by.
struct Exchange {
    app: Arc<App>,
    site: Arc<Site>,
    params: Params,
    client: Client,
    headers: HeaderMap,
    now: i64,
    post: bool,
    path: String,
}

impl Exchange {
    async fn answer(self) -> HttpResponse {
        if !self.endpoint().is_ok_and(|endpoint| endpoint.finishes) {
            return self.run().await;
        }
        // A task of its own: the framework drops what it awaits when the caller hangs up.
        match actix_web::rt::spawn(self.run()).await {
            Ok(response) => response,
            Err(_) => plain_error(&ApiError::Internal("a handler panicked")),
        }
    }

    async fn run(self) -> HttpResponse {
        let output = match Output::of(&self.params, &self.site, &self.path) {
            Ok(output) => output,
            Err(error) => return plain_error(&error),
        };
        let result = match self.endpoint() {
            Ok(endpoint) => (endpoint.handler)(self.call()).await,
            Err(error) => Err(error),
        };
        output.render(result)
    }

    fn call(&self) -> Call<'_> {
        Call {
            app: &self.app,
            site: &self.site,
            params: &self.params,
            client: &self.client,
            headers: &self.headers,
            now: self.now,
            post: self.post,
        }
    }

    /// The transport's checks in the plugin's order: controller, https gate, method.
    fn endpoint(&self) -> Result<&'static Endpoint, ApiError> {
        let place = Place { home: &self.site.home, base: &self.site.base };
        let target = routes::resolve(&self.path, &self.params, place)?.ok_or(ApiError::NotFound)?;
        let target = moved(target, &self.site)?;
        let enabled = self.site.controllers.contains(&target.controller);
        let gate = endpoints::gate_of(&target.controller).filter(|_| enabled);
        let gate = gate.ok_or_else(|| ApiError::UnknownController(target.controller.clone()))?;
        let safe = self.client.tls || self.params.text("insecure") == Some(b"cool");
        match gate {
            Gate::User if !safe => return Err(ApiError::UserNeedsTls),
            Gate::Auth if !safe => return Err(ApiError::AuthNeedsTls),
            _ => {}
        }
        let endpoint = endpoints::find(&target.controller, &target.method);
        endpoint.ok_or(ApiError::UnknownMethod(target.method))
    }
}

/// Two methods left core for controllers of their own; their old names lead there if those are enabled.
fn moved(target: Target, site: &Site) -> Result<Target, ApiError> {
    if target.controller != "core" {
        return Ok(target);
    }
    let (method, controller, title) = match target.method.as_str() {
        "submit_comment" => ("submit_comment", "respond", "Respond"),
        "create_post" => ("create_post", "posts", "Posts"),
        _ => return Ok(target),
    };
    if site.controllers.iter().any(|enabled| enabled == controller) {
        return Ok(Target { controller: controller.to_owned(), method: method.to_owned() });
    }
    Err(ApiError::RemovedFromCore { method, controller: title })
}
