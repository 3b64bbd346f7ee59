//! Schemas of answers and bodies.

use serde_json::{Value, json};

use super::{object, parameters, reference};
use crate::http::endpoints::ENDPOINTS;
use crate::http::endpoints::reference::{Field, Reference, Shape, USER_FIELDS};

/// All of them.
pub fn components() -> Value {
    let mut components = vec![("error".to_owned(), error()), ("user".to_owned(), user())];
    for endpoint in ENDPOINTS {
        let name = endpoint.component();
        components.push((format!("{name}.answer"), answer(endpoint.reference)));
        if !endpoint.parameters.is_empty() {
            components.push((format!("{name}.parameters"), parameters::fields(endpoint)));
        }
    }
    object(components)
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "status": { "const": "error" },
            "error": { "type": "string", "description": "One line." }
        },
        "required": ["status", "error"]
    })
}

fn answer(known: &Reference) -> Value {
    let status = ("status".to_owned(), json!({ "const": "ok" }));
    let properties = object(std::iter::once(status).chain(known.fields.iter().map(property)));
    let mut required = vec!["status"];
    required.extend(known.fields.iter().filter(|field| field.always).map(|field| field.name));
    let others = known.others.map_or(json!(false), schema);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": others,
    })
}

fn user() -> Value {
    let capabilities = json!({
        "description": "Roles, each with true; an empty list for none.",
        "oneOf": [
            { "type": "object", "additionalProperties": { "type": "boolean" } },
            { "type": "array", "maxItems": 0 }
        ]
    });
    let capabilities = ("capabilities".to_owned(), capabilities);
    let mut required: Vec<&str> = USER_FIELDS.iter().map(|field| field.name).collect();
    required.push("capabilities");
    json!({
        "type": "object",
        "properties": object(USER_FIELDS.iter().map(property).chain([capabilities])),
        "required": required,
        "additionalProperties": false,
    })
}

fn property(field: &Field) -> (String, Value) {
    let mut schema = schema(field.shape);
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(field.about));
    }
    (field.name.to_owned(), schema)
}

fn schema(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Id => json!({ "type": "integer", "minimum": 1 }),
        Shape::Switch => json!({ "type": "boolean" }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::List => json!({ "type": "array" }),
        Shape::User => reference("schemas", "user"),
        Shape::OrNull(shape) => json!({ "anyOf": [schema(*shape), { "type": "null" }] }),
        Shape::OneOf(shapes) => {
            json!({ "anyOf": shapes.iter().map(|shape| schema(*shape)).collect::<Vec<_>>() })
        }
        Shape::Updated(shape) => json!({
            "type": "object",
            "properties": { "updated": schema(*shape) },
            "required": ["updated"],
            "additionalProperties": false,
        }),
    }
}
