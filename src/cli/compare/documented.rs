//! Which differences are deliberate: the lines of `docs/differences.md` that a method which only reads can show.
//!
//! A rule looks at the two values, not only at the field, so that it hides nothing else.

use serde_json::Value;

use super::difference::Difference;
use super::requests::Asked;
use super::side::Answer;
use crate::account::protected_meta::ProtectedMeta;
use crate::http::error::ApiError;

/// The number of the line that says so, of one difference.
pub fn number(found: &Difference, asked: &Asked, protected: &ProtectedMeta) -> Option<&'static str> {
    let field = found.path.rsplit('.').next().unwrap_or_default();
    match (asked.endpoint.controller, asked.endpoint.method) {
        _ if field == "avatar" => avatar(found).then_some("D2"),
        ("user", "get_user_meta") => {
            let is_kept_back = match &found.service {
                // The list of all keys goes without it; asked for by name it is an empty list, of which items lack.
                None => true,
                Some(service) => *service == Value::Array(Vec::new()),
            };
            let top = found.path.split('[').next().unwrap_or_default();
            (is_kept_back && protected.is_secret_name(top)).then_some("D6")
        }
        ("user", "xprofile") => {
            let is_field = !found.path.starts_with('(') && found.live.is_some();
            (is_field && found.service.as_ref().is_some_and(|service| service == "")).then_some("D11")
        }
        _ => None,
    }
}

/// The plugin has null, or an ampersand that is escaped.
fn avatar(found: &Difference) -> bool {
    match (&found.live, &found.service) {
        (Some(Value::Null), Some(Value::String(_))) => true,
        (Some(Value::String(live)), Some(Value::String(service))) => {
            live.contains("&#038;") && live.replace("&#038;", "&") == *service
        }
        _ => false,
    }
}

/// The number, where a whole answer is another: `content` is the service's JSON.
pub fn number_of_answer(live: &Answer, content: &Value, asked: &Asked) -> Option<&'static str> {
    let error = content.get("error").and_then(Value::as_str);
    if live.status == 200 && error == Some(ApiError::Callback.to_string().as_str()) {
        return Some("D19");
    }
    // Without the service's own refusal it may be any crash, of every request.
    let is_refused = content.get("status").is_some_and(|status| status == "error");
    let crashed = live.status == 500 && asked.odd && is_refused;
    // PHP's json_encode() gives nothing for text that is not UTF-8, and the service shows U+FFFD there.
    let mute = live.status == 200 && live.body.is_empty() && content.to_string().contains('\u{fffd}');
    (crashed || mute).then_some("D3")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoints;
    use serde_json::json;

    fn found(live: Option<Value>, service: Option<Value>) -> Difference {
        Difference { path: "user.avatar".to_owned(), live, service }
    }

    #[test]
    fn a_crash_is_documented_only_where_the_service_refuses_what_php_stumbles_over() {
        let live = Answer {
            status: 500,
            content_type: "text/html".to_owned(),
            location: None,
            by_service: false,
            body: b"<p>There has been a critical error on this website.</p>".to_vec(),
        };
        let asked = |odd| Asked {
            endpoint: endpoints::find("user", "get_userinfo").unwrap(),
            path: "/api/user/get_userinfo/".to_owned(),
            query: String::new(),
            odd,
            lines: 1,
        };
        let (refusal, answer) = (json!({"status": "error", "error": "x"}), json!({"status": "ok"}));
        assert_eq!(number_of_answer(&live, &refusal, &asked(true)), Some("D3"));
        assert_eq!(number_of_answer(&live, &answer, &asked(true)), None);
        assert_eq!(number_of_answer(&live, &refusal, &asked(false)), None);
    }

    #[test]
    fn an_avatar_differs_as_documented_in_two_ways_only() {
        let url = |and: &str| Some(json!(format!("//g.test/x?s=32{and}r=g")));
        assert!(avatar(&found(Some(json!(null)), url("&"))));
        assert!(avatar(&found(url("&#038;"), url("&"))));
        for (live, service) in [
            (url("&"), Some(json!(null))),
            (url("&#038;s=9&#038;"), url("&")),
            (url("&"), url("&amp;")),
            (None, url("&")),
            (Some(json!(null)), None),
        ] {
            assert!(!avatar(&found(live, service)));
        }
    }
}
