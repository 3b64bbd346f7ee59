//! `/docs` and `/openapi.json` as they are served.

use crate::app::{Setup, TestApp, dump};
use crate::http::{Request, Response};
use crate::server::Server;

const FILES: [(&str, &str); 4] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/page.css", "text/css; charset=utf-8"),
    ("/docs/page.js", "text/javascript; charset=utf-8"),
    ("/openapi.json", "application/json"),
];

/// The recorded site with other options.
pub fn site(options: &[(&str, &str)], settings: &[(&str, &str)]) -> TestApp {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    for (name, value) in options {
        server.exec(
            &database,
            &format!(
                "DELETE FROM wp_options WHERE option_name = '{name}'; \
                 INSERT INTO wp_options (option_name, option_value) VALUES ('{name}', '{value}')"
            ),
        );
    }
    let setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.8");
    settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value)).start()
}

fn is_the_services_own_404(answer: &Response) -> bool {
    (answer.status, answer.text().as_str()) == (404, r#"{"status":"error","error":"Not found."}"#)
}

#[test]
fn the_page_and_its_files_are_served_under_a_strict_policy_and_ask_no_other_host() {
    let app = site(&[], &[]);
    for (path, kind) in FILES {
        for verb in ["GET", "HEAD"] {
            let answer = app.send(&Request::new(verb, path));
            assert_eq!(answer.status, 200, "{verb} {path}");
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            let policies: Vec<&str> = answer
                .headers
                .iter()
                .filter(|(name, _)| name == "content-security-policy")
                .map(|(_, value)| value.as_str())
                .collect();
            let [policy] = policies[..] else { panic!("{policies:?}") };
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert!(answer.header("x-request-id").is_some());
            assert_eq!(answer.body.is_empty(), verb == "HEAD");
            // The document names the site, and nothing else names anything.
            if path != "/openapi.json" {
                assert!(!answer.text().contains("://"), "{path} names another host");
            }
        }
    }
    let page = app.get("/docs").text();
    for inline in ["<style", "style=", "onclick", "onload", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    assert!(!page.contains("<script>"));
    assert!(!app.get("/docs/page.js").text().contains("innerHTML"));
    let slash = app.get("/docs/");
    assert_eq!((slash.status, slash.header("location")), (308, Some("../docs")));
}

#[test]
fn the_document_is_that_of_the_site_as_it_is_at_that_moment() {
    let folder = [("home", "https://example.org/blog"), ("json_api_base", "mobile/v1")];
    let app = site(&folder, &[]);
    let document = app.get("/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let servers: Vec<&str> = document["servers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|server| server["url"].as_str().unwrap())
        .collect();
    assert_eq!(servers, ["/blog", "https://example.org/blog"]);
    // What it tells is what is answered.
    for (path, item) in document["paths"].as_object().unwrap() {
        let form = [("insecure", "cool")];
        let answer = app.send(&Request::post(&format!("/blog{path}"), &form)).json();
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(!error.starts_with("Unknown") && error != "Not found.", "{path}: {error}");
        assert!(item["post"].is_object() && item["get"].is_object());
    }
}

#[test]
fn a_site_that_moves_has_another_document_at_once() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let path =
        || app.get("/openapi.json").json()["paths"].as_object().unwrap().keys().nth(2).unwrap().clone();
    assert_eq!((path(), path()), ("/api/user/info/".to_owned(), "/api/user/info/".to_owned()));
    let moved = "INSERT INTO wp_options (option_name, option_value) VALUES ('json_api_base', 'mobile')";
    server.exec(&database, moved);
    app.refresh();
    assert_eq!(path(), "/mobile/user/info/");
}

#[test]
fn without_pretty_addresses_the_methods_are_asked_by_the_variable_json() {
    let app = site(&[("json_api_base", "")], &[]);
    let document = app.get("/openapi.json").json();
    let (path, _) = document["paths"].as_object().unwrap().iter().nth(2).unwrap();
    assert_eq!(path, "/?json=user/info");
    assert_eq!(app.get(&format!("{path}&insecure=cool")).json()["version"], "3.6.0");
}

#[test]
fn switched_off_nothing_of_it_is_there() {
    let app = site(&[], &[("docs.enabled", "false")]);
    for path in FILES.map(|(path, _)| path).into_iter().chain(["/docs/"]) {
        let answer = app.get(path);
        assert!(is_the_services_own_404(&answer), "{path}: {}", answer.text());
    }
    assert_eq!(app.get("/api/user/info/?insecure=cool").status, 200);
}

#[test]
fn what_the_site_has_at_these_paths_wins() {
    let app = site(&[("json_api_base", "docs")], &[]);
    assert_eq!(app.get("/docs/user/info/?insecure=cool").json()["version"], "3.6.0");
    assert_eq!(app.get("/docs").json()["json_api_version"], "2.3.0");
    let document = app.get("/openapi.json").json();
    assert!(document["paths"]["/docs/user/info/"].is_object());
    // The variable json asks for a method at any path.
    let app = site(&[], &[]);
    for path in ["/docs", "/openapi.json"] {
        let answer = app.get(&format!("{path}?json=user/info&insecure=cool"));
        assert_eq!(answer.json()["version"], "3.6.0", "{path}");
        assert_eq!(app.send(&Request::post(&format!("{path}?json=info"), &[])).status, 200);
        assert!(is_the_services_own_404(&app.send(&Request::post(path, &[]))), "{path}");
        assert_eq!(app.send(&Request::new("OPTIONS", path)).status, 204);
        assert_eq!(app.send(&Request::new("PUT", path)).status, 405);
    }
    assert!(is_the_services_own_404(&app.get("/docs/page.html")));
}
