//! `wp-sidecar openapi` as a person types it.

use std::process::Command;

use wp_sidecar::http::routes::Place;
use wp_sidecar::http::{clients, openapi};

fn printed(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_wp-sidecar")).arg("openapi").args(arguments).output();
    let done = done.expect("the binary runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

#[test]
fn it_prints_the_document_without_settings_or_a_database() {
    let document: serde_json::Value = serde_json::from_str(&printed(&[])).expect("JSON");
    assert_eq!(document, openapi::document(openapi::USUAL, &[openapi::USUAL.home]));
    let document: serde_json::Value =
        serde_json::from_str(&printed(&["--site", "https://example.org/blog/", "--base", "mobile"])).unwrap();
    assert_eq!(document["servers"][0]["url"], "https://example.org/blog");
    assert!(document["paths"]["/mobile/auth/clear_auth_cookie/"].is_object());
}

#[test]
fn it_prints_the_collections_for_a_site() {
    let place = Place { home: "https://example.org/blog", base: "mobile" };
    let site = ["--site", place.home, "--base", place.base];
    assert_eq!(printed(&[&site[..], &["--format", "postman"]].concat()), clients::postman(place));
    assert_eq!(printed(&[&site[..], &["--format", "http"]].concat()), clients::http_file(place));
}

#[test]
fn what_no_client_could_call_is_refused() {
    for arguments in [
        ["--site", "example.org"],
        ["--site", ""],
        ["--site", "javascript:alert(1)"],
        ["--site", "http://"],
        ["--base", "\u{fc} x"],
        ["--base", "x\"y"],
    ] {
        let done = Command::new(env!("CARGO_BIN_EXE_wp-sidecar")).arg("openapi").args(arguments).output();
        let done = done.expect("the binary runs");
        let text = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success() && done.stdout.is_empty(), "{arguments:?}");
        assert!(text.contains("expected a") && text.contains(arguments[0]), "{text}");
    }
    // A base of other letters is written as it is sent.
    assert!(printed(&["--base", "m%C3%BC/v1"]).contains("/m%C3%BC/v1/auth/"));
}
