//! The document against the table: everything of the one is in the other, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;
use wp_sidecar::http::endpoints::parameter::{INSECURE, Kind, STEERING};
use wp_sidecar::http::endpoints::reference::{Field, Shape, USER_FIELDS};
use wp_sidecar::http::endpoints::{ENDPOINTS, Endpoint, Gate};
use wp_sidecar::http::openapi;
use wp_sidecar::http::routes::Place;

pub fn document() -> Value {
    openapi::document(openapi::USUAL, &["/"])
}

/// What stands behind a reference, or the value itself.
#[track_caller]
pub fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

fn every<'d>(value: &'d Value, seen: &mut impl FnMut(&'d str, &'d Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            seen(name, value);
            every(value, seen);
        }),
        Value::Array(items) => items.iter().for_each(|item| every(item, seen)),
        _ => {}
    }
}

fn names<'d>(document: &'d Value, operation: &'d Value) -> Vec<&'d str> {
    let parameters = operation["parameters"].as_array().expect("parameters");
    parameters.iter().map(|found| resolved(document, found)["name"].as_str().expect("a name")).collect()
}

fn steering(endpoint: &Endpoint) -> Vec<&'static str> {
    let gated = (endpoint.gate != Gate::Open).then_some(INSECURE.name);
    gated.into_iter().chain(STEERING.iter().map(|parameter| parameter.name)).collect()
}

#[test]
fn every_method_of_the_table_has_a_path_and_no_path_is_without_one() {
    let document = document();
    let told: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let served: Vec<String> = ENDPOINTS
        .iter()
        .map(|endpoint| match endpoint.controller {
            "core" => format!("/api/{}/", endpoint.method),
            controller => format!("/api/{controller}/{}/", endpoint.method),
        })
        .collect();
    assert_eq!(told, served);
}

#[test]
fn every_parameter_of_the_table_is_told_with_an_example_and_no_other_is() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    for (endpoint, (path, item)) in ENDPOINTS.iter().zip(paths) {
        let own: Vec<&str> =
            endpoint.parameters.iter().map(|found| found.name.trim_matches(['<', '>'])).collect();
        assert_eq!(names(&document, &item["get"]), [own, steering(endpoint)].concat(), "{path}");
        assert_eq!(names(&document, &item["post"]), steering(endpoint), "{path}");
        for (parameter, told) in endpoint.parameters.iter().zip(item["get"]["parameters"].as_array().unwrap())
        {
            assert_eq!(told["required"], parameter.required, "{path} {}", parameter.name);
            assert_eq!(told["description"], parameter.about);
            assert!(told["example"] != "" && !told["example"].is_null(), "{path} {}", parameter.name);
        }
        let body = &item["post"]["requestBody"]["content"];
        assert_eq!(body.is_null(), endpoint.parameters.is_empty(), "{path}");
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "application/json"] {
            if body.is_null() {
                continue;
            }
            let schema = resolved(&document, &body[kind]["schema"]);
            let fields: BTreeSet<&str> =
                schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            let named = endpoint.parameters.iter().filter(|found| found.kind != Kind::Any);
            assert_eq!(fields, named.map(|found| found.name).collect(), "{path}");
            let needed: Vec<&str> =
                endpoint.parameters.iter().filter(|found| found.required).map(|found| found.name).collect();
            assert_eq!(schema["required"], serde_json::json!(needed), "{path}");
            let free = endpoint.parameters.iter().any(|found| found.kind == Kind::Any);
            assert_eq!(schema["additionalProperties"].is_object(), free, "{path}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = document();
    let mut operations = BTreeSet::new();
    let mut references = 0;
    every(&document, &mut |name, value| match (name, value) {
        ("$ref", Value::String(_)) => {
            references += 1;
            let target = serde_json::json!({ "$ref": value });
            assert!(!resolved(&document, &target).is_null());
        }
        ("operationId", Value::String(id)) => assert!(operations.insert(id.clone()), "{id} twice"),
        _ => {}
    });
    assert_eq!(operations.len(), 2 * ENDPOINTS.len());
    assert!(references > 1000, "{references}");
}

#[test]
fn every_example_of_an_answer_has_the_shape_that_is_told() {
    for endpoint in ENDPOINTS {
        let known = endpoint.reference;
        let example: Value = serde_json::from_str(known.example).expect("JSON");
        let members = example.as_object().expect("an object");
        assert_eq!(members.keys().next().map(String::as_str), Some("status"), "{endpoint:?}");
        assert_eq!(members["status"], "ok", "{endpoint:?}");
        for field in known.fields.iter().filter(|field| field.always) {
            assert!(members.contains_key(field.name), "{endpoint:?}: {}", field.name);
        }
        for (name, value) in members.iter().filter(|(name, _)| *name != "status") {
            let field = known.fields.iter().find(|field| field.name == name);
            let shape = field.map(|field| field.shape).or(known.others);
            let shape = shape.unwrap_or_else(|| panic!("{endpoint:?} tells nothing of {name}"));
            assert!(fits(value, shape), "{endpoint:?}: {name} is {value}");
        }
    }
}

fn fits(value: &Value, shape: Shape) -> bool {
    match shape {
        Shape::Text => value.is_string(),
        Shape::Id => value.as_u64().is_some_and(|id| id > 0),
        Shape::Switch => value.is_boolean(),
        Shape::List => value.is_array(),
        Shape::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        Shape::OrNull(shape) => value.is_null() || fits(value, *shape),
        Shape::OneOf(shapes) => shapes.iter().any(|shape| fits(value, *shape)),
        Shape::Updated(shape) => fits(&value["updated"], *shape),
        Shape::User => {
            let field = |field: &Field| fits(&value[field.name], field.shape);
            USER_FIELDS.iter().all(field) && value["capabilities"].is_object()
        }
    }
}

#[test]
fn paths_are_those_of_the_sites_own_folder_and_base() {
    let first = |home: &str, base: &str| {
        let document = openapi::document(Place { home, base }, &["/"]);
        document["paths"].as_object().unwrap().keys().nth(2).unwrap().clone()
    };
    assert_eq!(first("https://example.org", "api"), "/api/user/info/");
    assert_eq!(first("https://example.org/blog", "mobile/v1"), "/mobile/v1/user/info/");
    assert_eq!(first("https://example.org", ""), "/?json=user/info");
    // As long as the site is not known, as most sites have it.
    assert_eq!(openapi::document_of(None), document());
}
