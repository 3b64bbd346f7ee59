//! Cookies of one side are taken by the other, and nothing else is.

use serde_json::{Value, json};

use crate::server::Server;
use crate::site::{PASSWORD, Site, each, part, text};
use crate::wordpress::SUITES;

/// Logins as WordPress stores them: a blank, an address, letters in both cases.
const LOGINS: [&str; 3] = ["anna", "Mary Jane", "bob@example.com"];

#[test]
fn wordpress_takes_the_cookies_of_the_service_in_both_schemes() {
    each(service_to_wordpress);
}

#[test]
fn the_service_takes_the_cookies_of_wordpress() {
    each(wordpress_to_service);
}

#[test]
fn both_take_each_others_cookies_on_genuine_mysql() {
    let site = Site::on(Server::mysql97(), SUITES[2]);
    service_to_wordpress(&site);
    let site = Site::on(Server::mysql97(), SUITES[0]);
    wordpress_to_service(&site);
}

fn service_to_wordpress(site: &Site) {
    for login in LOGINS {
        let id = site.add_user(login);
        let answer = site.app.generate_auth_cookie(login, PASSWORD);
        let (cookie, admin) = (text(&answer, "cookie"), text(&answer, "cookie_admin"));
        let by_auth =
            site.app.call("auth/generate_auth_cookie", &[("username", login), ("password", PASSWORD)]);
        let by_auth = by_auth.json();
        let said = site.wordpress.php_with(
            "$valid = function ( $cookie, $scheme ) {
                return (int) wp_validate_auth_cookie( wp_slash( $cookie ), $scheme );
            };
            $changed = array();
            foreach ( array( 0, 1, 2, 3 ) as $place ) {
                $parts           = explode( '|', $args['cookie'] );
                $parts[ $place ] = '1' . $parts[ $place ];
                $changed[]       = $valid( implode( '|', $parts ), 'logged_in' );
            }
            $_COOKIE[ LOGGED_IN_COOKIE ] = wp_slash( $args['cookie'] );
            $GLOBALS['current_user']     = null;
            return array(
                'logged_in' => $valid( $args['cookie'], 'logged_in' ),
                'by_auth'   => $valid( $args['by_auth'], 'logged_in' ),
                'admin'     => $valid( $args['admin'], 'secure_auth' ),
                'crossed'   => array( $valid( $args['cookie'], 'secure_auth' ), $valid( $args['cookie'], 'auth' ),
                    $valid( $args['admin'], 'logged_in' ) ),
                'changed'   => $changed,
                'current'   => get_current_user_id(),
                'name'      => LOGGED_IN_COOKIE,
                'sessions'  => count( WP_Session_Tokens::get_instance( $args['id'] )->get_all() ),
            );",
            json!({ "id": id, "cookie": cookie, "admin": admin, "by_auth": text(&by_auth, "cookie") }),
        );
        assert_eq!(
            said,
            json!({
                "logged_in": id,
                "by_auth": id,
                "admin": id,
                "crossed": [0, 0, 0],
                "changed": [0, 0, 0, 0],
                "current": id,
                "name": answer["cookie_name"],
                "sessions": 2,
            }),
            "{login}"
        );
        assert_eq!(by_auth["cookie_name"], answer["cookie_name"]);
    }
}

/// Cookies made in each way WordPress has: one by one, by `wp_set_auth_cookie()`, and by the login form.
const MAKE_COOKIES: &str = "
    $made = array();
    $keep = function ( $scheme ) use ( &$made ) {
        return function ( $cookie ) use ( &$made, $scheme ) {
            $made[ $scheme ] = $cookie;
        };
    };
    add_action( 'set_logged_in_cookie', $keep( 'logged_in' ) );
    add_action( 'set_auth_cookie', function ( $cookie, $expire, $expiration, $user_id, $scheme ) use ( &$made ) {
        $made[ $scheme ] = $cookie;
    }, 10, 5 );

    $user      = wp_authenticate( $args['login'], wp_slash( $args['password'] ) );
    $generated = wp_generate_auth_cookie( $user->ID, time() + 1000, 'logged_in' );
    $over      = wp_generate_auth_cookie( $user->ID, time() - 7200, 'logged_in' );

    wp_set_auth_cookie( $user->ID, true, true );
    $set  = $made;
    $made = array();

    $_POST = wp_slash( array( 'log' => $args['login'], 'pwd' => $args['password'], 'rememberme' => 'forever' ) );
    $form  = wp_signon();
    return array(
        'generated' => $generated,
        'over'      => $over,
        'set'       => $set,
        'form'      => $made,
        'same'      => $form->ID === $user->ID,
        'name'      => LOGGED_IN_COOKIE,
    );";

fn wordpress_to_service(site: &Site) {
    for login in LOGINS {
        let id = site.add_user(login);
        let args = json!({ "login": login, "password": PASSWORD });
        let made = site.wordpress.php_with(MAKE_COOKIES, args);
        assert_eq!(made["same"], true);
        let cookies = [&made["generated"], &made["set"]["logged_in"], &made["form"]["logged_in"]];
        for cookie in cookies.map(|cookie| cookie.as_str().expect("a cookie")) {
            assert!(site.app.is_valid(cookie), "{login}: {cookie}");
            for method in ["user/get_currentuserinfo", "auth/get_currentuserinfo"] {
                let answer = site.app.call(method, &[("cookie", cookie)]).json();
                assert_eq!(answer["user"]["id"], id, "{method}: {answer}");
            }
            let changed = cookie.replacen(part(cookie, 3), &"0".repeat(64), 1);
            assert!(!site.app.is_valid(&changed), "{login}: {changed}");
        }
        let others = [&made["over"], &made["set"]["secure_auth"], &made["form"]["auth"]];
        for cookie in others.map(|cookie: &Value| cookie.as_str().expect("a cookie")) {
            assert!(!site.app.is_valid(cookie), "{login}: {cookie}");
        }
        assert_eq!(site.app.generate_auth_cookie(login, PASSWORD)["cookie_name"], made["name"]);
    }
}

#[test]
fn a_cookie_with_any_byte_changed_is_taken_by_neither() {
    each(|site| {
        site.add_user("anna");
        let cookie = site.app.cookie("anna", PASSWORD);
        let changed: Vec<String> = (0..cookie.len())
            .flat_map(|place| [0x01, 0x20].map(|bit| (place, bit)))
            .map(|(place, bit)| {
                let mut bytes = cookie.clone().into_bytes();
                bytes[place] ^= bit;
                String::from_utf8(bytes).expect("ASCII")
            })
            .collect();
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        assert!(changed.len() > 200);
        assert!(site.wordpress_takes(&changed).iter().all(|taken| !taken));
        assert!(changed.iter().all(|cookie| !site.app.is_valid(cookie)));
        assert!(site.app.is_valid(&cookie));
    });
}
