//! The genuine servers stand and answer; the rest of the tests builds on them.

#![allow(
    clippy::expect_used,
    reason = "a missing file is a failed test, in helpers too"
)]

mod support {
    pub mod server;
    pub mod wordpress;
}

use std::path::{Path, PathBuf};

use serde_json::json;
use support::server::{ExternalUrl, Server};
use support::wordpress::{ADMIN, RealWordPress, SUITES};

fn dumps() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sql");
    let mut dumps: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("fixtures/sql")
        .map(|entry| entry.expect("fixtures/sql").path())
        .collect();
    dumps.sort();
    assert_eq!(dumps.len(), 3);
    dumps
}

/// Installs, logs in, and has WordPress accept its own cookie.
fn wordpress_knows_itself(suite: &str, server: &'static Server) {
    let wordpress = RealWordPress::open(suite, server);
    let (login, password, _) = ADMIN;
    let answer = wordpress.php_with(
        "
        $user = wp_authenticate( $args['login'], $args['password'] );
        if ( is_wp_error( $user ) ) {
            return $user->get_error_message();
        }
        $_COOKIE = array();
        $cookie  = wp_generate_auth_cookie( $user->ID, time() + 100, 'logged_in' );
        return array(
            'user'     => $user->user_login,
            'accepted' => wp_validate_auth_cookie( $cookie, 'logged_in' ),
            'changed'  => wp_validate_auth_cookie( $cookie . 'x', 'logged_in' ),
            'sessions' => count( WP_Session_Tokens::get_instance( $user->ID )->get_all() ),
            'version'  => get_bloginfo( 'version' ),
        );
        ",
        json!({ "login": login, "password": password }),
    );
    assert_eq!(
        answer,
        json!({
            "user": login,
            "accepted": 1,
            "changed": false,
            "sessions": 1,
            "version": wordpress.version(),
        }),
        "{suite} on {}",
        server.name()
    );
}

#[test]
fn wordpress_of_each_suite_accepts_its_own_cookie_on_mariadb() {
    for suite in SUITES {
        wordpress_knows_itself(suite, Server::mariadb());
    }
}

#[test]
fn wordpress_of_the_newest_suite_accepts_its_own_cookie_on_mysql() {
    wordpress_knows_itself(SUITES[2], Server::mysql97());
}

#[test]
fn every_dump_loads_on_both_servers() {
    for server in [Server::mariadb(), Server::mysql97()] {
        for dump in dumps() {
            let database = server.database_from(&dump);
            assert_eq!(
                server.query(
                    &database,
                    "SELECT COUNT(*), MAX(user_login) FROM wp_users WHERE ID <= 12"
                ),
                [["12", "vanillabcrypt"]],
                "{} on {}",
                dump.display(),
                server.name()
            );
        }
    }
}

#[test]
fn mysql_keeps_its_strict_default_modes() {
    let modes = &Server::mysql97().query("", "SELECT @@GLOBAL.sql_mode")[0][0];
    for mode in ["STRICT_TRANS_TABLES", "NO_ZERO_DATE", "ONLY_FULL_GROUP_BY"] {
        assert!(modes.contains(mode), "{modes}");
    }
    let account = Server::mysql97().query("", "SELECT plugin FROM mysql.user WHERE user = 'sidecar'");
    assert_eq!(account, [["caching_sha2_password"]]);
}

#[test]
fn rows_come_back_as_they_went_in() {
    let server = Server::mariadb();
    let database = server.create_database();
    server.exec(&database, "CREATE TABLE t (a TEXT, b TEXT)");
    server.exec(
        &database,
        r"INSERT INTO t VALUES ('tab\t line\n back\\ ä 🦀', '')",
    );
    assert_eq!(
        server.query(&database, "SELECT a, b FROM t"),
        [["tab\t line\n back\\ ä 🦀", ""]]
    );
}

#[test]
fn a_recorded_site_opens_under_the_wordpress_of_its_time() {
    for (suite, dump) in SUITES.iter().zip(dumps()) {
        let wordpress = RealWordPress::from_dump(suite, Server::mariadb(), &dump);
        let login = wordpress.php("return wp_authenticate( 'john', 'john Pass 3' )->user_login;");
        assert_eq!(login, "john", "{suite}");
    }
}

#[test]
fn mails_are_kept_and_nothing_leaves() {
    let wordpress = RealWordPress::open("trixie", Server::mariadb());
    let sent = wordpress.php("return wp_mail( 'a@example.org', 'Subject', 'Text' );");
    assert_eq!(sent, true);
    let mails = wordpress.take_mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], "a@example.org");
    assert!(wordpress.take_mails().is_empty());
    let request = wordpress.php("return is_wp_error( wp_remote_get( 'http://127.0.0.1:9/' ) );");
    assert_eq!(request, true);
}

#[test]
fn without_the_constants_wordpress_keeps_its_salts_in_the_database() {
    let mut wordpress = RealWordPress::open("sid", Server::mariadb());
    wordpress.remove_keys();
    let salt = wordpress.php("return wp_salt( 'logged_in' );");
    let stored =
        wordpress.php("return get_site_option( 'logged_in_key' ) . get_site_option( 'logged_in_salt' );");
    assert_eq!(salt, stored);
    assert_eq!(salt.as_str().map(str::len), Some(128));
}

#[test]
#[should_panic(expected = "Undefined variable $nothing")]
fn a_warning_in_php_is_a_failure() {
    RealWordPress::open("trixie", Server::mariadb()).php("return $nothing;");
}

#[test]
#[should_panic(expected = "ended before it returned")]
fn an_exit_in_php_is_a_failure() {
    RealWordPress::open("trixie", Server::mariadb()).php("exit;");
}

#[test]
fn the_url_of_a_server_that_is_not_ours_gives_up_its_parts() {
    assert_eq!(
        ExternalUrl::parse("mysql://root:p%40ss@[::1]:3307/?ssl-mode=disabled"),
        Some(ExternalUrl {
            user: "root".into(),
            password: "p@ss".into(),
            host: "[::1]".into(),
            port: 3307,
            options: "?ssl-mode=disabled".into(),
        })
    );
    assert_eq!(ExternalUrl::parse("mysql://u@db").map(|url| url.port), Some(3306));
    assert_eq!(ExternalUrl::parse("postgres://u@db"), None);
}
