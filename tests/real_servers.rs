//! The genuine servers stand and answer; the rest of the tests builds on them.

#![allow(clippy::expect_used, reason = "a missing file is a failed test, in helpers too")]

mod support {
    pub mod server;
    pub mod wordpress;
}

use std::path::{Path, PathBuf};

use serde_json::json;
use support::server::{ExternalUrl, Server};
use support::wordpress::{ADMIN, RealWordPress, SUITES};

fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn dumps() -> Vec<PathBuf> {
    let folder = project("fixtures/sql");
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
            'home'     => get_option( 'home' ),
            'siteurl'  => get_option( 'siteurl' ),
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
            "home": "http://127.0.0.1:8080",
            "siteurl": "http://127.0.0.1:8080",
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
                server.query(&database, "SELECT COUNT(*), MAX(user_login) FROM wp_users WHERE ID <= 12"),
                [["12", "vanillabcrypt"]],
                "{} on {}",
                dump.display(),
                server.name()
            );
        }
    }
}

#[test]
fn the_schema_is_that_of_wordpress_7_1() {
    let server = Server::mariadb();
    let ours = server.database_from(&project("wp-schema.sql"));
    let wordpress = RealWordPress::open("sid", server);
    let columns = |database: &str| -> Vec<Vec<String>> {
        server
            .query(
                database,
                "SELECT table_name, column_name, column_type, column_default, is_nullable, collation_name, extra
                 FROM information_schema.columns WHERE table_schema = DATABASE()
                 ORDER BY table_name, ordinal_position",
            )
            .into_iter()
            .filter(|row| !row[0].starts_with("wp_bp_") && row[0] != "wp_signups")
            .collect()
    };
    let (ours, theirs) = (columns(&ours), columns(wordpress.database()));
    if wordpress.version().starts_with("7.1") {
        assert_eq!(ours, theirs);
    } else {
        // A newer one may have more; what we know of has to be there still.
        let lost: Vec<_> =
            ours.iter().filter(|row| !theirs.iter().any(|other| other[..2] == row[..2])).collect();
        assert!(lost.is_empty(), "{} lacks {lost:?}", wordpress.version());
    }
}

#[test]
fn the_demo_site_loads_on_both_servers_and_its_users_log_in_to_wordpress() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let both = server.temporary_folder();
        let file = both.path().join("both.sql");
        let text = ["wp-schema.sql", "fixtures/demo.sql"]
            .map(|part| std::fs::read_to_string(project(part)).expect(part));
        std::fs::write(&file, text.concat()).expect("a writable temporary folder");
        let wordpress = RealWordPress::from_dump("sid", server, &file);
        let roles = wordpress.php(
            "
            $roles = array();
            foreach ( array( 'admin', 'anna', 'ben' ) as $login ) {
                $user = wp_authenticate( $login, \"demo-$login-1\" );
                $roles[ $login ] = is_wp_error( $user ) ? $user->get_error_message() : $user->roles;
            }
            return $roles;
            ",
        );
        assert_eq!(
            roles,
            json!({ "admin": ["administrator"], "anna": ["subscriber"], "ben": ["editor"] }),
            "{}",
            server.name()
        );
        let names = server.query(
            wordpress.database(),
            "SELECT value FROM wp_bp_xprofile_data WHERE field_id = 1 ORDER BY user_id",
        );
        assert_eq!(names, [["Ada Admin"], ["Anna Svensson"], ["Ben Okafor"]]);
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
    server.exec(&database, r"INSERT INTO t VALUES ('tab\t line\n back\\ ä 🦀', '')");
    assert_eq!(server.query(&database, "SELECT a, b FROM t"), [["tab\t line\n back\\ ä 🦀", ""]]);
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
fn a_site_takes_another_prefix_and_another_request() {
    let wordpress = RealWordPress::site("trixie")
        .prefix("Blog7_")
        .url("https://example.org/blog")
        .constant("FORCE_SSL_ADMIN", "true")
        .without_constant("NONCE_SALT")
        .server_variable("HTTPS", "on")
        .start(Server::mariadb());
    let answer = wordpress.php(
        "global $wpdb;
        return array( is_ssl(), $wpdb->users, home_url(), FORCE_SSL_ADMIN, defined( 'NONCE_SALT' ) );",
    );
    assert_eq!(answer, json!([true, "Blog7_users", "https://example.org/blog", true, false]));
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
