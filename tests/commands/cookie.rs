//! `cookie inspect` and `cookie issue`.

use percent_encoding::NON_ALPHANUMERIC;
use serde_json::json;
use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::version::WpVersion;

use crate::app::Setup;
use crate::beside::{Beside, Done};
use crate::server::Server;

/// A cookie that the command itself issued to john.
#[track_caller]
fn issued(site: &Beside) -> String {
    let done = site.run(&["cookie", "issue", "john"], "");
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout.trim_end().to_owned()
}

/// What is said of a cookie; neither token nor signature is ever in it.
#[track_caller]
fn inspect(site: &Beside, cookie: &str) -> Done {
    let done = site.run(&["cookie", "inspect"], cookie);
    let json = site.run(&["cookie", "inspect", "--json"], cookie);
    assert_eq!(done.code, json.code);
    for secret in cookie.split(['|', '=', ';', ' ']).filter(|part| part.len() > 40) {
        for said in [&done.stdout, &done.stderr, &json.stdout, &json.stderr] {
            assert!(!said.contains(secret), "{secret} shows in {said}");
        }
    }
    done
}

#[track_caller]
fn refused(site: &Beside, cookie: &str, reasons: &[&str], texts: &[&str]) {
    let done = inspect(site, cookie);
    assert_eq!(done.code, 1, "{done:?}");
    for text in texts {
        assert!(done.stdout.contains(text), "{text} is not in {}", done.stdout);
    }
    let said = site.run(&["cookie", "inspect", "--json"], cookie).json();
    let codes: Vec<&str> = said["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|r| r["reason"].as_str().expect("one"))
        .collect();
    assert_eq!((said["valid"].as_bool(), codes.as_slice()), (Some(false), reasons), "{done:?}");
}

fn site() -> Beside {
    Beside::recorded(Server::mariadb())
}

#[test]
fn an_issued_cookie_is_that_of_a_login_and_leaves_such_a_session() {
    let site = site();
    let done = site.run(&["cookie", "issue", "john", "--seconds", "600"], "");
    assert_eq!((done.code, done.stdout.lines().count()), (0, 1), "{done:?}");
    assert!(done.stderr.starts_with("user 3 until 20"), "{done:?}");
    let cookie = done.stdout.trim_end();
    let app = Setup::beside(&site.path()).system_clock().start();
    assert!(app.is_valid(cookie));
    let answer = app.call("user/get_currentuserinfo", &[("cookie", cookie)]).json();
    assert_eq!(answer["user"]["username"], "john", "{answer}");
    let stored = site.server.query(
        &site.database,
        "SELECT meta_value FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens' ORDER BY umeta_id LIMIT 1",
    );
    assert!(
        stored[0][0].contains("s:2:\"ua\";s:23:\"wp-sidecar cookie issue\";s:5:\"login\";i:"),
        "{stored:?}"
    );
    let expiration: i64 = cookie.split('|').nth(1).expect("a date").parse().expect("a number");
    assert!(stored[0][0].contains(&format!("s:10:\"expiration\";i:{expiration};")), "{stored:?}");

    // Each way to name a user, and both cookies at once.
    for user in ["3", "JOHN", "john@example.org"] {
        let done = site.run(&["cookie", "issue", user, "--json"], "");
        let said = done.json();
        assert_eq!((said["user_id"].as_i64(), done.stderr.as_str()), (Some(3), ""), "{user}");
        assert!(app.is_valid(said["cookie"].as_str().expect("a cookie")));
        assert!(!app.is_valid(said["cookie_admin"].as_str().expect("a cookie")), "that is wp-admin's");
        assert!(said["cookie_name"].as_str().expect("a name").starts_with("wordpress_logged_in_"));
    }
}

#[test]
fn what_cannot_be_issued_is_said_in_one_line() {
    let site = site().set("auth.max_cookie_seconds", "3600");
    let done = site.run(&["cookie", "issue", "nobody"], "");
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert_eq!(done.stderr, "wp-sidecar: no user has the login, e-mail address or number \"nobody\"\n");
    let done = site.run(&["cookie", "issue", "john", "--seconds", "0"], "");
    assert!(done.code == 2 && done.stderr.contains("--seconds"), "{done:?}");
    // No longer than the site allows.
    let said = site.run(&["cookie", "issue", "john", "--json"], "").json();
    let begun = site.server.query("", "SELECT UNIX_TIMESTAMP()")[0][0].parse::<i64>().expect("a number");
    let left = said["expiration"].as_i64().expect("a date") - begun;
    assert!((3590..=3600).contains(&left), "{left}");
    let site = site.sql("UPDATE wp_users SET user_login = 'o\\'neil' WHERE ID = 3");
    let before = site.content();
    let done = site.run(&["cookie", "issue", "3"], "");
    assert!(done.code == 1 && done.stderr.contains("quote"), "{done:?}");
    assert_eq!(site.content(), before);
}

#[test]
fn a_valid_cookie_is_explained_part_by_part_and_nothing_is_written() {
    let site = site();
    let cookie = issued(&site);
    let before = site.content();
    let done = inspect(&site, &cookie);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[0], "login       john");
    let end = cookie.split('|').nth(1).expect("a date");
    assert!(
        lines[1].starts_with(&format!("expiration  {end}, 20")) && lines[1].contains(", in 1"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("token       43 characters, of the session "), "{lines:?}");
    assert_eq!(lines[3], "user        3, john, password stored as WordPress $wp");
    assert_eq!(lines[4], "signature   right, in the scheme logged_in");
    assert!(
        lines[5].starts_with("session     begun 20") && lines[5].ends_with("by wp-sidecar cookie issue"),
        "{lines:?}"
    );
    assert_eq!(lines[6..], ["verdict     valid: WordPress takes it as logged_in"]);
    // As a browser has it.
    let name = &site.run(&["cookie", "issue", "john", "--json"], "").json()["cookie_name"];
    let encoded = format!("Cookie: a=b; {}={}", name.as_str().expect("a name"), cookie.replace('|', "%7C"));
    assert_eq!(inspect(&site, &encoded).code, 0);
    let said = site.run(&["cookie", "inspect", "--json"], &cookie).json();
    assert_eq!(
        (&said["valid"], &said["scheme"], &said["user_id"]),
        (&json!(true), &json!("logged_in"), &json!(3))
    );
    assert_eq!(said["session"]["user_agent"], "wp-sidecar cookie issue");
    let other_sessions = site.content();
    assert_ne!(other_sessions, before, "a second cookie was issued");
    inspect(&site, &cookie);
    assert_eq!(site.content(), other_sessions);
}

#[test]
fn every_reason_to_refuse_a_cookie_is_named() {
    let site = site();
    let done = site.run(&["cookie", "issue", "john", "--json"], "").json();
    let (cookie, admin) =
        (done["cookie"].as_str().expect("a cookie"), done["cookie_admin"].as_str().expect("another"));

    refused(
        &site,
        "nonsense",
        &["malformed"],
        &["parts       1, where login|expiration|token|signature are four"],
    );
    refused(&site, &format!("{cookie}|x"), &["malformed"], &["parts       5"]);
    let nobody = cookie.replacen("john", "nobody", 1);
    refused(&site, &nobody, &["unknown_user"], &["nobody here has this login"]);
    refused(&site, admin, &["other_scheme"], &["signature   right, in the scheme secure_auth"]);
    // Under its own name it is good.
    let named =
        format!("{}={admin}", done["cookie_name"].as_str().expect("a name").replace("logged_in", "sec"));
    assert_eq!(inspect(&site, &named).code, 0);
    // Under a name that nobody reads it is not.
    refused(
        &site,
        &format!("wordpress_logged_in_abc={cookie}"),
        &["other_name"],
        &[
            "name        wordpress_logged_in_abc\n",
            "WordPress reads no cookie of this name here, but wordpress_l",
        ],
    );
    // With another password it would be good.
    let old = site.server.query(&site.database, "SELECT user_pass FROM wp_users WHERE ID = 3")[0][0].clone();
    let pass = |end: &str| {
        format!("UPDATE wp_users SET user_pass = CONCAT(LEFT(user_pass, 59), '{end}') WHERE ID = 3")
    };
    let site = site.sql(&pass("././"));
    let before = issued(&site);
    let admin_before = site.run(&["cookie", "issue", "john", "--json"], "").json();
    let admin_before = admin_before["cookie_admin"].as_str().expect("a cookie");
    let site = site.sql(&pass("ABCD"));
    refused(
        &site,
        &before,
        &["changed_password"],
        &["signature   wrong", "the password was changed after it was made"],
    );
    // Without a name it may be any of the three.
    refused(&site, admin_before, &["other_scheme", "changed_password"], &["another scheme, secure_auth"]);
    let site = site.sql(&format!("UPDATE wp_users SET user_pass = '{old}' WHERE ID = 3"));
    // With other keys it is not, whatever the password; its session is there all the same.
    let site = site.constant("LOGGED_IN_KEY", Some("'another key'"));
    // By its name, since it is then looked for in one scheme alone.
    let by_name = format!("{}={cookie}", done["cookie_name"].as_str().expect("a name"));
    let done = site.run(&["cookie", "inspect", "--json"], &by_name);
    let said = done.json();
    assert_eq!((done.code, &said["reasons"][0]["reason"]), (1, &json!("other_keys")), "{said}");
    assert_eq!(said["session"]["user_agent"], "wp-sidecar cookie issue", "{said}");
    let site = site.constant("LOGGED_IN_KEY", Some("'k3-logged-in-0Pv|%m5+Yb'"));
    assert_eq!(inspect(&site, cookie).code, 0);

    let done = site.run(&["sessions", "end", "john"], "");
    assert_eq!(done.code, 0, "{done:?}");
    refused(&site, cookie, &["ended_session"], &["session     none of this user", "the user logged out"]);
    // Several at once, in WordPress's order.
    let salt = b"k3-logged-in-0Pv|%m5+Ybs3-logged-in-h$2Bn*0Ek";
    let late = auth_cookie::generate("john", old.as_bytes(), 1_000, "t", salt, WpVersion::new(6, 8));
    refused(&site, &late, &["expired"], &["1970-01-01T00:16:40Z", " days ago", "in a POST request"]);
    let site = site.sql("UPDATE wp_users SET user_login = 'o\\'neil' WHERE ID = 3");
    // A token that no WordPress makes would take hours.
    let long =
        auth_cookie::generate("editor", b"x", 4_000_000_000, &"t".repeat(9_000), b"x", WpVersion::new(6, 8));
    refused(&site, &long, &["bad_signature"], &["its signature is wrong"]);
    let slashed =
        auth_cookie::generate("o'neil", old.as_bytes(), 4_000_000_000, "t", salt, WpVersion::new(6, 8));
    refused(&site, &slashed, &["slashed"], &["signature   wrong", "a quote or a backslash"]);
}

#[test]
fn nothing_on_standard_input_is_said_and_cookies_of_other_things() {
    let site = site();
    let done = site.run(&["cookie", "inspect"], "\n");
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert_eq!(done.stderr, "wp-sidecar: no cookie on standard input\n");
    let done = site.run(&["cookie", "inspect"], "Cookie: wordpress_test_cookie=WP%20Cookie%20check; x=y");
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert!(done.stderr.contains("that browser is not logged in"), "{done:?}");
}

#[test]
fn a_login_that_wordpress_does_not_find_again_gets_no_cookie() {
    let mut site = site();
    for login in ["two  blanks", " lead", "100%ab", "<b>x</b>"] {
        site = site.sql(&format!("UPDATE wp_users SET user_login = '{login}' WHERE ID = 3"));
        let before = site.content();
        let done = site.run(&["cookie", "issue", "john@example.org"], "");
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{login}: {done:?}");
        assert!(done.stderr.contains("strips parts of it"), "{login}: {done:?}");
        assert_eq!(site.content(), before);
        let made = auth_cookie::generate(login, b"x", 4_000_000_000, "t", b"x", WpVersion::new(6, 8));
        // As a browser has it: blanks around it count.
        let made = percent_encoding::percent_encode(made.as_bytes(), NON_ALPHANUMERIC).to_string();
        refused(&site, &made, &["odd_login"], &["finds nobody"]);
    }
}

#[test]
fn what_signs_nothing_does_without_salts_that_nobody_has_made() {
    // As on a site without TLS that keeps its keys in the database.
    let site = ["SECURE_AUTH_KEY", "SECURE_AUTH_SALT"]
        .into_iter()
        .fold(site(), |site, name| site.constant(name, None));
    let before = site.content();
    let done = site.run(&["cookie", "issue", "john"], "");
    assert!(done.code == 1 && done.stderr.contains("nobody has made the salts secure_auth_key"), "{done:?}");
    let salt = b"k3-logged-in-0Pv|%m5+Ybs3-logged-in-h$2Bn*0Ek";
    let pass = site.server.query(&site.database, "SELECT user_pass FROM wp_users WHERE ID = 3")[0][0].clone();
    let cookie =
        auth_cookie::generate("john", pass.as_bytes(), 4_000_000_000, "t", salt, WpVersion::new(6, 8));
    refused(&site, &cookie, &["ended_session"], &["right, in the scheme logged_in"]);
    assert_eq!(site.run(&["sessions", "list", "john"], "").code, 0);
    assert_eq!(site.content(), before);
    assert_eq!(site.run(&["sessions", "end", "john"], "").code, 0);
}
