//! Where two answers differ: status, type, wrapping, and the JSON by value, field by field.
//!
//! Spelling does not count: `\/` and `/`, indentation, the case of a charset. The order of fields does, since the
//! service keeps it and some apps read it. What is deliberate is not known here.

use serde_json::{Map, Value};

use super::content::Content;
use super::side::Answer;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// `user.capabilities.editor`, `list[2]`, or in parentheses what is no field.
    pub path: String,
    /// `None` where the answer has none.
    pub live: Option<Value>,
    pub service: Option<Value>,
}

/// All differences of two answers, in the order of the live one.
pub fn between(live: (&Answer, &Content), service: (&Answer, &Content)) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut whole = |path: &str, live: Value, service: Value| {
        if live != service {
            found.push(Difference { path: path.to_owned(), live: Some(live), service: Some(service) });
        }
    };
    whole("(status)", live.0.status.into(), service.0.status.into());
    whole("(content type)", spelled(&live.0.content_type).into(), spelled(&service.0.content_type).into());
    whole("(callback)", live.1.callback.clone().into(), service.1.callback.clone().into());
    values("", &live.1.value, &service.1.value, &mut found);
    found
}

/// A content type without what no reader looks at.
fn spelled(content_type: &str) -> String {
    content_type.to_ascii_lowercase().split(';').map(str::trim).collect::<Vec<_>>().join("; ")
}

fn values(path: &str, live: &Value, service: &Value, found: &mut Vec<Difference>) {
    match (live, service) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let before = found.len();
            for (name, live) in ours {
                match theirs.get(name) {
                    Some(service) => values(&below(name), live, service, found),
                    None => push(below(name), Some(live), None, found),
                }
            }
            for (name, service) in theirs.iter().filter(|(name, _)| !ours.contains_key(*name)) {
                push(below(name), None, Some(service), found);
            }
            if found.len() == before && !ours.keys().eq(theirs.keys()) {
                let names = |object: &Map<String, Value>| object.keys().cloned().collect::<Value>();
                push(format!("{path}(order of fields)"), Some(&names(ours)), Some(&names(theirs)), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            for at in 0..ours.len().max(theirs.len()) {
                let below = format!("{path}[{at}]");
                match (ours.get(at), theirs.get(at)) {
                    (Some(live), Some(service)) => values(&below, live, service, found),
                    (live, service) => push(below, live, service, found),
                }
            }
        }
        _ if live == service => {}
        _ => push(path.to_owned(), Some(live), Some(service), found),
    }
}

fn push(path: String, live: Option<&Value>, service: Option<&Value>, found: &mut Vec<Difference>) {
    found.push(Difference { path, live: live.cloned(), service: service.cloned() });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(live: &str, service: &str) -> Vec<String> {
        let answer = |content_type: &str, body: &str| Answer {
            status: 200,
            content_type: content_type.to_owned(),
            location: None,
            by_service: false,
            body: body.as_bytes().to_vec(),
        };
        let live = answer("application/json; charset=UTF-8", live);
        let service = answer("application/json;charset=utf-8", service);
        let (of_live, of_service) = (Content::of(&live).unwrap(), Content::of(&service).unwrap());
        between((&live, &of_live), (&service, &of_service)).into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn spelling_is_no_difference() {
        assert_eq!(paths(r#"{"a":"x\/\u00e9","b":[1,{}]}"#, "{ \"a\": \"x/é\",\n \"b\": [1, {}] }"), [""; 0]);
    }

    #[test]
    fn each_field_that_differs_is_named() {
        let live = r#"{"user":{"id":1,"capabilities":{"editor":true},"old":1},"list":[1,[2,3]]}"#;
        let service = r#"{"user":{"id":"1","capabilities":{"editor":false},"new":1},"list":[1,[2,4],5]}"#;
        assert_eq!(
            paths(live, service),
            ["user.id", "user.capabilities.editor", "user.old", "user.new", "list[1][1]", "list[2]"]
        );
        assert_eq!(paths("[]", "{}"), [""]);
        assert_eq!(paths(r#"f({"a":1})"#, r#"g({"a":1})"#), ["(callback)"]);
    }

    #[test]
    fn the_order_of_fields_counts_where_nothing_else_differs() {
        assert_eq!(paths(r#"{"u":{"a":1,"b":2}}"#, r#"{"u":{"b":2,"a":1}}"#), ["u(order of fields)"]);
        assert_eq!(paths(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":3}"#), ["a"]);
    }
}
