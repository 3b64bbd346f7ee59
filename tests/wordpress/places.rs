//! Sites that are not laid out as usual: prefix, tables of their own, socket, folders, cookie names, updates.

use std::fs;

use serde_json::json;

use crate::app::Setup;
use crate::http::Request;
use crate::server::Server;
use crate::site::{PASSWORD, Site};
use crate::wordpress::{RealWordPress, SUITES};

/// A cookie of either side is taken by both, and both call it the same.
#[track_caller]
fn agree(site: &Site) {
    site.add_user("anna");
    let answer = site.app.generate_auth_cookie("anna", PASSWORD);
    let here = answer["cookie"].as_str().expect("a cookie");
    let there = site.wordpress_cookie("anna", PASSWORD);
    let cookies = [here, &there];
    assert_eq!(cookies.map(|cookie| site.app.is_valid(cookie)), [true, true]);
    assert_eq!(site.wordpress_takes(&cookies), [true, true]);
    assert_eq!(answer["cookie_name"], site.wordpress.php("return LOGGED_IN_COOKIE;"));
    let roles = json!({ "subscriber": true });
    assert_eq!(answer["user"]["capabilities"], roles, "{answer}");
}

#[test]
fn a_site_with_another_prefix() {
    for suite in SUITES {
        let site = Site::beside(RealWordPress::site(suite).prefix("Blog7_").start(Server::mariadb()));
        agree(&site);
        assert_eq!(site.query("SELECT COUNT(*) FROM Blog7_users"), [["2"]]);
    }
}

#[test]
fn a_site_with_user_tables_of_other_names() {
    for suite in SUITES {
        let wordpress = RealWordPress::site(suite)
            .constant("CUSTOM_USER_TABLE", "'shared_people'")
            .constant("CUSTOM_USER_META_TABLE", "'shared_people_meta'")
            .start(Server::mariadb());
        let site = Site::beside(wordpress);
        agree(&site);
        assert_eq!(site.query("SELECT user_login FROM shared_people WHERE ID > 1"), [["anna"]]);
    }
}

#[test]
fn a_database_reached_through_a_unix_socket() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let Some(socket) = server.socket() else {
            // A server that is not ours is reached over TCP only.
            continue;
        };
        let mut wordpress = RealWordPress::open(SUITES[2], server);
        for host in ["localhost", ""] {
            wordpress.set_constant("DB_HOST", &format!("'{host}:{}'", socket.display()));
            let app = Setup::beside(wordpress.path()).start();
            assert_eq!(app.get("/health/ready").status, 200, "{host} on {}", server.name());
        }
        agree(&Site::beside(wordpress));
    }
}

#[test]
fn cookie_names_that_wp_config_sets() {
    for suite in SUITES {
        let wordpress = RealWordPress::site(suite).constant("COOKIEHASH", "'ours'").start(Server::mariadb());
        let mut site = Site::beside(wordpress);
        agree(&site);
        let name = |site: &Site| site.app.generate_auth_cookie("anna", PASSWORD)["cookie_name"].clone();
        assert_eq!(name(&site), "wordpress_logged_in_ours");
        site.wordpress.set_constant("LOGGED_IN_COOKIE", "'session'");
        site.app = Setup::beside(site.wordpress.path()).start();
        assert_eq!(name(&site), "session");
        assert_eq!(site.wordpress.php("return LOGGED_IN_COOKIE;"), "session");
    }
}

#[test]
fn a_site_in_a_folder_answers_below_it() {
    for suite in SUITES {
        let site = Site::beside(
            RealWordPress::site(suite)
                .constant("WP_HOME", "'https://example.org/blog'")
                .constant("WP_SITEURL", "'https://example.org/blog/wp/'")
                .start(Server::mariadb()),
        );
        site.add_user("anna");
        let form = [("username", "anna"), ("password", PASSWORD)];
        let post = |target: &str| site.app.send(&Request::post(target, &form));
        for target in [
            "/blog/api/user/generate_auth_cookie/?insecure=cool",
            "/blog/index.php/api/user/generate_auth_cookie?insecure=cool",
            "/blog/?json=user/generate_auth_cookie&insecure=cool",
        ] {
            let answer = post(target).json();
            let cookie = answer["cookie"].as_str().unwrap_or_else(|| panic!("{target}: {answer}"));
            assert_eq!(site.wordpress_takes(&[cookie]), [true]);
            assert_eq!(answer["cookie_name"], site.wordpress.php("return LOGGED_IN_COOKIE;"));
        }
        assert_eq!(post("/api/user/generate_auth_cookie/?insecure=cool").status, 404);
    }
}

#[test]
fn an_update_of_the_site_is_noticed() {
    // 6.1 to 6.8: other hashes, and another part of them in the cookie.
    let site = Site::open(SUITES[0]);
    assert!(!site.version().at_least(6, 8), "the oldest suite is 6.7 or older");
    let id = site.add_user("anna");
    let md5 = format!("UPDATE {{p}}users SET user_pass = MD5('{PASSWORD}') WHERE ID = {id}");
    site.query(&md5);
    let made = |site: &Site| {
        let cookie = site
            .wordpress
            .php_with("return wp_generate_auth_cookie( $args, time() + 1000, 'logged_in' );", json!(id));
        cookie.as_str().expect("a cookie").to_owned()
    };
    let old = made(&site);
    assert!(site.app.is_valid(&old));

    site.wordpress.update_to(SUITES[1]);
    assert!(site.version().at_least(6, 8));
    site.app.refresh();
    let new = made(&site);
    assert_eq!([&old, &new].map(|cookie| site.app.is_valid(cookie)), [false, true]);
    assert_eq!(site.wordpress_takes(&[&old, &new]), [false, true]);

    let hash = || site.query(&format!("SELECT LEFT(user_pass, 4) FROM {{p}}users WHERE ID = {id}"));
    site.app.cookie("anna", PASSWORD);
    assert_eq!(hash(), [["$wp$"]]);
}

#[test]
fn a_version_file_that_changes_while_running_is_noticed() {
    let server = Server::mariadb();
    let wordpress = RealWordPress::open(SUITES[2], server);
    let folder = server.temporary_folder();
    let copy = folder.path().join("site");
    fs::create_dir_all(copy.join("wp-includes")).expect("a folder");
    fs::copy(wordpress.path().join("wp-config.php"), copy.join("wp-config.php")).expect("a copy");
    let write = |version: &str| {
        let text = format!("<?php\n$wp_version = '{version}';\n");
        fs::write(copy.join("wp-includes/version.php"), text).expect("a version file");
    };
    write("6.7.2");
    let mut site = Site::beside(wordpress);
    site.add_user("anna");
    let cookie = site.wordpress_cookie("anna", PASSWORD);
    site.app = Setup::beside(&copy).start();
    assert!(!site.app.is_valid(&cookie));
    write("6.8");
    assert!(!site.app.is_valid(&cookie));
    site.app.refresh();
    assert!(site.app.is_valid(&cookie));
}
