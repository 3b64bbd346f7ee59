//! Parameters in the query and as fields of a body.

use serde_json::{Map, Value, json};

use super::{object, reference};
use crate::http::endpoints::parameter::{INSECURE, Kind, Parameter, STEERING};
use crate::http::endpoints::{Endpoint, Gate};

/// What steers every method, once.
pub fn steering() -> Value {
    let all = std::iter::once(&INSECURE).chain(STEERING);
    object(all.map(|parameter| (parameter.name.to_owned(), in_query(parameter))))
}

/// References to it.
pub fn steering_of(endpoint: &Endpoint) -> impl Iterator<Item = Value> {
    let gated = (endpoint.gate != Gate::Open).then_some(&INSECURE);
    gated.into_iter().chain(STEERING).map(|parameter| reference("parameters", parameter.name))
}

/// One in the query.
pub fn in_query(parameter: &Parameter) -> Value {
    let mut written = json!({
        "name": plain_name(parameter.name),
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": schema(parameter),
        "example": example(parameter),
    });
    if let Value::Object(members) = &mut written {
        match parameter.kind {
            Kind::Map => {
                members.insert("style".to_owned(), json!("deepObject"));
                members.insert("explode".to_owned(), json!(true));
            }
            Kind::Any => {
                // Each member of the object becomes a parameter of its own.
                members.insert("style".to_owned(), json!("form"));
                members.insert("explode".to_owned(), json!(true));
            }
            _ => {}
        }
    }
    written
}

/// The body of a POST: a form, a multipart form, or a JSON object with the same names.
pub fn body(endpoint: &Endpoint) -> Value {
    let schema = reference("schemas", &format!("{}.parameters", endpoint.component()));
    let example = example_of(endpoint);
    let content = json!({ "schema": schema, "example": example });
    let mut form = content.clone();
    let maps = endpoint.parameters.iter().filter(|parameter| parameter.kind == Kind::Map);
    let encoding = maps
        .map(|parameter| (parameter.name.to_owned(), json!({ "style": "deepObject", "explode": true })))
        .collect::<Map<_, _>>();
    if let (false, Value::Object(members)) = (encoding.is_empty(), &mut form) {
        members.insert("encoding".to_owned(), Value::Object(encoding));
    }
    json!({
        "required": endpoint.parameters.iter().any(|parameter| parameter.required),
        "content": {
            "application/x-www-form-urlencoded": form,
            "multipart/form-data": content,
            "application/json": content,
        }
    })
}

/// The fields of a body.
pub fn fields(endpoint: &Endpoint) -> Value {
    let named = |parameter: &&Parameter| parameter.kind != Kind::Any;
    let properties = endpoint.parameters.iter().filter(named).map(|parameter| {
        let mut schema = schema(parameter);
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), json!(parameter.about));
            members.insert("examples".to_owned(), json!([example(parameter)]));
        }
        (parameter.name.to_owned(), schema)
    });
    let required: Vec<&str> =
        endpoint.parameters.iter().filter(|parameter| parameter.required).map(|found| found.name).collect();
    let mut schema = json!({ "type": "object", "properties": object(properties), "required": required });
    let free = endpoint.parameters.iter().find(|parameter| parameter.kind == Kind::Any);
    if let (Some(free), Value::Object(members)) = (free, &mut schema) {
        members.insert(
            "additionalProperties".to_owned(),
            json!({ "type": "string", "description": format!("`{}`: {}", free.name, free.about) }),
        );
    }
    schema
}

/// The parameters of a call that is an example: those that must be there, and the first if none must.
pub fn example_of(endpoint: &Endpoint) -> Value {
    let mut members = Map::new();
    for parameter in endpoint.shown() {
        match (parameter.kind, example(parameter)) {
            (Kind::Any, Value::Object(free)) => members.extend(free),
            (_, value) => drop(members.insert(parameter.name.to_owned(), value)),
        }
    }
    Value::Object(members)
}

fn schema(parameter: &Parameter) -> Value {
    match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "integer", "minimum": 1 }),
        Kind::Email => json!({ "type": "string", "format": "email" }),
        Kind::Url => json!({ "type": "string", "format": "uri" }),
        Kind::Secret => json!({ "type": "string", "format": "password" }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Map | Kind::Any => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
    }
}

fn example(parameter: &Parameter) -> Value {
    match parameter.kind {
        Kind::Number => parameter.example.parse::<u64>().map_or(Value::Null, Value::from),
        Kind::Map | Kind::Any => {
            let (name, value) = parameter.example.split_once('=').unwrap_or((parameter.example, ""));
            object([(name.to_owned(), json!(value))])
        }
        _ => json!(parameter.example),
    }
}

/// The name without the brackets that say that it is the caller's to choose.
fn plain_name(name: &str) -> &str {
    name.trim_matches(['<', '>'])
}
