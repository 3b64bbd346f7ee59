//! What comes back: one answer a method, its errors by status, and the headers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::operations::all_errors;
use super::{object, reference};
use crate::http::endpoints::reference::{errors_of_all, errors_of_none};
use crate::http::endpoints::{ENDPOINTS, Endpoint, Gate};
use crate::http::error::ApiError;

/// All errors of a method: its own, its controller's and those of every method.
pub fn errors(endpoint: &Endpoint) -> Vec<ApiError> {
    let mut errors = (endpoint.reference.errors)();
    match endpoint.gate {
        Gate::Open => {}
        Gate::User => errors.push(ApiError::UserNeedsTls),
        Gate::Auth => errors.push(ApiError::AuthNeedsTls),
    }
    errors.extend(errors_of_all(endpoint.controller));
    errors
}

/// Their statuses, each once, in order.
pub fn statuses(errors: &[ApiError]) -> Vec<u16> {
    let mut statuses: Vec<u16> = errors.iter().map(|error| error.status().as_u16()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// The component for one status of a method.
pub fn name(endpoint: &Endpoint, status: u16) -> String {
    format!("{}.{status}", endpoint.component())
}

/// Answers and errors of all methods.
pub fn components() -> Value {
    let redirect = json!({
        "description": "Asked for by `redirect`, `redirect_ok` or `redirect_error`; of the site itself alone.",
        "headers": { "Location": { "schema": { "type": "string" } }, "X-Request-Id": reference("headers", "X-Request-Id") },
        "content": { "text/html": {} }
    });
    let mut components = vec![("redirect".to_owned(), redirect)];
    for endpoint in ENDPOINTS {
        components.push((name(endpoint, 200), answer(endpoint)));
        components.extend(
            by_status(&errors(endpoint))
                .into_iter()
                .map(|(status, errors)| (name(endpoint, status), refusal(status, &errors))),
        );
    }
    let elsewhere = errors_of_none();
    let elsewhere = by_status(&elsewhere);
    components.extend(
        elsewhere
            .into_iter()
            .map(|(status, errors)| (format!("elsewhere.{status}"), refusal(status, &errors))),
    );
    object(components)
}

fn by_status(errors: &[ApiError]) -> BTreeMap<u16, Vec<&ApiError>> {
    let mut by_status = BTreeMap::<u16, Vec<&ApiError>>::new();
    for error in errors {
        by_status.entry(error.status().as_u16()).or_default().push(error);
    }
    by_status
}

fn answer(endpoint: &Endpoint) -> Value {
    let example: Value = serde_json::from_str(endpoint.reference.example).unwrap_or_default();
    let schema = reference("schemas", &format!("{}.answer", endpoint.component()));
    json!({
        "description": "Done. With `dev` or `callback` an error has this status, too.",
        "headers": common_headers(),
        "content": {
            "application/json": { "schema": schema, "example": example },
            "text/plain": { "schema": { "type": "string", "description": "With `dev`." } },
            "application/javascript": { "schema": { "type": "string", "description": "With `callback`." } },
        }
    })
}

fn refusal(status: u16, errors: &[&ApiError]) -> Value {
    let mut headers = common_headers();
    if let (true, Value::Object(members)) =
        (errors.iter().any(|error| error.retry_after().is_some()), &mut headers)
    {
        members.insert("Retry-After".to_owned(), reference("headers", "Retry-After"));
    }
    let examples = errors.iter().map(|error| {
        let name = error_name(error);
        (name.clone(), reference("examples", &name))
    });
    json!({
        "description": meaning(status),
        "headers": headers,
        "content": {
            "application/json": {
                "schema": reference("schemas", "error"),
                "examples": object(examples),
            }
        }
    })
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 => "The login is wrong.",
        404 => "The address leads to no method.",
        405 => "Only GET, HEAD, POST and OPTIONS are answered.",
        408 => "The request took too long.",
        413 => "The body is too large.",
        429 => "Too much was asked for. Try again after `Retry-After` seconds.",
        500 => "A fault of the service; the cause is in its log.",
        503 => "Try again after `Retry-After` seconds.",
        _ => "Refused; the text says why.",
    }
}

/// Every error as it is answered.
pub fn examples() -> Value {
    object(all_errors().iter().map(|error| {
        let value = json!({ "status": "error", "error": error.to_string() });
        (error_name(error), json!({ "summary": error.to_string(), "value": value }))
    }))
}

/// The name of an error's example: its variant's, and what makes two of them differ.
pub fn error_name(error: &ApiError) -> String {
    match error {
        ApiError::Params(limit) => format!("{limit:?}"),
        ApiError::RegisterField(field) => format!("RegisterField{field:?}"),
        ApiError::NotText(name) => format!("NotText_{name}"),
        ApiError::UnknownController(name) => format!("UnknownController_{name}"),
        ApiError::RemovedFromCore { method, .. } => format!("RemovedFromCore_{method}"),
        other => format!("{other:?}").chars().take_while(char::is_ascii_alphanumeric).collect(),
    }
}

/// Headers of answers.
pub fn headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "X-Request-Id": { "description": "The request's name in the service's log.", "required": true, "schema": text },
        "Cache-Control": { "description": "Nothing is to be kept.", "required": true, "schema": { "const": "no-store" } },
        "Retry-After": {
            "description": "Seconds after which the request may be sent again.",
            "schema": { "type": "integer", "minimum": 1 }
        },
    })
}

fn common_headers() -> Value {
    json!({
        "X-Request-Id": reference("headers", "X-Request-Id"),
        "Cache-Control": reference("headers", "Cache-Control"),
    })
}
