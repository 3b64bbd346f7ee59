//! Pages of other sites that may call: `cors.allowed_origins`. Without that setting no answer says a word of it.
//!
//! Own code, for OPTIONS has an answer of its own here (D17). Browsers send no cookies along: whoever calls names his
//! cookie as a parameter.

use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue,
    ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

use super::server::ALLOWED;
use crate::settings::Origin;

/// Seconds for which a browser may keep the answer to its question.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Adds what a browser asks for.
pub fn add(response: &mut HttpResponse, request: &HttpRequest, allowed: &[Origin]) {
    if allowed.is_empty() {
        return;
    }
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.headers().get(ORIGIN) else { return };
    let is_allowed = |allowed: &Origin| allowed.matches(origin.as_bytes());
    if !allowed.iter().any(is_allowed) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After, X-Request-Id"));
    if *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(ALLOWED));
        headers
            .insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type, X-Requested-With"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
}
