//! What is sent of a log and what is shown of it: no method that writes, and no secret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use wp_sidecar::http::endpoints::ENDPOINTS;

use super::{TOKEN, compare, cookie_of, log_of, part, site};
use crate::plugins::{Answer, Plugins, Recorded};

#[test]
fn a_method_that_writes_is_sent_to_nobody_however_it_is_spelled() {
    let site = site();
    let john = cookie_of(&site, "john");
    let plugins = Plugins::answering(&[]);
    let before = site.content();
    let parameters = format!(
        "insecure=cool&cookie={}&meta_key=color&meta_value=red&color=red&username=john&password=side-car-1\
         &user_login=john&post_id=1&content=x&comment_status=1&access_token=x&email=n@example.org&nonce=1&Location=x",
        john.replace('|', "%7C")
    );
    let mut log = String::new();
    let mut count = 0;
    for method in [
        "user/register",
        "user/generate_auth_cookie",
        "user/update_user_meta",
        "user/update_user_meta_vars",
        "user/delete_user_meta",
        "user/retrieve_password",
        "user/fb_connect",
        "user/post_comment",
        "user/xprofile_update",
        "auth/generate_auth_cookie",
        "auth/clear_auth_cookie",
    ] {
        let (dotted, upper) = (method.replace('/', "."), method.to_uppercase());
        for target in [
            format!("/api/{method}/?{parameters}"),
            format!("/api/{method}?{parameters}"),
            format!("//api//{method}//?{parameters}"),
            format!("/api/{dotted}/?{parameters}"),
            format!("/api/{upper}/?{parameters}"),
            format!("/index.php/api/{method}/?{parameters}"),
            format!("/?json={method}&{parameters}"),
            format!("/?json={dotted}&{parameters}"),
            format!("/?{parameters}&%6As%6Fn={}", upper.replace('/', "%2F")),
            format!("/index.php?json={method}&{parameters}"),
            format!("/api/user/info/?json={method}&{parameters}"),
            format!("/?json=user/info&json={method}&{parameters}"),
            format!("http://evil.example/api/{method}/?{parameters}"),
        ] {
            for verb in ["GET", "POST", "HEAD"] {
                let _ = writeln!(log, "192.0.2.7 - - [x] \"{verb} {target} HTTP/1.1\" 200 1 \"-\" \"-\"");
                count += 1;
            }
        }
    }
    // Without the base in front, escapes in a path name nothing.
    let _ = writeln!(log, "/%61pi/user/register/?{parameters}\n/api/user%2Fregister/?{parameters}");
    let done = compare(&site, &plugins.url(), &log, &["--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["status"], &report["endpoints"]), (2, &json!("incomplete"), &json!([])));
    assert_eq!(report["skipped"], json!({"writes": count, "php": 1, "other": 1}));
    assert_eq!(plugins.take_asked(), [""; 0]);
    assert_eq!(site.content(), before);
}

#[test]
fn the_table_calls_those_methods_reading_that_were_recorded_to_write_nothing() {
    let text = include_str!("../../../fixtures/recordings/user-and-auth.wordpress-6.8.8.json");
    let entries: Vec<Value> = serde_json::from_str(text).expect("recordings");
    let mut writing = BTreeSet::new();
    for entry in &entries {
        let path = entry["request"]["path"].as_str().expect("a path").to_lowercase();
        if entry["db"] != json!([]) || entry["mail"] != json!([]) {
            writing.insert(path.trim_start_matches("/api/").trim_end_matches('/').to_owned());
        }
    }
    for endpoint in ENDPOINTS {
        let name = format!("{endpoint:?}");
        // fb_connect was recorded with errors alone, clear_auth_cookie is the service's own.
        let is_known = matches!(name.as_str(), "user/fb_connect" | "auth/clear_auth_cookie");
        assert_eq!(!endpoint.reads_only, writing.contains(&name) || is_known, "{name}");
    }
}

#[test]
fn no_secret_of_a_log_or_of_an_answer_is_shown() {
    let site = site();
    let john = cookie_of(&site, "john");
    let secrets = [TOKEN, part(&john, 3), "s3cret-login", "7e57ab1e00", "live-answer-secret"];
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let kind = "application/json; charset=UTF-8";
    let asked = |path: &str, given: &[(&str, &str)], body: &str| Recorded {
        id: String::new(),
        path: format!("/api/{path}/"),
        pairs: pairs(given),
        answer: Answer::new(200, kind, body),
    };
    let body = format!(
        r#"{{"status":"ok","nonce":"7e57ab1e00","session_key":"live-answer-secret","nickname":"{john}"}}"#
    );
    let recorded = [
        asked("get_nonce", &[("controller", "user"), ("method", "register"), ("cookie", &john)], &body),
        asked("user/get_user_meta", &[("cookie", &john), ("insecure", "cool")], &body),
        asked(
            "user/validate_auth_cookie",
            &[("cookie", &john), ("password", "s3cret-login")],
            "live-answer-secret",
        ),
        asked("user/generate_auth_cookie", &[("username", "x"), ("password", "s3cret-login")], ""),
    ];
    let plugins = Plugins::answering(&recorded);
    let log =
        log_of(&recorded) + "x \"GET /api/user/info/?key=s3cret-login&access_token=s3cret-login HTTP/1.1\"\n";
    for more in [&[][..], &["--json"][..]] {
        let done = compare(&site, &plugins.url(), &log, more);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stdout.contains("session_key") && done.stdout.contains("cookie=***"), "{done:?}");
        for secret in secrets {
            assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "{secret}: {done:?}");
        }
    }
    assert!(!plugins.take_asked().is_empty());
}

#[test]
fn the_page_of_commands_names_every_reason_for_which_a_line_is_not_asked() {
    let page = std::fs::read_to_string(crate::app::project("docs/commands.md")).expect("the page");
    let code = std::fs::read_to_string(crate::app::project("src/cli/compare/requests/skipped.rs"))
        .expect("the code");
    let code = code.split_once("fn name(").expect("the names").1.split_once("\n    }\n").expect("its end").0;
    let names: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    assert_eq!(crate::well::rows(&page, "| not asked |"), names);
}
