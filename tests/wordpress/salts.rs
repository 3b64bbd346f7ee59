//! Keys and salts that the constants do not give: both sides find or make the same ones.

use crate::app::Setup;
use crate::server::Server;
use crate::site::{PASSWORD, Site};
use crate::wordpress::{KEYS, RealWordPress, SUITES};

/// A cookie of either side is taken by both, in a service started just now.
#[track_caller]
fn agree(site: &mut Site, what: &str) {
    site.app = Setup::beside(site.wordpress.path()).start();
    let here = site.app.cookie("anna", PASSWORD);
    let there = site.wordpress_cookie("anna", PASSWORD);
    let cookies = [here.as_str(), &there];
    assert_eq!(cookies.map(|cookie| site.app.is_valid(cookie)), [true, true], "here: {what}");
    assert_eq!(site.wordpress_takes(&cookies), [true, true], "in WordPress: {what}");
    // The nonce's salts have no cookie to show them.
    let nonce = site.app.get("/api/core/get_nonce/?controller=user&method=register").json();
    let made = site.wordpress.php("return wp_create_nonce( 'json_api-user-register' );");
    assert_eq!(nonce["nonce"], made, "{what}");
}

#[track_caller]
fn stored(site: &Site) -> Vec<Vec<String>> {
    site.query(
        "SELECT option_name, option_value, CHAR_LENGTH(option_value), autoload FROM {p}options
         WHERE option_name LIKE '%\\_salt' OR option_name LIKE '%\\_key' ORDER BY option_name",
    )
}

/// What is odd, the constants that are set to it in PHP, and those that are left out.
type Variant = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const NAMES: [&str; 8] = [
    "auth_key",
    "auth_salt",
    "logged_in_key",
    "logged_in_salt",
    "nonce_key",
    "nonce_salt",
    "secure_auth_key",
    "secure_auth_salt",
];

#[test]
fn salts_that_wordpress_generated_are_taken_here() {
    each_mut(|site| {
        site.add_user("anna");
        site.wordpress.remove_keys();
        site.wordpress.php(
            "foreach ( array( 'auth', 'secure_auth', 'logged_in', 'nonce' ) as $scheme ) { wp_salt( $scheme ); }",
        );
        let before = stored(site);
        assert_eq!(before.len(), 8);
        agree(site, "WordPress first");
        assert_eq!(stored(site), before);
    });
}

#[test]
fn salts_that_the_service_generated_are_taken_by_wordpress() {
    each_mut(|site| {
        site.add_user("anna");
        site.wordpress.remove_keys();
        assert_eq!(stored(site), Vec::<Vec<String>>::new());
        site.app = Setup::beside(site.wordpress.path()).start();
        let before = stored(site);
        for (row, name) in before.iter().zip(NAMES) {
            assert_eq!((row[0].as_str(), row[2].as_str()), (name, "64"));
            // Neither is loaded with every page.
            assert!(matches!(row[3].as_str(), "no" | "off"), "{row:?}");
        }
        agree(site, "the service first");
        assert_eq!(stored(site), before);
    });
}

#[test]
fn constants_that_cannot_be_used_are_replaced_alike() {
    const PLACEHOLDER: &str = "'put your unique phrase here'";
    let variants: [Variant; 8] = [
        ("one missing", &[], &["LOGGED_IN_SALT"]),
        ("placeholders", &[("LOGGED_IN_KEY", PLACEHOLDER), ("AUTH_KEY", PLACEHOLDER)], &[]),
        ("one placeholder", &[("NONCE_SALT", PLACEHOLDER)], &[]),
        ("empty", &[("LOGGED_IN_KEY", "''"), ("NONCE_KEY", "'0'")], &[]),
        ("key and salt alike", &[("LOGGED_IN_KEY", "'the same'"), ("LOGGED_IN_SALT", "'the same'")], &[]),
        ("two schemes alike", &[("NONCE_KEY", "'same'"), ("LOGGED_IN_KEY", "'same'")], &[]),
        (
            "the old secret key",
            &[("SECRET_KEY", "'an old secret'"), ("SECRET_SALT", "'an old salt'")],
            &["LOGGED_IN_KEY", "LOGGED_IN_SALT", "NONCE_KEY"],
        ),
        (
            "the old secret key doubled",
            &[("SECRET_KEY", "'doubled'"), ("NONCE_SALT", "'doubled'")],
            &["LOGGED_IN_KEY"],
        ),
    ];
    each_mut(|site| {
        site.add_user("anna");
        for (what, changed, missing) in variants {
            for (name, value) in KEYS {
                site.wordpress.set_constant(name, &format!("'{value}'"));
            }
            site.wordpress.remove_constants(&["SECRET_KEY", "SECRET_SALT"]);
            for (name, value) in changed {
                site.wordpress.set_constant(name, value);
            }
            site.wordpress.remove_constants(missing);
            agree(site, what);
        }
    });
}

#[test]
fn a_network_keeps_its_salts_in_its_own_table() {
    for suite in SUITES {
        let mut wordpress = RealWordPress::open(suite, Server::mariadb());
        wordpress.php(
            "require_once ABSPATH . 'wp-admin/includes/upgrade.php';
            require_once ABSPATH . 'wp-admin/includes/network.php';
            global $wpdb;
            foreach ( $wpdb->tables( 'ms_global' ) as $table => $prefixed ) { $wpdb->$table = $prefixed; }
            install_network();
            populate_network( 1, '127.0.0.1:8080', 'admin@example.org', 'Network', '/', false );",
        );
        wordpress.remove_keys();
        let constants = [
            ("MULTISITE", "true"),
            ("SUBDOMAIN_INSTALL", "false"),
            ("DOMAIN_CURRENT_SITE", "'127.0.0.1:8080'"),
            ("PATH_CURRENT_SITE", "'/'"),
            ("SITE_ID_CURRENT_SITE", "1"),
            ("BLOG_ID_CURRENT_SITE", "1"),
        ];
        for (name, value) in constants {
            wordpress.set_constant(name, value);
        }
        let mut site = Site::beside(wordpress);
        site.add_user("anna");
        agree(&mut site, "a network");
        assert_eq!(stored(&site), Vec::<Vec<String>>::new());
        let rows = site.query("SELECT meta_key FROM {p}sitemeta WHERE meta_key LIKE '%\\_salt'");
        assert_eq!(rows.len(), 4, "{rows:?}");
        let name = site.wordpress.php("return LOGGED_IN_COOKIE;");
        assert_eq!(site.app.generate_auth_cookie("anna", PASSWORD)["cookie_name"], name);
    }
}

/// `each` for proofs that change the site's wp-config.php.
fn each_mut(proof: impl Fn(&mut Site)) {
    for suite in SUITES {
        let mut site = Site::open(suite);
        println!("{suite}: WordPress {}", site.wordpress.version());
        proof(&mut site);
    }
}
