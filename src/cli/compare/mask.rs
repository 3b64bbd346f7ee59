//! How values of answers are shown: short, on one line, and without secrets.

use serde_json::Value;

use crate::cli::words::one_line;

/// Characters that are shown of a value.
const SHOWN: usize = 60;

/// Characters that two values may have in common before what they have in common is cut.
const COMMON: usize = 30;

/// What is in the name of a field that holds a secret.
const SECRET: [&str; 8] = ["cookie", "pass", "token", "secret", "nonce", "key", "auth", "session"];

/// Two values at a path, which differ; `None` where an answer has none. What long ones have in common at their
/// beginning is left out.
pub fn shown(path: &str, live: Option<&Value>, service: Option<&Value>) -> [String; 2] {
    let texts = [live, service].map(|value| value.map(Value::to_string).unwrap_or_default());
    let [first, second] = &texts;
    let common = first.chars().zip(second.chars()).take_while(|(one, other)| one == other).count();
    let skipped = if common > COMMON { common - COMMON / 2 } else { 0 };
    let shown = |value: Option<&Value>, text: &str| match value {
        None => "nothing".to_owned(),
        Some(Value::Null | Value::Bool(_)) => text.to_owned(),
        Some(_) if is_secret(path, text) => match text.chars().count() {
            1 => "*** (1 character)".to_owned(),
            count => format!("*** ({count} characters)"),
        },
        Some(_) => short(text, skipped),
    };
    [shown(live, first), shown(service, second)]
}

fn short(text: &str, skipped: usize) -> String {
    let mut rest = text.chars().skip(skipped);
    let mut short = if skipped > 0 { "…".to_owned() } else { String::new() };
    short.extend(rest.by_ref().take(SHOWN));
    if rest.next().is_some() {
        short.push('…');
    }
    one_line(&short)
}

fn is_secret(path: &str, text: &str) -> bool {
    let path = path.to_ascii_lowercase();
    SECRET.iter().any(|name| path.contains(name)) || holds_hash(text)
}

/// Cookies, tokens and hashes have long runs of letters and digits wherever they stand.
pub fn holds_hash(text: &str) -> bool {
    let run = |part: &str| part.len() >= 40;
    text.contains("$P$")
        || text.contains("$2y$")
        || text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|part| run(part) && part.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_told_by_their_length_alone() {
        for (path, value, wanted) in [
            ("nonce", json!("7f3c52a9d1"), "*** (12 characters)"),
            ("user.session_tokens", json!(["a"]), "*** (5 characters)"),
            ("user.token", json!(7), "*** (1 character)"),
            ("user.Password", json!(null), "null"),
            (
                "nickname",
                json!("anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|09"),
                "*** (64 characters)",
            ),
            ("valid", json!(true), "true"),
            ("displayname", json!("Anna\nLind"), "\"Anna\\nLind\""),
        ] {
            assert_eq!(shown(path, Some(&value), None), [wanted, "nothing"], "{path}");
        }
    }

    #[test]
    fn of_long_values_the_place_where_they_differ_is_shown() {
        let value = |end: &str| json!(format!("{}{end}", "å ".repeat(100)));
        let [live, service] = shown("description", Some(&value("live")), Some(&value("service")));
        assert_eq!(
            (live.as_str(), service.as_str()),
            ("… å å å å å å å live\"", "… å å å å å å å service\"")
        );
        let [whole, nothing] = shown("description", Some(&value("")), None);
        assert_eq!((whole.chars().count(), nothing.as_str()), (SHOWN + 1, "nothing"));
        assert!(whole.ends_with('…'));
    }
}
