//! A WordPress and the service beside it.

use serde_json::{Value, json};
use wp_sidecar::wp::version::WpVersion;

use crate::app::{Setup, TestApp};
use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};

/// The password that [`Site::add_user`] gives.
pub const PASSWORD: &str = "anna Pass 1";

/// Both, on the same database. The service ends first.
pub struct Site {
    pub app: TestApp,
    pub wordpress: RealWordPress,
}

impl Site {
    /// A fresh site of a suite's WordPress on MariaDB.
    #[track_caller]
    pub fn open(suite: &str) -> Self {
        Self::on(Server::mariadb(), suite)
    }

    /// The same on that server.
    #[track_caller]
    pub fn on(server: &'static Server, suite: &str) -> Self {
        Self::beside(RealWordPress::open(suite, server))
    }

    /// The service beside a site that runs already; it reads the site's own wp-config.php.
    #[track_caller]
    pub fn beside(wordpress: RealWordPress) -> Self {
        enable_controllers(&wordpress);
        Self { app: Setup::beside(wordpress.path()).start(), wordpress }
    }

    /// The release that runs, as the rules know it.
    pub fn version(&self) -> WpVersion {
        WpVersion::parse(&self.wordpress.version()).expect("a version")
    }

    /// A user with [`PASSWORD`], made by WordPress; gives the id.
    #[track_caller]
    pub fn add_user(&self, login: &str) -> u64 {
        let id = self.wordpress.php_with(
            "return wp_insert_user( wp_slash( array(
                'user_login' => $args['login'],
                'user_pass'  => $args['password'],
                'user_email' => $args['login'] . '@example.org',
            ) ) );",
            json!({ "login": login, "password": PASSWORD }),
        );
        id.as_u64().unwrap_or_else(|| panic!("an id: {id}"))
    }

    /// Whether `wp_validate_auth_cookie()` takes these cookies of the scheme `logged_in`, sent with a request.
    #[track_caller]
    pub fn wordpress_takes(&self, cookies: &[&str]) -> Vec<bool> {
        let answer = self.wordpress.php_with(
            "return array_map( function ( $cookie ) {
                return (bool) wp_validate_auth_cookie( wp_slash( $cookie ), 'logged_in' );
            }, $args );",
            json!(cookies),
        );
        serde_json::from_value(answer).expect("true or false for each")
    }

    /// A cookie of the scheme `logged_in`, made by WordPress after a login.
    #[track_caller]
    pub fn wordpress_cookie(&self, login: &str, password: &str) -> String {
        let cookie = self.wordpress.php_with(
            "$user = wp_authenticate( $args['login'], wp_slash( $args['password'] ) );
            return is_wp_error( $user ) ? $user->get_error_code()
                : wp_generate_auth_cookie( $user->ID, time() + 1000, 'logged_in' );",
            json!({ "login": login, "password": password }),
        );
        cookie.as_str().filter(|text| text.contains('|')).expect("a cookie").to_owned()
    }

    /// Adds a must-use plugin of that code.
    #[track_caller]
    pub fn add_plugin(&self, name: &str, code: &str) {
        let file = self.wordpress.path().join(format!("wp-content/mu-plugins/{name}.php"));
        std::fs::write(file, format!("<?php\n{code}\n")).expect("a writable site folder");
    }

    /// Rows of the site's database; `{p}` is the prefix.
    #[track_caller]
    pub fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = sql.replace("{p}", self.wordpress.prefix());
        self.wordpress.server().query(self.wordpress.database(), &sql)
    }
}

/// The plugin's own settings, which a fresh WordPress lacks.
#[track_caller]
pub fn enable_controllers(wordpress: &RealWordPress) {
    wordpress.php("update_option( 'json_api_controllers', 'core,user,auth' );");
}

/// Runs a proof on each suite's WordPress.
#[track_caller]
pub fn each(proof: impl Fn(&Site)) {
    for suite in SUITES {
        let site = Site::open(suite);
        println!("{suite}: WordPress {}", site.wordpress.version());
        proof(&site);
    }
}

/// A part of a cookie: login, expiration, token, signature.
pub fn part(cookie: &str, place: usize) -> &str {
    cookie.split('|').nth(place).expect("a cookie of four parts")
}

/// The text of a field.
#[track_caller]
pub fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}"))
}
