//! Query and body of a request: the first line of the input is the query, the rest is the body, read as a form and
//! as JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;
use wp_sidecar::http::params::{Body, Param, ParamKey, Params, ParamsError};
use wp_sidecar_fuzz::parameters::{parse, variables};

fuzz_target!(|bytes: &[u8]| {
    let mut halves = bytes.splitn(2, |&byte| byte == b'\n');
    let query = halves.next().unwrap_or_default();
    let body = halves.next().unwrap_or_default();

    let alone = parse(query, Body::None);
    let pieces = query.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty()).count();
    assert!(pieces <= 1000 || alone.is_err());
    assert!(pieces > 1000 || alone != Err(ParamsError::TooManyVariables));

    if let Ok(form) = parse(query, Body::Urlencoded(body))
        && let Some(variables) = variables(&form)
    {
        let again: Vec<String> =
            variables.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let again = again.join("&");
        let as_query = Params::parse(again.as_bytes(), Body::None).expect("no more than before");
        assert!(as_query.iter().eq(form.iter()), "{again}");
        let as_body = Params::parse(b"", Body::Urlencoded(again.as_bytes())).expect("no more than before");
        assert!(as_body.iter().eq(form.iter()), "{again}");
    }

    if let (Ok(alone), Ok(json)) = (&alone, parse(query, Body::Json(body))) {
        let object = serde_json::from_slice(body).ok().and_then(|value: Value| value.as_object().cloned());
        match object {
            // Names with a meaning of their own, such as `a[b]`, are the form's business.
            Some(object) if object.keys().all(|name| is_plain(name)) => {
                for (name, value) in &object {
                    assert_same(value, json.get(name).expect("a member is a parameter"));
                }
            }
            Some(_) => {}
            None if is_json_object(body) => {}
            None => assert!(json.iter().eq(alone.iter()), "no JSON, and yet it gave parameters"),
        }
    }
});

fn escaped(text: &[u8]) -> String {
    text.iter().map(|byte| format!("%{byte:02X}")).collect()
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// serde_json refuses numbers beyond its types and deep nesting; what it passes over it does not look into.
fn is_json_object(body: &[u8]) -> bool {
    serde_json::from_slice::<std::collections::BTreeMap<String, IgnoredAny>>(body).is_ok()
}

fn assert_same(value: &Value, param: &Param) {
    match (value, param) {
        (Value::String(text), Param::Text(found)) => assert_eq!(text.as_bytes(), found),
        (Value::Bool(true), Param::Text(found)) => assert_eq!(found, b"1"),
        (Value::Null | Value::Bool(false), Param::Text(found)) => assert_eq!(found, b""),
        (Value::Number(number), Param::Text(found)) => {
            let found: Value = serde_json::from_slice(found).expect("a number stays as written");
            assert_eq!(found, Value::Number(number.clone()));
        }
        (Value::Array(list), Param::Array(elements)) => {
            assert_eq!(list.len(), elements.len());
            for (at, (value, (key, param))) in list.iter().zip(elements).enumerate() {
                assert_eq!(key, &ParamKey::Int(i64::try_from(at).expect("a small list")));
                assert_same(value, param);
            }
        }
        (Value::Object(object), Param::Array(elements)) => {
            assert_eq!(object.len(), elements.len());
            for ((name, value), (key, param)) in object.iter().zip(elements) {
                assert_eq!(key, &ParamKey::from_text(name.as_bytes()));
                assert_same(value, param);
            }
        }
        _ => panic!("{value} became {param:?}"),
    }
}
