//! Logging in beyond the recordings: cookies' life, sessions kept, accounts that may not log in.

use serde_json::json;

use crate::app::{NOW, Setup, TestApp, dump};
use crate::http::Request;
use crate::server::Server;

fn expiration(cookie: &str) -> i64 {
    cookie.split('|').nth(1).unwrap().parse().unwrap()
}

#[test]
fn seconds_choose_the_cookies_life_up_to_the_sites_maximum() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8")
        .set("auth.max_cookie_seconds", "5000")
        .start();
    for method in ["user/generate_auth_cookie", "auth/generate_auth_cookie"] {
        let log_in = |seconds: &str| {
            let form = [("username", "john"), ("password", "john Pass 3"), ("seconds", seconds)];
            app.call(method, &form)
        };
        let life = |seconds: &str| expiration(log_in(seconds).json()["cookie"].as_str().unwrap()) - NOW;
        assert_eq!(life("60"), 60);
        assert_eq!(life(" 60 "), 60);
        assert_eq!(life("0"), 14 * 86_400);
        assert_eq!(life(""), 14 * 86_400);
        assert_eq!(life("5001"), 5000);
        assert_eq!(life("99999999999999999999999"), 5000);
        for bad in ["-5", "1.5", "abc", "60s", "00", "0x10", "1e3"] {
            let answer = log_in(bad);
            assert_eq!(answer.status, 400, "{bad}");
            assert_eq!(answer.json()["error"], "The 'seconds' var must be a positive whole number.", "{bad}");
        }
        // Before the password is looked at.
        let wrong = app.call(method, &[("username", "john"), ("password", "no"), ("seconds", "x")]);
        assert_eq!(wrong.status, 400);
    }
}

#[test]
fn a_cleared_cookie_ends_its_own_session_and_no_other() {
    let app = TestApp::recorded(Server::mariadb(), "6.8");
    let (one, two) = (app.cookie("john", "john Pass 3"), app.cookie("john", "john Pass 3"));
    let clear = |cookie: &str| app.call("auth/clear_auth_cookie", &[("cookie", cookie)]);
    assert_eq!(clear(&one).text(), r#"{"status":"ok"}"#);
    assert!(!app.is_valid(&one) && app.is_valid(&two));
    let again = clear(&one);
    assert_eq!(again.status, 400);
    assert_eq!(
        again.json()["error"],
        "Invalid authentication cookie. Use the `generate_auth_cookie` Auth API method."
    );
    assert_eq!(
        app.call("auth/clear_auth_cookie", &[]).json()["error"],
        "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` Auth API method."
    );
}

#[test]
fn the_last_session_takes_its_row_along() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let rows = || {
        let sql = "SELECT COUNT(*) FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens'";
        server.query(&database, sql)[0][0].clone()
    };
    let cookie = app.cookie("john", "john Pass 3");
    assert_eq!(rows(), "1");
    app.call("auth/clear_auth_cookie", &[("cookie", &cookie)]);
    assert_eq!(rows(), "0");
}

#[test]
fn of_more_sessions_than_the_setting_allows_the_oldest_go() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database))
        .set("wordpress.version", "6.8")
        .set("sessions.max_per_user", "3")
        .start();
    let cookies: Vec<String> = (0..5)
        .map(|n| {
            app.set_now(NOW + n);
            app.cookie("john", "john Pass 3")
        })
        .collect();
    let valid: Vec<bool> = cookies.iter().map(|cookie| app.is_valid(cookie)).collect();
    assert_eq!(valid, [false, false, true, true, true]);
}

#[test]
fn doubled_session_rows_end_up_equal_and_the_lowest_is_read() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let first = app.cookie("john", "john Pass 3");
    server.exec(
        &database,
        "INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (3, 'session_tokens', 'a:0:{}')",
    );
    let second = app.cookie("john", "john Pass 3");
    assert!(app.is_valid(&first) && app.is_valid(&second));
    let sql = "SELECT COUNT(*), COUNT(DISTINCT meta_value) FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens'";
    assert_eq!(server.query(&database, sql)[0], ["2", "1"]);
}

#[test]
fn a_cookie_has_an_hour_of_grace_in_post_requests_only_while_its_session_lives() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let form = [("username", "john"), ("password", "john Pass 3"), ("seconds", "100")];
    let cookie = app.call("user/generate_auth_cookie", &form).json()["cookie"].as_str().unwrap().to_owned();
    app.set_now(NOW + 101);
    assert!(!app.is_valid(&cookie), "the session is over");
    // A session that outlives the cookie.
    let sql = format!(
        "UPDATE wp_usermeta SET meta_value = REPLACE(meta_value, 'i:{};', 'i:{};') WHERE meta_key = 'session_tokens' AND user_id = 3",
        NOW + 100,
        NOW + 9000
    );
    server.exec(&database, &sql);
    let by_get = |cookie: &str| {
        let query = serde_urlencoded::to_string([("cookie", cookie), ("insecure", "cool")]).unwrap();
        app.get(&format!("/api/user/validate_auth_cookie/?{query}")).json()["valid"].clone()
    };
    assert!(app.is_valid(&cookie));
    assert_eq!(by_get(&cookie), json!(false));
    app.set_now(NOW + 100 + 3601);
    assert!(!app.is_valid(&cookie));
}

#[test]
fn accounts_that_wait_for_activation_or_are_spam_may_not_log_in() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "UPDATE wp_users SET user_status = 2 WHERE user_login IN ('john', 'editor'); \
         INSERT INTO wp_signups (user_login, user_email, active, title, meta) VALUES ('john', 'j@x.org', 0, '', ''); \
         INSERT INTO wp_signups (user_login, user_email, active, title, meta) VALUES ('editor', 'e@x.org', 1, '', '')",
    );
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let status = |username: &str, password: &str| {
        app.call("auth/generate_auth_cookie", &[("username", username), ("password", password)]).status
    };
    assert_eq!(status("john", "john Pass 3"), 401);
    assert_eq!(status("editor", "editor-Pass-2"), 200);
    assert_eq!(status("spammer", "spam-Pass-11"), 401);
    // Without BuddyPress, core ignores user_status.
    server.exec(
        &database,
        "UPDATE wp_options SET option_value = 'a:0:{}' WHERE option_name = 'active_plugins'",
    );
    app.refresh();
    assert_eq!(status("john", "john Pass 3"), 200);
    assert_eq!(status("spammer", "spam-Pass-11"), 200);
}

#[test]
fn a_network_of_sites_has_its_own_cookie_hash_salts_and_spam_mark() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "ALTER TABLE wp_users ADD spam tinyint(2) NOT NULL DEFAULT 0, ADD deleted tinyint(2) NOT NULL DEFAULT 0; \
         CREATE TABLE wp_sitemeta (meta_id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, site_id bigint NOT NULL, \
           meta_key varchar(255), meta_value longtext); \
         INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES (1, 'siteurl', 'http://ms.test/'); \
         UPDATE wp_users SET spam = 1 WHERE user_login = 'editor'; UPDATE wp_users SET deleted = 1 WHERE user_login = 'john'",
    );
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "<?php define('DB_HOST', '{}:{}'); define('DB_USER', '{}'); define('DB_PASSWORD', '{}'); define('DB_NAME', '{database}');
         define('MULTISITE', true); define('SITE_ID_CURRENT_SITE', 1); define('BLOG_ID_CURRENT_SITE', 1); $table_prefix = 'wp_';",
        server.host(),
        server.port(),
        server.user(),
        server.password()
    );
    std::fs::write(folder.path().join("wp-config.php"), config).unwrap();
    let app = Setup::beside(folder.path()).set("wordpress.version", "6.8").start();
    let answer = app.generate_auth_cookie("john", "john Pass 3");
    // md5 of the network's address with its slash.
    assert_eq!(answer["cookie_name"], format!("wordpress_logged_in_{}", md5("http://ms.test/")));
    assert!(app.is_valid(answer["cookie"].as_str().unwrap()));
    let spam =
        app.call("auth/generate_auth_cookie", &[("username", "editor"), ("password", "editor-Pass-2")]);
    assert_eq!(spam.status, 401);
    let salts = "SELECT COUNT(*) FROM wp_sitemeta WHERE meta_key LIKE '%\\_salt' OR meta_key LIKE '%\\_key'";
    assert_eq!(server.query(&database, salts)[0][0], "8");
    assert_eq!(
        server.query(&database, "SELECT COUNT(*) FROM wp_options WHERE option_name LIKE 'auth\\_%'")[0][0],
        "0"
    );
}

fn md5(text: &str) -> String {
    use md5::Digest as _;
    hex::encode(md5::Md5::digest(text))
}

#[test]
fn a_database_without_the_sites_tables_is_not_ready() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    assert_eq!(app.get("/health/ready").text(), "ready\n");
    server.exec(&database, "RENAME TABLE wp_options TO elsewhere");
    let answer = app.get("/health/ready");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (503, "the database does not answer or has no WordPress tables\n")
    );
    assert_eq!(app.get("/health/live").status, 200);
    server.exec(&database, "DROP TABLE wp_users");
    let broken = app.call("user/get_userinfo", &[("user_id", "1")]);
    assert_eq!((broken.status, broken.header("retry-after")), (503, Some("2")));
    assert_eq!(broken.json()["error"], "The database is not available. Try again in a moment.");
}

#[test]
fn nonces_belong_to_the_cookies_user_and_to_the_browsers_session() {
    let app = TestApp::recorded(Server::mariadb(), "6.8");
    let answer = app.generate_auth_cookie("john", "john Pass 3");
    let cookie = answer["cookie"].as_str().unwrap();
    let nonce = |form: &[(&str, &str)], header: Option<&str>| {
        let form: Vec<(&str, &str)> =
            [("controller", "user"), ("method", "register")].iter().chain(form).copied().collect();
        let mut request = Request::post("/api/get_nonce/", &form);
        if let Some(value) = header {
            let value = value.replace('|', "%7C");
            request =
                request.header("Cookie", &format!("{}={value}", answer["cookie_name"].as_str().unwrap()));
        }
        app.send(&request).json()["nonce"].as_str().unwrap().to_owned()
    };
    let anonymous = nonce(&[], None);
    let by_parameter = nonce(&[("cookie", cookie)], None);
    let by_header = nonce(&[], Some(cookie));
    let by_both = nonce(&[("cookie", cookie)], Some(cookie));
    let foreign_token = nonce(&[], Some("john|1|token|hmac"));
    assert_eq!(nonce(&[("cookie", "garbage")], None), anonymous);
    assert_eq!(by_both, by_header);
    let all = std::collections::BTreeSet::from([&anonymous, &by_parameter, &by_header, &foreign_token]);
    assert_eq!(all.len(), 4);
}

#[test]
fn an_agent_that_the_column_cannot_hold_costs_nobody_a_session() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let database = server.database_from(&dump("6.8"));
        server.exec(
            &database,
            "SET SESSION sql_mode = ''; ALTER TABLE wp_usermeta MODIFY meta_value longtext CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci",
        );
        let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
        let earlier = app.cookie("john", "john Pass 3");
        let form = [("username", "john"), ("password", "john Pass 3")];
        let odd = Request::post("/api/user/generate_auth_cookie/?insecure=cool", &form);
        for agent in ["App/1.0 \u{1F600} x", "App/1.0 \u{17D}lu\u{165}"] {
            let answer = app.send(&odd.clone().header("User-Agent", agent)).json();
            assert!(app.is_valid(answer["cookie"].as_str().expect("a cookie")), "{}: {agent}", server.name());
        }
        assert!(app.is_valid(&earlier), "{}", server.name());
    }
}
