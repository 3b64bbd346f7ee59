//! A Postman collection, format 2.1: one folder a controller; a login keeps its cookie for all the others.

use serde_json::{Value, json};

use super::{sent, variable};
use crate::http::core::catalog::CONTROLLERS;
use crate::http::endpoints::{ENDPOINTS, Endpoint};
use crate::http::routes::Place;

const FORMAT: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Runs after each answer: what it gives is what the next calls send.
const KEEP: &str = "const answer = pm.response.headers.get('Content-Type')?.startsWith('application/json') \
                    ? pm.response.json() : {};\n\
                    for (const name of ['cookie', 'nonce']) {\n    \
                    if (typeof answer[name] === 'string') { pm.collectionVariables.set(name, answer[name]); }\n}";

/// The collection.
#[must_use]
pub fn postman(place: Place<'_>) -> String {
    let folders = CONTROLLERS.iter().filter_map(|controller| {
        let own = ENDPOINTS.iter().filter(|endpoint| endpoint.controller == controller.name);
        let items: Vec<Value> = own.map(|endpoint| item(endpoint, place)).collect();
        (!items.is_empty())
            .then(|| json!({ "name": controller.name, "description": controller.description, "item": items }))
    });
    let folders: Vec<Value> = folders.collect();
    let variable = |key: &str, value: &str| json!({ "key": key, "value": value });
    let collection = json!({
        "info": {
            "name": "wp-sidecar",
            "description": "Set site, username and password, and send user/generate_auth_cookie: its cookie is kept in \
                            the variable cookie, and a nonce in nonce.",
            "schema": FORMAT,
        },
        "item": folders,
        "event": [{
            "listen": "test",
            "script": { "type": "text/javascript", "exec": KEEP.lines().collect::<Vec<_>>() }
        }],
        "variable": [
            variable("site", place.home),
            variable("username", "anna"),
            variable("password", "demo-anna-1"),
            variable("cookie", ""),
            variable("nonce", ""),
        ],
    });
    format!("{collection:#}\n")
}

fn item(endpoint: &Endpoint, place: Place<'_>) -> Value {
    let sent = sent(endpoint);
    let mut pairs: Vec<Value> =
        sent.iter().map(|(name, value)| json!({ "key": name, "value": value })).collect();
    // The rest is there to be switched on.
    let others = endpoint.parameters.iter().filter(|parameter| {
        !parameter.name.starts_with('<') && !sent.iter().any(|(name, _)| name.starts_with(parameter.name))
    });
    pairs.extend(others.map(|parameter| {
        let value = variable(parameter).unwrap_or(parameter.example);
        json!({ "key": parameter.name, "value": value, "description": parameter.about, "disabled": true })
    }));
    let post = endpoint.prefers_post();
    let mut request = json!({
        "method": if post { "POST" } else { "GET" },
        "header": [],
        "url": url(&place.path_of(endpoint.controller, endpoint.method), if post { &[] } else { &pairs }),
        "description": format!("{}\n\n{}", endpoint.reference.summary, endpoint.reference.about),
    });
    if let (true, Value::Object(members)) = (post, &mut request) {
        members.insert("body".to_owned(), json!({ "mode": "urlencoded", "urlencoded": pairs }));
    }
    json!({ "name": endpoint.method, "request": request, "response": [] })
}

fn url(path: &str, query: &[Value]) -> Value {
    let (path, asked) = path.split_once('?').unwrap_or((path, ""));
    let asked = asked.split_once('=').map(|(key, value)| json!({ "key": key, "value": value }));
    let query: Vec<Value> = asked.into_iter().chain(query.iter().cloned()).collect();
    let shown = |pair: &Value| {
        let text = |name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        pair.get("disabled").is_none().then(|| format!("{}={}", text("key"), text("value")))
    };
    let shown: Vec<String> = query.iter().filter_map(shown).collect();
    let mark = if shown.is_empty() { "" } else { "?" };
    json!({
        "raw": format!("{{{{site}}}}{path}{mark}{}", shown.join("&")),
        "host": ["{{site}}"],
        "path": path.trim_start_matches('/').split('/').collect::<Vec<_>>(),
        "query": query,
    })
}
