//! The OpenAPI 3.1 document, made of the table of endpoints.
//!
//! Everything in it is the table's: parameters, answers, examples, errors. Texts and statuses of errors are those of
//! [`ApiError`](super::error::ApiError).

mod operations;
mod parameters;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};

use super::core::catalog;
use super::endpoints::ENDPOINTS;
use super::routes::Place;
use crate::account::site::Site;

/// Where the site lies as long as nobody knows better.
pub const USUAL: Place<'static> = Place { home: "http://127.0.0.1:8080", base: "api" };

const ABOUT: &str = "The HTTP API of the WordPress plugins JSON API, JSON API User and JSON API Auth.\n\n\
    Log in with `user/generate_auth_cookie`, keep `cookie`, send it as the parameter `cookie`, and log out with \
    `auth/clear_auth_cookie`. Over TLS nothing more is needed; without TLS the methods of `user` and `auth` want \
    `insecure=cool`.\n\n\
    Every method answers GET and POST. Parameters come from the query or the body, and the body wins; what is secret \
    belongs into a body. An absent parameter, an empty one and `0` count as missing. Answers are \
    `{\"status\":\"ok\",…}`, errors `{\"status\":\"error\",\"error\":\"…\"}`.";

/// The document for a site of which all or nothing is known. The first server is the one that was asked.
#[must_use]
pub fn document_of(site: Option<&Site>) -> Value {
    let Some(site) = site else { return document(USUAL, &["/"]) };
    let place = Place { home: &site.home, base: &site.base };
    let own = if place.folder().is_empty() { "/" } else { place.folder() };
    document(place, &[own, place.home])
}

/// The document for a site whose interface is reached at these servers.
#[must_use]
pub fn document(place: Place<'_>, servers: &[&str]) -> Value {
    let servers: Vec<Value> = servers.iter().map(|server| json!({ "url": server })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "wp-sidecar",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" }
        },
        "servers": servers,
        // The cookie is a parameter like others: no scheme of OpenAPI's says "query or body".
        "security": [],
        "tags": tags(),
        "paths": operations::paths(place),
        "components": {
            "parameters": parameters::steering(),
            "schemas": schemas::components(),
            "headers": responses::headers(),
            "examples": responses::examples(),
            "responses": responses::components(),
        }
    })
}

/// The controllers, as `info` describes them.
fn tags() -> Vec<Value> {
    let served = |name: &str| ENDPOINTS.iter().any(|endpoint| endpoint.controller == name);
    let tag = |controller: &catalog::Controller| json!({ "name": controller.name, "description": controller.description });
    catalog::CONTROLLERS.iter().filter(|controller| served(controller.name)).map(tag).collect()
}

/// A reference to a component.
fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// An object of named values in their order.
fn object(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(members.into_iter().collect::<Map<_, _>>())
}
