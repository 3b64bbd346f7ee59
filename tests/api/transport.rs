//! JSON API's transport: addresses, parameters, forms of answers, the https gate, errors.

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::http::Request;
use crate::server::Server;

const INFO: &str = r#"{"status":"ok","version":"3.6.0"}"#;

fn app() -> TestApp {
    TestApp::recorded(Server::mariadb(), "6.8")
}

#[test]
fn every_way_to_write_an_address_reaches_the_method() {
    let app = app();
    for target in [
        "/api/user/info/?insecure=cool",
        "/api/user/info?insecure=cool",
        "/api/user.info/?insecure=cool",
        "/api/USER/Info/?insecure=cool",
        "//api///user//info//?insecure=cool",
        "/index.php/api/user/info/?insecure=cool",
        "/?json=user/info&insecure=cool",
        "/?json=user.info&insecure=cool",
        "/index.php?json=user%2Finfo&insecure=cool",
        "/2024/02/some-post/?json=user.info&insecure=cool",
        "/api/get_nonce/?json=user.info&insecure=cool",
        "/api/user/info/?json=&insecure=cool",
        "/api/user/info/?p=1&page_id=2&author=1&name=x&insecure=cool",
    ] {
        assert_eq!(app.get(target).text(), INFO, "{target}");
        let posted = app.send(&Request::post(target, &[("time", "1")]));
        assert_eq!(posted.text(), INFO, "POST {target}");
    }
    assert_eq!(app.get("/api/").json()["json_api_version"], "2.3.0");
    let nowhere = app.get("/API/user/info/?insecure=cool");
    assert_eq!(
        (nowhere.status, nowhere.text().as_str()),
        (404, r#"{"status":"error","error":"Not found."}"#)
    );
}

#[test]
fn the_sites_own_path_and_base_count() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "UPDATE wp_options SET option_value = 'http://127.0.0.1:8068/blog/' WHERE option_name = 'home'; \
         INSERT INTO wp_options (option_name, option_value) VALUES ('json_api_base', 'mobile')",
    );
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    assert_eq!(app.get("/blog/mobile/user/info/?insecure=cool").text(), INFO);
    assert_eq!(app.get("/blog/index.php/mobile/user/info/?insecure=cool").text(), INFO);
    assert_eq!(app.get("/mobile/user/info/?insecure=cool").status, 404);
    assert_eq!(app.get("/blog/api/user/info/?insecure=cool").status, 404);
}

#[test]
fn unknown_names_are_answered_in_the_envelope() {
    let app = app();
    let error = |target: &str| {
        let answer = app.get(target);
        assert_eq!(answer.status, 400, "{target}");
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(error("/api/nope/thing/"), "Unknown controller 'nope'.");
    assert_eq!(error("/api/NOPE/thing/"), "Unknown controller 'nope'.");
    assert_eq!(error("/api/user/"), "Unknown method 'user'.");
    assert_eq!(error("/api/user%2Finfo/"), "Unknown method 'user%2Finfo'.");
    assert_eq!(error("/api/user/info/extra/"), "Unknown method 'info/extra'.");
    assert_eq!(error("/api/user/nope/?insecure=cool"), "Unknown method 'nope'.");
    assert_eq!(error("/api/user/__construct/?insecure=cool"), "Unknown method '__construct'.");
    assert_eq!(error("/api/auth/nope/?insecure=cool"), "Unknown method 'nope'.");
    // The gate comes before the method.
    assert!(error("/api/user/nope/").starts_with("SSL is not enabled."));
    assert!(error("/api/auth/nope/").starts_with("I'm sorry Dave."));
    // What PHP goes on answering (D24).
    assert_eq!(error("/api/posts/create_post/"), "Unknown controller 'posts'.");
    assert_eq!(error("/api/create_post/"), "Unknown controller 'posts'.");
    assert_eq!(error("/api/get_recent_posts/"), "Unknown method 'get_recent_posts'.");
    assert_eq!(error("/?json=1"), "Unknown method '1'.");
    assert_eq!(error("/?json[]=user/info"), "The 'json' var must be text.");
}

#[test]
fn a_controller_that_the_site_has_not_enabled_is_unknown() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "UPDATE wp_options SET option_value = 'core,auth' WHERE option_name = 'json_api_controllers'",
    );
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    assert_eq!(app.get("/api/user/info/?insecure=cool").json()["error"], "Unknown controller 'user'.");
    assert_eq!(app.get("/api/info/").json()["controllers"], json!(["core", "auth"]));
    let moved = "The 'submit_comment' method has been removed from the Core controller. To use this method you must \
                 enable the Respond controller from WP Admin > Settings > JSON API.";
    assert_eq!(app.get("/api/submit_comment/").json()["error"], moved);
    // A live site may change it under the running service.
    server.exec(
        &database,
        "UPDATE wp_options SET option_value = 'core,user' WHERE option_name = 'json_api_controllers'",
    );
    app.refresh();
    assert_eq!(app.get("/api/user/info/?insecure=cool").text(), INFO);
}

#[test]
fn form_multipart_and_json_bodies_give_parameters_and_other_bodies_do_not() {
    let app = app();
    let to = "/api/core/get_nonce/";
    let nonce = |request: Request| app.send(&request).json()["nonce"].as_str().map(str::to_owned);
    let form = nonce(Request::post(to, &[("controller", "user"), ("method", "register")]));
    assert!(form.is_some());
    let multipart = Request::new("POST", to).header("Content-Type", "multipart/form-data; boundary=b").body(
        "--b\r\nContent-Disposition: form-data; name=\"controller\"\r\n\r\nuser\r\n\
         --b\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\nregister\r\n--b--\r\n",
    );
    assert_eq!(nonce(multipart), form);
    let json_body = r#"{"controller":"user","method":"register"}"#;
    let json =
        Request::new("POST", to).header("Content-Type", "application/json; charset=utf-8").body(json_body);
    assert_eq!(nonce(json), form);
    for (kind, body) in [("text/plain", json_body), ("application/json", "[1]"), ("application/json", "{")] {
        assert_eq!(
            nonce(Request::new("POST", to).header("Content-Type", kind).body(body)),
            None,
            "{kind} {body}"
        );
    }
    assert_eq!(nonce(Request::new("POST", to).body("controller=user&method=register")), None);
    // The body wins over the query, and a JSON body never steers.
    let both = Request::post("/api/core/get_nonce/?method=info&controller=user", &[("method", "register")]);
    assert_eq!(nonce(both), form);
    let steering = Request::new("POST", "/api/user/info/?insecure=cool")
        .header("Content-Type", "application/json")
        .body(r#"{"json":"core/info"}"#);
    assert_eq!(app.send(&steering).text(), INFO);
    let mismatch = Request::post("/?json=user/info&insecure=cool", &[("json", "auth/info")]);
    assert_eq!(app.send(&mismatch).json()["error"], "A variable mismatch has been detected.");
}

#[test]
fn methods_other_than_get_head_and_post_run_nothing() {
    let app = app();
    let target = "/api/user/info/?insecure=cool";
    let head = app.send(&Request::new("HEAD", target));
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some("33")));
    let options = app.send(&Request::new("OPTIONS", target));
    assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let answer = app.send(&Request::new(method, target));
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
        assert_eq!(answer.text(), r#"{"status":"error","error":"Method not allowed."}"#);
    }
}

#[test]
fn jsonp_takes_identifiers_only() {
    let app = app();
    let with = |callback: &str| app.get(&format!("/api/user/info/?insecure=cool&callback={callback}"));
    let answer = with("angular.callbacks._0");
    assert_eq!(answer.text(), format!("angular.callbacks._0({INFO})"));
    assert_eq!(answer.header("content-type"), Some("application/javascript; charset=UTF-8"));
    assert_eq!(with("cb[3]").text(), format!("cb[3]({INFO})"));
    for bad in ["alert(1)//", "%3Cscript%3E", "a%20b", "1a", "a..b", &"x".repeat(129)] {
        let answer = with(bad);
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
        assert!(!answer.text().contains("alert"), "{}", answer.text());
    }
}

#[test]
fn redirects_stay_on_the_site() {
    let app = app();
    let with = |query: &str| app.get(&format!("/api/user/info/?insecure=cool&{query}"));
    let own = with("redirect_ok=http%3A%2F%2F127.0.0.1%2Fok%3Fa%3D1&redirect=/x");
    assert_eq!((own.status, own.header("location")), (302, Some("http://127.0.0.1/ok?a=1")));
    assert_eq!(with("redirect=/thanks%23top").header("location"), Some("/thanks?status=ok#top"));
    assert_eq!(with("redirect=thanks").header("location"), Some("/api/user/info/thanks?status=ok"));
    for foreign in ["https://evil.example.net/", "//evil.example.net/", "javascript:alert(1)"] {
        assert_eq!(with(&format!("redirect={foreign}")).text(), INFO, "{foreign}");
    }
    let by_path = app.get("//evil.example.net/?json=info&redirect_ok=x");
    assert_eq!(by_path.header("location"), Some("/evil.example.net/x"));
    let error = app.get("/api/user/get_userinfo/?insecure=cool&redirect_error=/oops&redirect_ok=/fine");
    assert_eq!(error.header("location"), Some("/oops"));
}

#[test]
fn encode_options_and_dev_choose_the_form_of_the_json() {
    let app = app();
    let with = |query: &str| app.get(&format!("/api/user/get_userinfo/?insecure=cool&user_id=7&{query}"));
    assert!(with("").text().contains(r#""displayname":"Mary Jan\u00e9""#));
    assert!(with("json_unescaped_unicode=1").text().contains(r#""displayname":"Mary Jané""#));
    assert!(with("json_encode_options=64").text().contains(r#""avatar":"//www."#));
    assert!(with("json_encode_options=64.5").text().contains(r#""avatar":"//www."#));
    assert!(with("json_encode_options=128").text().starts_with("{\n    \"status\": \"ok\",\n"));
    let dev = with("dev=1&callback=x");
    assert!(dev.text().starts_with("{\n  \"status\": \"ok\",\n  \"id\": 7,\n"), "{}", dev.text());
    assert_eq!(dev.header("content-type"), Some("text/plain; charset: UTF-8;charset=UTF-8"));
    for bad in ["64abc", "x", "1%20x"] {
        let answer = with(&format!("json_encode_options={bad}"));
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some("The 'json_encode_options' var must be a number."))
        );
    }
    assert_eq!(with("json_encode_options[]=64").status, 400);
}

#[test]
fn tls_is_believed_from_trusted_proxies_only() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let proxied = Request::get("/api/user/info/").header("X-Forwarded-Proto", "https");
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    assert_eq!(app.send(&proxied).text(), INFO);
    drop(app);
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8")
        .set("server.trusted_proxies", "192.0.2.1")
        .start();
    assert_eq!(app.send(&proxied).status, 400);
}

#[test]
fn limits_are_named_and_not_kept_in_silence() {
    let server = Server::mariadb();
    let app = Setup::on(&server.url(&server.database_from(&dump("6.8"))))
        .set("wordpress.version", "6.8")
        .set("limits.enabled", "true")
        .start();
    let many = (0..1001).map(|n| format!("v{n}=1")).collect::<Vec<_>>().join("&");
    let answer = app.get(&format!("/api/user/info/?{many}"));
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (400, Some("More than 1000 variables in the query or body."))
    );
    let deep = format!("/api/user/info/?insecure=cool&a{}=1", "[x]".repeat(65));
    assert_eq!(app.get(&deep).json()["error"], "A variable in the query or body is nested deeper than 64.");
    let large = Request::new("POST", "/api/user/info/?insecure=cool")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(vec![b'a'; 8 * 1024 * 1024 + 1]);
    let answer = app.send(&large);
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (413, Some("The request body is larger than 8388608 bytes."))
    );
}

#[test]
fn no_answer_may_be_cached() {
    let app = app();
    for target in
        ["/api/info/", "/nope", "/api/nope/x/", "/health/live", "/health/ready", "/api/info/?redirect=/x"]
    {
        assert_eq!(app.get(target).header("cache-control"), Some("no-store"), "{target}");
    }
    assert_eq!(app.send(&Request::new("OPTIONS", "/api/info/")).header("cache-control"), Some("no-store"));
}

#[test]
fn arrays_where_text_is_expected_are_named_or_match_nothing() {
    let app = app();
    let call = |form: &[(&str, &str)]| {
        let answer = app.call("user/generate_auth_cookie", form);
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    };
    let wrong = "Invalid username/email and/or password.".to_owned();
    assert_eq!(call(&[("username[]", "john"), ("password", "x")]), (401, wrong));
    assert_eq!(
        call(&[("username", "john"), ("password[]", "x")]),
        (400, "The 'password' var must be text.".to_owned())
    );
    assert_eq!(
        call(&[("email[]", "john"), ("password", "x")]),
        (400, "The 'email' var must be text.".to_owned())
    );
    let cookie = app.call("user/validate_auth_cookie", &[("cookie[]", "x")]);
    assert_eq!(
        (cookie.status, cookie.json()["error"].as_str()),
        (400, Some("The 'cookie' var must be text."))
    );
    let nobody = app.call("user/get_userinfo", &[("user_id[]", "1")]).json();
    assert!(nobody["id"].is_null() && nobody["avatar"].is_null());
}

#[test]
fn bytes_that_are_no_utf8_neither_crash_nor_log_in() {
    let app = app();
    let raw = |body: &[u8]| {
        let request = Request::new("POST", "/api/user/generate_auth_cookie/?insecure=cool")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        app.send(&request)
    };
    assert_eq!(raw(b"username=jo%ff%fehn&password=x").status, 401);
    assert_eq!(raw(b"username=john&password=%ff%00%fe").status, 401);
    assert_eq!(raw(b"email=j%ffohn@example.org&password=x").json()["error"], "Invalid email address.");
    let shown = app.get("/api/core/info/?controller=%ff%22%27");
    assert_eq!(shown.json()["error"], "Unknown controller '\u{FFFD}\\\"\\''.");
}
