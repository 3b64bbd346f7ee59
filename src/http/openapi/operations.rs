//! Paths: every method by GET and by POST.

use serde_json::{Value, json};

use super::{object, parameters, reference, responses};
use crate::http::endpoints::{ENDPOINTS, Endpoint};
use crate::http::error::ApiError;
use crate::http::routes::Place;

/// All of them, in the table's order.
pub fn paths(place: Place<'_>) -> Value {
    object(ENDPOINTS.iter().map(|endpoint| {
        let path = place.path_of(endpoint.controller, endpoint.method);
        (path, json!({ "get": by_get(endpoint), "post": by_post(endpoint) }))
    }))
}

fn by_get(endpoint: &Endpoint) -> Value {
    let mut operation = operation(endpoint, "_get");
    let own = endpoint.parameters.iter().map(parameters::in_query);
    add_parameters(&mut operation, own.chain(parameters::steering_of(endpoint)).collect());
    if endpoint.prefers_post()
        && let Some(Value::String(about)) = operation.get_mut("description")
    {
        about.insert_str(0, "Better by POST: addresses end up in logs and histories.\n\n");
    }
    operation
}

fn by_post(endpoint: &Endpoint) -> Value {
    let mut operation = operation(endpoint, "");
    add_parameters(&mut operation, parameters::steering_of(endpoint).collect());
    if let (false, Value::Object(members)) = (endpoint.parameters.is_empty(), &mut operation) {
        members.insert("requestBody".to_owned(), parameters::body(endpoint));
    }
    operation
}

fn operation(endpoint: &Endpoint, suffix: &str) -> Value {
    let (name, known) = (endpoint.component(), endpoint.reference);
    let statuses = responses::statuses(&responses::errors(endpoint));
    let refused = statuses
        .into_iter()
        .map(|status| (status.to_string(), reference("responses", &responses::name(endpoint, status))));
    let answers = [("200", "200"), ("302", "302")].map(|(status, kept)| {
        let name = if kept == "302" { "redirect".to_owned() } else { format!("{name}.200") };
        (status.to_owned(), reference("responses", &name))
    });
    json!({
        "operationId": format!("{}_{}{suffix}", endpoint.controller, endpoint.method),
        "tags": [endpoint.controller],
        "summary": known.summary,
        "description": known.about,
        "parameters": [],
        "responses": object(answers.into_iter().chain(refused)),
    })
}

fn add_parameters(operation: &mut Value, parameters: Vec<Value>) {
    if let Value::Object(members) = operation {
        members.insert("parameters".to_owned(), Value::Array(parameters));
    }
}

/// The errors' texts by name, in the order of the table, each once.
pub fn all_errors() -> Vec<ApiError> {
    let mut all: Vec<ApiError> = ENDPOINTS.iter().flat_map(responses::errors).collect();
    all.extend(crate::http::endpoints::reference::errors_of_none());
    all
}
