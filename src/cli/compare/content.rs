//! What an answer says: its JSON, however it is wrapped.

use serde_json::Value;

use super::side::Answer;

/// The JSON of an answer.
#[derive(Debug)]
pub struct Content {
    /// The function that JSONP calls.
    pub callback: Option<String>,
    pub value: Value,
}

impl Content {
    /// Reads it; in words why it cannot be read. The body itself is not quoted: nobody knows what is in it.
    pub fn of(answer: &Answer) -> Result<Self, String> {
        let body = answer.body.trim_ascii();
        if let Ok(value) = serde_json::from_slice(body) {
            return Ok(Self { callback: None, value });
        }
        if let Some((callback, json)) = jsonp(body)
            && let Ok(value) = serde_json::from_slice(json)
        {
            return Ok(Self { callback: Some(String::from_utf8_lossy(callback).into_owned()), value });
        }
        let Answer { status, content_type, .. } = answer;
        if let Some(location) = &answer.location {
            return Err(format!("redirects to {location} (status {status})"));
        }
        let what = if body.is_empty() {
            "an empty body".to_owned()
        } else if let Some(before) = before_json(body) {
            format!("{before} bytes before the JSON, such as a PHP notice or a byte order mark")
        } else {
            format!("{} bytes", body.len())
        };
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let kind = if kind.is_empty() { "no type" } else { kind };
        let advice = if *status == 404 {
            "; are plugin and controller active there, and is that its base?"
        } else {
            ""
        };
        Err(format!("did not answer JSON: status {status}, {kind}, {what}{advice}"))
    }
}

/// `name(…)`
fn jsonp(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = body.strip_suffix(b";").unwrap_or(body).strip_suffix(b")")?;
    let (callback, json) = inner.split_at_checked(inner.iter().position(|byte| *byte == b'(')?)?;
    Some((callback, json.get(1..)?))
}

/// How much stands before an object that ends the body.
fn before_json(body: &[u8]) -> Option<usize> {
    let at = body.windows(10).position(|part| part == b"{\"status\":")?;
    serde_json::from_slice::<Value>(body.get(at..)?).ok().map(|_| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Result<(Option<String>, Value), String> {
        let answer = Answer {
            status: 200,
            content_type: content_type.to_owned(),
            location: None,
            by_service: false,
            body: body.as_bytes().to_vec(),
        };
        Content::of(&answer).map(|content| (content.callback, content.value))
    }

    #[test]
    fn json_is_found_in_its_wrappings() {
        let ok = serde_json::json!({"status": "ok"});
        assert_eq!(read("", " {\"status\":\"ok\"}\n"), Ok((None, ok.clone())));
        assert_eq!(read("", "a.b[0]({\"status\":\"ok\"})"), Ok((Some("a.b[0]".into()), ok)));
    }

    #[test]
    fn what_is_no_json_is_described_and_not_quoted() {
        let told = |kind, body| read(kind, body).unwrap_err();
        assert_eq!(
            told("text/html; charset=UTF-8", "<b>secret</b>"),
            "did not answer JSON: status 200, text/html, 13 bytes"
        );
        assert_eq!(
            told("application/json", "<br />Notice: x{\"status\":\"ok\"}"),
            "did not answer JSON: status 200, application/json, 15 bytes before the JSON, such as a PHP notice or \
             a byte order mark"
        );
        assert_eq!(told("", ""), "did not answer JSON: status 200, no type, an empty body");
        assert!(told("", "f(x)").contains("4 bytes"));
    }
}
