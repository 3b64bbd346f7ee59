//! What is told of a user is what WordPress has.

use serde_json::{Value, json};

use crate::http::Request;
use crate::site::{PASSWORD, Site, each, text};

/// Users as strangely described as WordPress lets them be; `$args` is the password of all.
const ADD_USERS: &str = "
    $users = array(
        array( 'user_login' => 'anna' ),
        array( 'user_login' => 'Mary Jane', 'user_email' => 'Mary.JANE@Example.ORG', 'display_name' => 'Mary \"MJ\" O\\'Neil' ),
        array( 'user_login' => 'åsa', 'user_email' => 'asa@example.org', 'first_name' => 'Åsa', 'last_name' => 'Öberg <3',
            'display_name' => '美 & Åsa', 'user_url' => 'https://example.org/?a=1&b=2', 'role' => 'editor' ),
        array( 'user_login' => 'nobody', 'user_email' => '', 'role' => '' ),
        array( 'user_login' => 'back', 'user_email' => 'o\\'neil+x@example.org', 'nickname' => 'a\\\\b',
            'description' => \"Lines\\nand <b>tags</b> \\\\ 'quotes' \\\"double\\\" 🦀\", 'user_registered' => '2001-02-03 04:05:06' ),
        array( 'user_login' => 'many', 'user_email' => 'many@example.org', 'display_name' => 'Many Roles Here' ),
        array( 'user_login' => 'blank', 'user_email' => 'blank@example.org', 'display_name' => ' ', 'nickname' => 'two  blanks' ),
    );
    $logins = array();
    foreach ( $users as $fields ) {
        $fields['user_pass'] = $args;
        $id = wp_insert_user( wp_slash( $fields ) );
        if ( is_wp_error( $id ) ) {
            return $id->get_error_message();
        }
        if ( 'many' === $fields['user_login'] ) {
            $user = new WP_User( $id );
            $user->add_role( 'author' );
            $user->add_cap( 'swim', false );
        }
        if ( 'blank' === $fields['user_login'] ) {
            delete_user_meta( $id, 'first_name' );
            update_user_meta( $id, 'description', array( 'a' => array( 1, 2.5, null, false ) ) );
        }
        $logins[] = $fields['user_login'];
    }
    return $logins;";

/// What WordPress has, in the plugin's order and under its names.
const DESCRIBE: &str = "
    global $wpdb;
    $user = get_user_by( 'login', $args );
    return array(
        'id'           => $user->ID,
        'username'     => $user->user_login,
        'nicename'     => $user->user_nicename,
        'email'        => $user->user_email,
        'url'          => $user->user_url,
        'registered'   => $user->user_registered,
        'displayname'  => $user->display_name,
        'firstname'    => $user->user_firstname,
        'lastname'     => $user->last_name,
        'nickname'     => $user->nickname,
        'description'  => $user->user_description,
        'capabilities' => $user->{$wpdb->prefix . 'capabilities'},
        'avatar'       => get_avatar_url( $user->ID, array( 'size' => 32 ) ),
    );";

#[track_caller]
fn add_users(site: &Site) -> Vec<String> {
    let logins = site.wordpress.php_with(ADD_USERS, json!(PASSWORD));
    serde_json::from_value(logins.clone()).unwrap_or_else(|_| panic!("logins: {logins}"))
}

/// Without an address WordPress draws Gravatar's server by lot up to 6.6.
fn undrawn(avatar: &str) -> String {
    let drawn = avatar
        .strip_prefix("http://")
        .and_then(|rest| rest.get(1..))
        .filter(|rest| rest.contains("/avatar/?"));
    drawn.map_or_else(|| avatar.to_owned(), |rest| format!("http://N{rest}"))
}

#[test]
fn the_user_object_has_the_values_of_wordpress() {
    each(|site| {
        for login in add_users(site) {
            let mut expected = site.wordpress.php_with(DESCRIBE, json!(login));
            let answer = site.app.generate_auth_cookie(&login, PASSWORD);
            let cookie = text(&answer, "cookie");
            for method in ["user/get_currentuserinfo", "auth/get_currentuserinfo"] {
                let mut told = site.app.call(method, &[("cookie", cookie)]).json()["user"].clone();
                for avatar in [&mut expected["avatar"], &mut told["avatar"]] {
                    *avatar = undrawn(avatar.as_str().expect("an address")).into();
                }
                assert_eq!(told.to_string(), expected.to_string(), "{method} of {login}");
            }
        }
    });
}

const DEFAULTS: [&str; 10] = [
    "mystery",
    "mm",
    "blank",
    "gravatar_default",
    "identicon",
    "initials",
    "",
    "0",
    "https://example.org/a b.png?x=1&y=[2]",
    "ünknown",
];
const RATINGS: [&str; 6] = ["G", "PG", "x", "", "R", "0"];

/// The addresses of all users under each of the settings.
const AVATARS: &str = "
    $said = array();
    foreach ( $args['cases'] as $case ) {
        update_option( 'avatar_default', wp_slash( $case['default'] ) );
        update_option( 'avatar_rating', $case['rating'] );
        $_SERVER['HTTPS'] = $case['tls'] ? 'on' : 'off';
        $urls             = array();
        foreach ( $args['logins'] as $login ) {
            $urls[] = get_avatar_url( get_user_by( 'login', $login )->ID, array( 'size' => $case['size'] ) );
        }
        $said[] = array( 'urls' => $urls, 'default' => get_option( 'avatar_default' ) );
    }
    return $said;";

#[test]
fn avatars_have_the_address_that_wordpress_gives_them() {
    each(|site| {
        let logins = add_users(site);
        let cookies: Vec<String> = logins.iter().map(|login| site.app.cookie(login, PASSWORD)).collect();
        let mut cases = Vec::new();
        for (place, default) in DEFAULTS.iter().enumerate() {
            for tls in [false, true] {
                let rating = RATINGS[(place + usize::from(tls)) % RATINGS.len()];
                cases.push(json!({ "default": default, "rating": rating, "tls": tls, "size": 32 }));
            }
        }
        let said = site.wordpress.php_with(AVATARS, json!({ "cases": cases, "logins": logins }));
        for (case, said) in cases.iter().zip(said.as_array().expect("answers")) {
            set_option(site, "avatar_default", text(said, "default"));
            set_option(site, "avatar_rating", text(case, "rating"));
            site.app.refresh();
            for (place, cookie) in cookies.iter().enumerate() {
                let avatar = current_user(site, cookie, case["tls"] == true)["avatar"].clone();
                let expected = undrawn(said["urls"][place].as_str().expect("an address"));
                assert_eq!(
                    undrawn(avatar.as_str().expect("an address")),
                    expected,
                    "{} {case}",
                    logins[place]
                );
            }
        }
    });
}

#[test]
fn a_login_shows_the_avatar_in_its_own_size_and_a_site_without_avatars_none() {
    each(|site| {
        site.add_user("anna");
        let large = |method: &str| {
            let answer = site.app.call(method, &[("username", "anna"), ("password", PASSWORD)]).json();
            answer["user"]["avatar"].clone()
        };
        let sizes = site.wordpress.php(
            "$id = get_user_by( 'login', 'anna' )->ID;
            return array( get_avatar_url( $id, array( 'size' => 512 ) ), get_avatar_url( $id, array( 'size' => 32 ) ) );",
        );
        assert_eq!(large("user/generate_auth_cookie"), sizes[0]);
        assert_eq!(large("auth/generate_auth_cookie"), sizes[1]);

        let shown = site.wordpress.php(
            "update_option( 'show_avatars', 0 );
            return get_avatar( get_user_by( 'login', 'anna' )->ID );",
        );
        assert_eq!(shown, false);
        site.app.refresh();
        assert_eq!(large("user/generate_auth_cookie"), Value::Null);
        let cookie = site.app.cookie("anna", PASSWORD);
        assert_eq!(current_user(site, &cookie, false)["avatar"], Value::Null);
    });
}

#[track_caller]
fn current_user(site: &Site, cookie: &str, tls: bool) -> Value {
    let mut request = Request::post("/api/user/get_currentuserinfo/?insecure=cool", &[("cookie", cookie)]);
    if tls {
        request = request.header("X-Forwarded-Proto", "https");
    }
    site.app.send(&request).json()["user"].clone()
}

fn set_option(site: &Site, name: &str, value: &str) {
    let value = value.replace('\\', "\\\\").replace('\'', "''");
    site.query(&format!("UPDATE {{p}}options SET option_value = '{value}' WHERE option_name = '{name}'"));
}
