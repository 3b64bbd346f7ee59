//! Keys, salts and the names of cookies.

use super::{found, site};

#[test]
fn keys_that_are_repeated_left_as_in_the_sample_or_not_there() {
    let done = site()
        .constant("AUTH_KEY", Some("'hush-hush'"))
        .constant("AUTH_SALT", Some("'hush-hush'"))
        .constant("NONCE_KEY", Some("'put your unique phrase here'"))
        .sql("INSERT INTO wp_options (option_name, option_value) VALUES ('auth_key', 'x1'), ('auth_salt', 'x2'), \
              ('nonce_key', 'x3')")
        .check();
    found(
        &done,
        "warning",
        "salts",
        &[
            "from the database: AUTH_KEY, AUTH_SALT, NONCE_KEY",
            "AUTH_KEY and AUTH_SALT, which have the same value as another",
            "NONCE_KEY, which still holds the sample's phrase",
        ],
    );
    let site = site().constant("LOGGED_IN_SALT", None);
    let before = site.content();
    let done = site.check();
    found(&done, "warning", "salts", &["nobody has made LOGGED_IN_SALT yet"]);
    found(&done, "ok", "cookies", &[]);
    assert_eq!(site.content(), before, "check makes no salt");
}

#[test]
fn keys_that_do_not_count_are_told_with_those_that_nobody_has_made() {
    let done = site()
        .constant("AUTH_KEY", Some("'put your unique phrase here'"))
        .constant("AUTH_SALT", Some("'put your unique phrase here'"))
        .constant("NONCE_SALT", Some("''"))
        .check();
    found(
        &done,
        "warning",
        "salts",
        &[
            "nobody has made AUTH_KEY, AUTH_SALT, NONCE_SALT yet",
            "WordPress ignores AUTH_KEY and AUTH_SALT, which still hold the sample's phrase; NONCE_SALT, which is empty",
            "give each constant a value of its own",
        ],
    );
}

#[test]
fn a_name_of_the_cookies_that_ends_in_nothing() {
    let done = site().constant("COOKIEHASH", Some("''")).check();
    found(
        &done,
        "warning",
        "cookies",
        &["(wordpress_logged_in_): COOKIEHASH is empty", "remove COOKIEHASH from wp-config.php"],
    );
}

#[test]
fn the_cookie_of_the_dashboard_is_another_with_tls() {
    let hash = "b0c271aacdeba64e5dad32fae3d97848";
    let plain = format!("wordpress_{hash} for wp-admin (wordpress_sec_{hash} with TLS)");
    found(&site().check(), "ok", "cookies", &[&plain]);
    let done = site().constant("WP_SITEURL", Some("'https://a.test'")).check();
    found(&done, "ok", "cookies", &[" for wp-admin; COOKIEHASH from WP_SITEURL, https://a.test"]);
    assert!(done.line("cookies").contains(", and wordpress_sec_"), "{done:?}");
}
