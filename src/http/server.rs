//! The actix application: one service for all paths, since the base is the site's to choose.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HeaderMap,
    HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::DefaultHeaders;
use actix_web::{App as Application, Error, HttpRequest, HttpResponse, HttpServer, web};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::client::Client;
use super::connections::{self, Connections};
use super::error::ApiError;
use super::exchange::Exchange;
use super::figures::{Counted, Figures};
use super::output::{Reply, plain_error};
use super::params::{Body, Params};
use super::request_id::RequestId;
use super::{cors, docs, health, request_id, span};
use crate::app::App;

/// What is served.
pub const ALLOWED: &str = "GET, HEAD, POST, OPTIONS";

/// How many connections beyond the limit are taken to be told so; more wait until somebody leaves.
const TURNED_AWAY: usize = 64;

/// How long a connection may rest between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// No answer is a page: nothing in it is to be run, framed or guessed at.
pub const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The application; the service and its tests build the same.
pub fn application(
    app: Arc<App>,
    figures: Arc<Figures>,
) -> Application<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>,
> {
    let headers = DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((CONTENT_SECURITY_POLICY, POLICY));
    Application::new()
        .app_data(web::Data::from(app))
        .app_data(web::Data::from(figures))
        .app_data(docs::Kept::default())
        .route(health::LIVE, web::get().to(health::live))
        .route(health::READY, web::get().to(health::ready))
        .default_service(web::to(serve))
        .wrap(headers)
}

/// Serves on a listener until it is told to stop. Signals are the caller's business.
pub fn run(app: &Arc<App>, figures: &Arc<Figures>, listener: TcpListener) -> std::io::Result<Server> {
    let limits = &app.settings.limits;
    // The pause before a request, and the time for its head.
    let connections =
        Connections::new(limits.enabled.then(|| KEEP_ALIVE + limits.head), figures.connections.clone());
    let stop = app.settings.server.stop.as_secs();
    let app = Arc::clone(app);
    let server = HttpServer::new({
        let (app, figures) = (Arc::clone(&app), Arc::clone(figures));
        move || application(Arc::clone(&app), Arc::clone(&figures))
    })
    // Whoever hangs up makes room at once: his place in the queue for hashing above all.
    .h1_allow_half_closed(false)
    .keep_alive(KEEP_ALIVE)
    .on_connect(move |stream, data| connections.enter(stream, data))
    .disable_signals()
    .shutdown_timeout(stop);
    let server = if limits.enabled {
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let each = (limits.connections + TURNED_AWAY).div_ceil(workers);
        server.client_request_timeout(limits.head).max_connections(each)
    } else {
        server.client_request_timeout(Duration::ZERO)
    };
    Ok(server.listen(listener)?.run())
}

async fn serve(
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
    figures: web::Data<Figures>,
) -> HttpResponse {
    let (app, figures) = (app.into_inner(), figures.into_inner());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = Client::of(peer, request.headers(), &app.settings.server.trusted_proxies);
    let id = request_id::of(request.headers(), client.proxied);
    let span = span::of_request(&id, &request, client.proxied);
    if let Some(peer) = client.unbelieved.and_then(|(peer, forwards)| app.limits.proxies.see(peer, forwards))
    {
        tracing::warn!(
            parent: &span,
            %peer,
            "all requests come from one peer that forwards for others and is not among server.trusted_proxies: \
             limits by address count all clients as one"
        );
    }
    respond(request, payload, app, figures, client, id).instrument(span).await
}

/// The answer, counted, within the request's span.
async fn respond(
    request: HttpRequest,
    payload: web::Payload,
    app: Arc<App>,
    figures: Arc<Figures>,
    client: Client,
    id: RequestId,
) -> HttpResponse {
    let counted = figures.begin();
    let Ok(_busy) = connections::begin(&request) else {
        return counted.answered(refusal(&app, &ApiError::BehindTheLast));
    };
    let limits = &app.settings.limits;
    let reply = match *request.method() {
        _ if limits.enabled && connections::is_beyond(&request, limits.connections) => {
            refusal(&app, &ApiError::TooManyConnections)
        }
        Method::OPTIONS => Reply { response: options(), status: None },
        _ => {
            let came = Came { app: &app, figures: &figures, counted: &counted, client, id: id.clone() };
            match came.answer(&request, payload).await {
                Ok(reply) => reply,
                Err(error) => refusal(&app, &error),
            }
        }
    };
    let mut response = counted.answered(reply);
    cors::add(&mut response, &request, &app.settings.features.allowed_origins);
    response.headers_mut().insert(request_id::NAME, id.header());
    if app.running.is_ending() {
        // What this connection would bring next is not begun any more.
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

/// Asking what is allowed runs nothing.
fn options() -> HttpResponse {
    HttpResponse::build(StatusCode::NO_CONTENT)
        .insert_header((ALLOW, ALLOWED))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// What is wrong with a request before its parameters are known.
fn refusal(app: &App, error: &ApiError) -> Reply {
    let mut reply = plain_error(error);
    if let Some(limit) = error.limit() {
        app.limits.count_refusal(limit);
    }
    let response = &mut reply.response;
    match error {
        ApiError::MethodNotAllowed => {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
        }
        // The rest of the request may still be on its way, or the connection is one too many.
        ApiError::TooManyConnections
        | ApiError::BodyTooLarge(_)
        | ApiError::TooSlow(_)
        | ApiError::BehindTheLast => {
            // Not as a header: the framework writes that itself, and only this closes.
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        _ => {}
    }
    reply
}

/// A request that is taken on.
struct Came<'a> {
    app: &'a Arc<App>,
    figures: &'a Arc<Figures>,
    counted: &'a Counted<'a>,
    client: Client,
    id: RequestId,
}

impl Came<'_> {
    async fn answer(self, request: &HttpRequest, payload: web::Payload) -> Result<Reply, ApiError> {
        let Self { app, figures, counted, client, id } = self;
        if let Some((row, response)) = docs::answer(request, app) {
            counted.leads_to(row);
            return Ok(Reply { response, status: None });
        }
        let post = match *request.method() {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Err(ApiError::MethodNotAllowed),
        };
        let limits = &app.settings.limits;
        let site = app.site().ok_or(ApiError::NotReady)?;
        let work = async {
            let params = read_params(request, payload, app).await?;
            let exchange = Exchange {
                now: app.clock.now(),
                app: Arc::clone(app),
                figures: Arc::clone(figures),
                site,
                params,
                client,
                id,
                cookies: request.headers().get_all(COOKIE).cloned().collect(),
                post,
                path: request.uri().path().to_owned(),
            };
            let aim = exchange.aim();
            counted.leads_to(aim.row);
            Ok(exchange.answer(aim).await)
        };
        if !limits.enabled {
            return work.await;
        }
        timeout(limits.request, work).await.map_err(|_| ApiError::TookTooLong(limits.request.as_secs()))?
    }
}

async fn read_params(request: &HttpRequest, payload: web::Payload, app: &App) -> Result<Params, ApiError> {
    let query = request.query_string().as_bytes();
    if *request.method() != Method::POST {
        return Ok(Params::parse(query, Body::None)?);
    }
    let limits = &app.settings.limits;
    let most = if limits.enabled { limits.body_bytes } else { usize::MAX };
    if announced(request.headers()).is_some_and(|length| length > most) {
        return Err(ApiError::BodyTooLarge(most));
    }
    let body = payload.to_bytes_limited(most);
    let body = if limits.enabled {
        timeout(limits.body, body).await.map_err(|_| ApiError::TooSlow(limits.body.as_secs()))?
    } else {
        body.await
    };
    let body = match body {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(ApiError::BodyUnreadable),
        Err(_) => return Err(ApiError::BodyTooLarge(most)),
    };
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    Ok(Params::parse(query, Body::pick("POST", content_type, &body))?)
}

/// `Content-Length`; the framework has refused what is no number.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
