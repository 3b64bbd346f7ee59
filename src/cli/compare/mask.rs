//! How values of answers are shown: short, on one line, and without secrets.

use serde_json::Value;

use crate::cli::words::one_line;

/// Characters that are shown of a value.
const SHOWN: usize = 60;

/// What is in the name of a field that holds a secret.
const SECRET: [&str; 8] = ["cookie", "pass", "token", "secret", "nonce", "key", "auth", "session"];

/// A value at a path; `None` where the answer has none.
pub fn shown(path: &str, value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    if is_secret(path, &text) && !matches!(value, Value::Null | Value::Bool(_)) {
        return format!("*** ({} characters)", text.chars().count());
    }
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    one_line(&short)
}

fn is_secret(path: &str, text: &str) -> bool {
    let path = path.to_ascii_lowercase();
    SECRET.iter().any(|name| path.contains(name)) || holds_hash(text)
}

/// Cookies, tokens and hashes have long runs of letters and digits wherever they stand.
fn holds_hash(text: &str) -> bool {
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
            ("user.Password", json!(null), "null"),
            (
                "nickname",
                json!("anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|09"),
                "*** (65 characters)",
            ),
            ("valid", json!(true), "true"),
            ("displayname", json!("Anna\nLind"), "\"Anna\\nLind\""),
        ] {
            assert_eq!(shown(path, Some(&value)), wanted, "{path}");
        }
        assert_eq!(shown("a", None), "nothing");
    }

    #[test]
    fn long_values_are_cut() {
        let text = shown("description", Some(&json!("å ".repeat(100))));
        assert_eq!(text.chars().count(), SHOWN + 1);
        assert!(text.ends_with('…'));
    }
}
