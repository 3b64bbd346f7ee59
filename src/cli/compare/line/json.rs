//! Logs of one JSON object a line: Caddy's own, and what people tell nginx and others to write.

use serde_json::Value;

use super::{Logged, request_line, target};

pub(super) fn request(line: &[u8]) -> Option<Logged> {
    let line: Value = serde_json::from_slice(line).ok()?;
    match line.get("request") {
        // Caddy: {"request": {"method": "GET", "uri": "/path?query", …}, …}
        Some(request @ Value::Object(_)) => of_parts(request),
        Some(Value::String(request)) => request_line(request.as_bytes()),
        _ => of_parts(&line),
    }
}

fn of_parts(parts: &Value) -> Option<Logged> {
    let text = |names: &[&str]| names.iter().find_map(|name| parts.get(*name)?.as_str());
    let verb = text(&["method", "request_method", "verb"])?;
    target(verb, text(&["uri", "request_uri", "url", "path"])?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_found_under_the_names_that_are_in_use() {
        for line in [
            r#"{"level":"info","logger":"http.log.access","request":{"remote_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"example.org","uri":"/api/info/?dev=1"},"status":200}"#,
            r#"{"time":"x","request":"GET /api/info/?dev=1 HTTP/1.1","status":"200"}"#,
            r#"{"request_method":"GET","request_uri":"/api/info/?dev=1"}"#,
            r#"{"method":"GET","url":"https://example.org/api/info/?dev=1"}"#,
        ] {
            let wanted = Logged { verb: "GET".into(), path: "/api/info/".into(), query: b"dev=1".to_vec() };
            assert_eq!(request(line.as_bytes()), Some(wanted), "{line}");
        }
        for line in
            [r#"{"request":7}"#, r#"{"method":"GET"}"#, r#"{"method":"GET","uri":7}"#, r#"{"a":"#, "{}"]
        {
            assert_eq!(request(line.as_bytes()), None, "{line}");
        }
    }
}
