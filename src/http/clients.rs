//! Collections of ready calls, made of the table of endpoints: for Postman, and for editors that send `.http` files.

mod http_file;
mod postman;

use super::endpoints::parameter::{Kind, Parameter};
use super::endpoints::{Endpoint, Gate};

pub use http_file::http_file;
pub use postman::postman;

/// What a call of the collections sends: names and values, secrets as variables of the collection.
fn sent(endpoint: &Endpoint) -> Vec<(String, String)> {
    let own = endpoint.shown().map(|parameter| {
        let (name, value) = match parameter.kind {
            Kind::Any => parameter.example.split_once('=').unwrap_or((parameter.example, "")),
            Kind::Map => return map_entry(parameter),
            _ => (parameter.name, variable(parameter).unwrap_or(parameter.example)),
        };
        (name.to_owned(), value.to_owned())
    });
    let gated = (endpoint.gate != Gate::Open).then(|| ("insecure".to_owned(), "cool".to_owned()));
    own.chain(gated).collect()
}

fn map_entry(parameter: &Parameter) -> (String, String) {
    let (key, value) = parameter.example.split_once('=').unwrap_or((parameter.example, ""));
    (format!("{}[{key}]", parameter.name), value.to_owned())
}

/// The variable that stands for a value which each user has his own of.
fn variable(parameter: &Parameter) -> Option<&'static str> {
    match parameter.name {
        "cookie" => Some("{{cookie}}"),
        "nonce" => Some("{{nonce}}"),
        "password" => Some("{{password}}"),
        "username" if parameter.example == "anna" => Some("{{username}}"),
        _ => None,
    }
}
