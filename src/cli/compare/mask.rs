//! How addresses and values of answers are shown: on one line and without secrets, values short as well.

use serde_json::Value;
use url::form_urlencoded;

use crate::cli::words::one_line;
use crate::http::endpoints::Endpoint;
use crate::http::endpoints::parameter::Kind;

/// Characters that are shown of a value.
const SHOWN: usize = 60;

/// Characters that two values may have in common before what they have in common is cut.
const COMMON: usize = 30;

/// What is in the name of a field that may hold a secret. Some harmless ones have it too; those are masked for nothing.
const SECRET: [&str; 29] = [
    "cookie",
    "pass",
    "pwd",
    "pw",
    "token",
    "secret",
    "nonce",
    "key",
    "auth",
    "session",
    "otp",
    "2fa",
    "mfa",
    "pin",
    "code",
    "hash",
    "salt",
    "credential",
    "bearer",
    "jwt",
    "signature",
    "csrf",
    "private",
    "recovery",
    "card",
    "cvc",
    "cvv",
    "iban",
    "ssn",
];

/// Any plugin keeps anything in a user's meta, under any name. Of these WordPress itself says what they hold.
const HARMLESS_META: [&str; 14] = [
    "status",
    "error",
    "first_name",
    "last_name",
    "nickname",
    "description",
    "locale",
    "rich_editing",
    "syntax_highlighting",
    "comment_shortcuts",
    "admin_color",
    "use_ssl",
    "show_admin_bar_front",
    "show_welcome_panel",
];

/// A query, encoded as it is sent, with secrets masked.
pub fn query(endpoint: &Endpoint, query: &str) -> String {
    let is_secret = |name: &str| {
        let known = endpoint.parameters.iter().find(|parameter| parameter.name == name);
        known.is_some_and(|parameter| parameter.kind == Kind::Secret)
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let shown = pairs.zip(form_urlencoded::parse(query.as_bytes())).map(|(pair, (name, text))| {
        let (written, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, key) = name.split_once('[').unwrap_or((&name, ""));
        let secret = is_secret(name);
        // Somebody may have sent a cookie under another name, or as a name.
        let written = if !key.is_empty() && (secret || holds_hash(key)) {
            format!("{name}[***]")
        } else {
            written.to_owned()
        };
        let value = if secret || holds_hash(&text) { "***" } else { value };
        format!("{written}={value}")
    });
    shown.collect::<Vec<_>>().join("&")
}

/// The path of a field. Some plugins name a user's meta after a session.
pub fn field(path: &str) -> String {
    match path {
        "" => "(all)".to_owned(),
        path if holds_hash(path) => "***".to_owned(),
        path => path.to_owned(),
    }
}

/// Two values at a path, which differ; `None` where an answer has none. What long ones have in common at their
/// beginning is left out.
pub fn shown(endpoint: &Endpoint, path: &str, live: Option<&Value>, service: Option<&Value>) -> [String; 2] {
    let texts = [live, service].map(|value| value.map(Value::to_string).unwrap_or_default());
    let [first, second] = &texts;
    let common = first.chars().zip(second.chars()).take_while(|(one, other)| one == other).count();
    let skipped = if common > COMMON { common - COMMON / 2 } else { 0 };
    let shown = |value: Option<&Value>, text: &str| match value {
        None => "nothing".to_owned(),
        Some(Value::Null | Value::Bool(_)) => text.to_owned(),
        Some(_) if is_secret(endpoint, path, text) => match text.chars().count() {
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

fn is_secret(endpoint: &Endpoint, path: &str, text: &str) -> bool {
    let top = path.split(['.', '[']).next().unwrap_or_default();
    let is_foreign_meta =
        endpoint.method == "get_user_meta" && !top.starts_with('(') && !HARMLESS_META.contains(&top);
    let path = path.to_ascii_lowercase();
    is_foreign_meta || SECRET.iter().any(|name| path.contains(name)) || holds_hash(text)
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
    use crate::http::endpoints;
    use serde_json::json;

    fn of(method: &str) -> &'static Endpoint {
        endpoints::find("user", method).unwrap()
    }

    #[test]
    fn of_a_user_s_meta_only_what_is_known_to_be_harmless_is_shown() {
        let told = |path: &str| {
            shown(of("get_user_meta"), path, Some(&json!("s3cret-1")), None)
                .map(|text| text.contains("s3cret"))
        };
        for path in ["color", "mobile", "backup[0]", "billing.phone", "", "first_name2", "nickname[0].otp"] {
            assert_eq!(told(path), [false; 2], "{path}");
        }
        for path in ["first_name[0]", "description", "(content type)", "error"] {
            assert_eq!(told(path), [true, false], "{path}");
        }
    }

    #[test]
    fn a_field_is_named_unless_its_name_is_a_secret() {
        assert_eq!(["", "user.id"].map(field), ["(all)", "user.id"]);
        assert_eq!(field("_session_0990862ade96e03f14290241051fecdeac61d51ad002ba3e[0]"), "***");
    }

    #[test]
    fn a_secret_in_an_address_is_masked_wherever_it_stands() {
        let hash = "pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx";
        for (method, sent, wanted) in [
            ("get_userinfo", "user_id=2&insecure=cool".to_owned(), "user_id=2&insecure=cool"),
            ("get_userinfo", format!("user_id=anna%7C17%7C{hash}%7C09"), "user_id=***"),
            ("get_userinfo", format!("user_id[anna%7C17%7C{hash}%7C09]=2&dev=1"), "user_id[***]=2&dev=1"),
            ("get_userinfo", "user_id=%24P%24Babc&user_id[a%5D]=2".to_owned(), "user_id=***&user_id[a%5D]=2"),
            ("get_user_meta", "cookie=x&meta_key=color".to_owned(), "cookie=***&meta_key=color"),
            ("get_user_meta", "cookie[x][y]=1".to_owned(), "cookie[***]=***"),
            ("get_user_meta", String::new(), ""),
        ] {
            assert_eq!(query(of(method), &sent), wanted, "{sent}");
        }
    }

    #[test]
    fn secrets_are_told_by_their_length_alone() {
        for (path, value, wanted) in [
            ("nonce", json!("7f3c52a9d1"), "*** (12 characters)"),
            ("user.session_tokens", json!(["a"]), "*** (5 characters)"),
            ("user.token", json!(7), "*** (1 character)"),
            ("user.mobile_pwd", json!(""), "*** (2 characters)"),
            ("user.OTP", json!(""), "*** (2 characters)"),
            ("user.zip_code", json!(""), "*** (2 characters)"),
            ("user.password_hash", json!(""), "*** (2 characters)"),
            ("user.credentials", json!(""), "*** (2 characters)"),
            ("user.Password", json!(null), "null"),
            (
                "nickname",
                json!("anna|1796507221|pQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx|09"),
                "*** (64 characters)",
            ),
            ("valid", json!(true), "true"),
            ("displayname", json!("Anna\nLind"), "\"Anna\\nLind\""),
        ] {
            assert_eq!(shown(of("get_userinfo"), path, Some(&value), None), [wanted, "nothing"], "{path}");
        }
    }

    #[test]
    fn of_long_values_the_place_where_they_differ_is_shown() {
        let value = |end: &str| json!(format!("{}{end}", "å ".repeat(100)));
        let [live, service] =
            shown(of("get_userinfo"), "description", Some(&value("live")), Some(&value("service")));
        assert_eq!(
            (live.as_str(), service.as_str()),
            ("… å å å å å å å live\"", "… å å å å å å å service\"")
        );
        let [whole, nothing] = shown(of("get_userinfo"), "description", Some(&value("")), None);
        assert_eq!((whole.chars().count(), nothing.as_str()), (SHOWN + 1, "nothing"));
        assert!(whole.ends_with('…'));
    }
}
