//! The span of a request: each line that is logged on its way names it.
//!
//! Its level is that of errors and its target its own, so that no filter of the log takes it away from a line that is
//! written. It holds the request's id, method and endpoint, and nothing else that a client chose.

use actix_web::HttpRequest;
use actix_web::http::Method;
use tracing::{Span, error_span, field};

use super::request_id::RequestId;
use crate::telemetry::REQUESTS;

/// Of a request that came. Only a trusted proxy may say which trace it belongs to.
pub fn of_request(id: &RequestId, request: &HttpRequest, proxied: bool) -> Span {
    // A method is whatever a client writes; those that are not served have no name here.
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    };
    let span = error_span!(
        target: REQUESTS,
        "request",
        request_id = id.as_str(),
        method,
        endpoint = field::Empty,
        code = field::Empty
    );
    if proxied {
        continue_trace(&span, request);
    }
    span
}

#[cfg(feature = "opentelemetry")]
fn continue_trace(span: &Span, request: &HttpRequest) {
    use crate::telemetry::traces;
    let headers = request.headers();
    let text = |name: &'static str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(parent) = text(traces::PARENT) {
        traces::continue_trace(span, parent, text(traces::STATE));
    }
}

#[cfg(not(feature = "opentelemetry"))]
fn continue_trace(_: &Span, _: &HttpRequest) {}

/// Of a mail that a request queued: it may leave long after its request was answered.
pub fn of_mail(id: &RequestId) -> Span {
    let span = error_span!(target: REQUESTS, parent: None, "mail", request_id = id.as_str());
    span.follows_from(Span::current());
    span
}
