//! Users registered here against users made by `wp_insert_user()` behind the plugin's own filters: the same rows.

use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::server::Server;
use crate::wordpress::{RealWordPress, SUITES};

/// What the plugin does with a request before and after `wp_insert_user()`, but for the password, which stays as
/// sent (D14). Returns the new ids.
const REGISTER: &str = "
    $ids = array();
    foreach ( $args as $form ) {
        $request = wp_slash( $form );
        $request['user_login'] = sanitize_user( $request['username'] );
        $request['user_email'] = sanitize_email( $request['email'] );
        $user = array();
        foreach ( array( 'user_login', 'user_email', 'display_name', 'user_nicename', 'user_url', 'nickname',
            'first_name', 'last_name', 'description', 'rich_editing', 'user_registered', 'comment_shortcuts',
            'admin_color', 'use_ssl', 'show_admin_bar_front' ) as $name ) {
            if ( isset( $request[ $name ] ) ) {
                $user[ $name ] = trim( sanitize_text_field( $request[ $name ] ) );
            }
        }
        $user['user_pass'] = $request['user_pass'];
        $id = wp_insert_user( $user );
        if ( is_wp_error( $id ) ) {
            $ids[] = $id->get_error_message();
            continue;
        }
        foreach ( $request['custom_fields'] ?? array() as $key => $value ) {
            update_user_meta( $id, $key, $value );
        }
        $ids[] = $id;
    }
    return $ids;
";

/// What is odd about each form.
fn odd_forms() -> Vec<Value> {
    vec![
        json!({}),
        json!({"username": "Žofie Ünal"}),
        json!({"username": "a.b_c-d@e"}),
        json!({"username": "two   words"}),
        json!({"username": "-lead.and.trail-"}),
        json!({"username": "12345"}),
        json!({"username": "<b>tag</b>ged"}),
        json!({"username": "amp&amp;ent%41"}),
        json!({"username": "x".repeat(60)}),
        json!({"email": "o'brien&co@example.org"}),
        json!({"email": "UPPER.Case+tag@Example.ORG"}),
        json!({"email": " r 9@exa_mple.org "}),
        json!({"email": "pct%41x@example.org"}),
        json!({"display_name": "Ann O'Neil \"Q\" \\ back"}),
        json!({"display_name": "A & B &amp; C < D > E"}),
        json!({"display_name": "<b>bold</b> <script>x</script>done"}),
        json!({"display_name": "0"}),
        json!({"display_name": "Emoji 🦀 — ü"}),
        json!({"display_name": "d".repeat(250)}),
        json!({"first_name": "Ann", "last_name": "Lee"}),
        json!({"first_name": "Ann & Co", "last_name": "O'\\Lee"}),
        json!({"first_name": "0", "last_name": "Only"}),
        json!({"last_name": "<i>Last</i>"}),
        json!({"nickname": "Nick \"the\" 'N' & \\"}),
        json!({"nickname": "0"}),
        json!({"user_nicename": "Jöhn Döe / x"}),
        json!({"user_nicename": "admin"}),
        json!({"user_nicename": "with.dots@and'quotes"}),
        json!({"user_nicename": "n".repeat(50)}),
        json!({"user_url": "example.org/a?b=1&c=2"}),
        json!({"user_url": "javascript:alert(1)"}),
        json!({"user_url": "http://e.org/o'x [y] \"z\""}),
        json!({"user_url": "HTTPS://Example.org/ä"}),
        json!({"user_url": "0"}),
        json!({"description": "<a href='http://e.org' title=\"t\" onclick='x'>l</a> & <b>b</b> \\n"}),
        json!({"description": "two\nlines\tand   blanks %41"}),
        json!({"description": "a:1:{i:0;s:1:\"x\";}"}),
        json!({"description": "0"}),
        json!({"description": "5 < 6 && 7 > 3 'q'"}),
        json!({"rich_editing": "false", "comment_shortcuts": "true", "use_ssl": "1",
               "show_admin_bar_front": "false", "admin_color": "midnight"}),
        json!({"rich_editing": "", "comment_shortcuts": "false", "use_ssl": "0", "admin_color": "a<b>'c!d"}),
        json!({"rich_editing": "x'y", "comment_shortcuts": "0", "use_ssl": "false", "admin_color": "0"}),
        json!({"user_registered": "2020-02-29 01:02:03"}),
        json!({"user_registered": "2020-3-4"}),
        json!({"user_pass": "it's \"a\" \\ pass<b>%41 word"}),
        json!({"custom_fields": {"phone": "555", "quote": "it's \"q\" \\ <b>", "empty": ""}}),
        json!({"custom_fields": {"list": ["a", "b's"], "map": {"k": {"n": "deep \\"}}, "looks": "i:5; x"}}),
        json!({"custom_fields": {"NICKNAME": "Folded", "a": "1", "A": "2", "á": "3"}}),
        json!({"custom_fields": {"back\\slash": "x", "with space": "y", "": "none"}}),
    ]
}

/// The odd forms with a name, an address and a password where they have none.
fn forms() -> Vec<Value> {
    let mut forms = odd_forms();
    for (number, form) in forms.iter_mut().enumerate() {
        let form = form.as_object_mut().expect("a form");
        form.entry("username").or_insert_with(|| format!("user{number}").into());
        form.entry("email").or_insert_with(|| format!("user{number}@example.org").into());
        form.entry("user_pass").or_insert_with(|| "pass".into());
    }
    forms
}

/// The form as PHP's names: `custom_fields[map][k][n]`.
fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    let inner = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&inner(key), value, into)),
        Value::Array(list) => list.iter().for_each(|value| flatten(&format!("{name}[]"), value, into)),
        other => into.push((name.to_owned(), other.as_str().expect("a text").to_owned())),
    }
}

fn beside(wordpress: &RealWordPress) -> TestApp {
    wordpress.php(
        "update_option( 'users_can_register', '1' ); update_option( 'default_role', 'author' );
        update_option( 'json_api_controllers', 'core,user' );",
    );
    Setup::beside(wordpress.path()).keep_mails().start()
}

#[track_caller]
fn register(app: &TestApp, form: &Value) -> Value {
    let mut pairs = vec![("nonce".to_owned(), app.nonce("register"))];
    flatten("", form, &mut pairs);
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = app.call("user/register", &pairs);
    assert_eq!(answer.status, 200, "{form}: {}", answer.text());
    answer.json()
}

/// Row and meta of each user but the first, in order of their making; without numbers, times, hashes and sessions.
fn rows(wordpress: &RealWordPress) -> Vec<Vec<Vec<String>>> {
    let (server, database) = (wordpress.server(), wordpress.database());
    let users = server.query(
        database,
        "SELECT ID, user_login, user_nicename, user_email, user_url, user_activation_key, user_status, display_name, \
         IF(user_registered > '2021-01-01', 'now', user_registered), LENGTH(user_pass) \
         FROM wp_users WHERE ID > 1 ORDER BY ID",
    );
    users
        .into_iter()
        .map(|mut user| {
            let id = user.remove(0);
            let meta = server.query(
                database,
                &format!(
                    "SELECT meta_key, IFNULL(meta_value, 'NULL!') FROM wp_usermeta \
                     WHERE user_id = {id} AND meta_key <> 'session_tokens' ORDER BY umeta_id"
                ),
            );
            std::iter::once(user).chain(meta).collect()
        })
        .collect()
}

fn same_rows(suite: &str) {
    let wordpress = RealWordPress::open(suite, Server::mariadb());
    same_rows_in(&wordpress, &beside(&wordpress), suite);
}

fn same_rows_in(wordpress: &RealWordPress, app: &TestApp, suite: &str) {
    let forms = forms();
    for form in &forms {
        register(app, form);
    }
    let ours = rows(wordpress);
    let count = wordpress.php("return get_site_option( 'user_count' );");
    for sql in ["DELETE FROM wp_usermeta WHERE user_id > 1", "DELETE FROM wp_users WHERE ID > 1"] {
        wordpress.server().exec(wordpress.database(), sql);
    }
    wordpress.php("wp_update_user_counts();");
    let ids = wordpress.php_with(REGISTER, json!(forms));
    let theirs = rows(wordpress);
    assert_eq!(count, wordpress.php("return get_site_option( 'user_count' );"), "{suite}");
    assert_eq!(count, (forms.len() + 1).to_string(), "{suite}");
    assert_eq!(ours.len(), forms.len());
    assert_eq!(theirs.len(), forms.len(), "{suite}: {ids}");
    for (form, (ours, theirs)) in forms.iter().zip(ours.iter().zip(&theirs)) {
        assert_eq!(ours, theirs, "{suite}: {form}");
    }
}

fn logs_in(suite: &str) {
    let wordpress = RealWordPress::open(suite, Server::mariadb());
    let app = beside(&wordpress);
    let password = "it's \"a\" \\ pass<b>%41 word";
    let answer = register(
        &app,
        &json!({"username": "Ann O.Neil", "email": "ann@example.org", "user_pass": password, "notify": "both"}),
    );
    let found = wordpress.php_with(
        "
        add_filter( 'send_auth_cookies', '__return_false' );
        $login = $args['login'];
        $cookie = $args['cookie'];
        $key = check_password_reset_key( $args['key'], $login );
        $user = wp_signon( array( 'user_login' => $login, 'user_password' => wp_slash( $args['password'] ) ) );
        if ( is_wp_error( $user ) ) {
            return $user->get_error_message();
        }
        return array(
            'id'     => $user->ID,
            'roles'  => $user->roles,
            'level'  => (int) $user->user_level,
            'can'    => user_can( $user, 'publish_posts' ),
            'login'  => get_user_by( 'login', $login )->ID,
            'email'  => get_user_by( 'email', 'ann@example.org' )->ID,
            'slug'   => get_user_by( 'slug', 'ann-o-neil' )->ID,
            'cookie' => wp_validate_auth_cookie( $cookie, 'logged_in' ),
            'admin'  => wp_validate_auth_cookie( $args['admin'], 'secure_auth' ),
            'key'    => is_wp_error( $key ) ? $key->get_error_code() : $key->ID,
            'count'  => get_user_count(),
        );
        ",
        json!({
            "login": "Ann O.Neil",
            "password": password,
            "cookie": answer["cookie"],
            "admin": answer["cookie_admin"],
            "key": mailed_key(&app),
        }),
    );
    let id = &answer["user_id"];
    assert_eq!(
        found,
        json!({
            "id": id, "roles": ["author"], "level": 2, "can": true, "login": id, "email": id, "slug": id,
            "cookie": id, "admin": id, "key": id, "count": 2,
        }),
        "{suite}"
    );
}

/// The key in the link that the user was sent.
fn mailed_key(app: &TestApp) -> String {
    let mails = app.take_mails();
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["admin@example.org", "ann@example.org"]);
    let (_, rest) = mails[1].body.split_once("key=").expect("a link");
    rest.split(['&', '\n']).next().expect("a key").to_owned()
}

#[test]
fn rows_are_those_of_wordpress_6_1() {
    same_rows(SUITES[0]);
}

#[test]
fn rows_are_those_of_wordpress_6_8() {
    same_rows(SUITES[1]);
}

#[test]
fn rows_are_those_of_the_newest_wordpress() {
    same_rows(SUITES[2]);
}

#[test]
fn a_user_registered_here_is_at_home_in_each_wordpress() {
    for suite in SUITES {
        logs_in(suite);
    }
}

/// Turns a site into a network of one.
fn network(suite: &str) -> RealWordPress {
    let mut wordpress = RealWordPress::open(suite, Server::mariadb());
    wordpress.php(
        "
        global $wpdb;
        define( 'WP_INSTALLING_NETWORK', true );
        foreach ( $wpdb->tables( 'ms_global' ) as $table => $prefixed ) {
            $wpdb->$table = $prefixed;
        }
        require_once ABSPATH . 'wp-admin/includes/upgrade.php';
        install_network();
        $done = populate_network( 1, '127.0.0.1:8080', 'admin@example.org', 'Network', '/', false );
        return is_wp_error( $done ) ? $done->get_error_message() : $done;
        ",
    );
    for (name, value) in [
        ("MULTISITE", "true"),
        ("SUBDOMAIN_INSTALL", "false"),
        ("DOMAIN_CURRENT_SITE", "'127.0.0.1:8080'"),
        ("PATH_CURRENT_SITE", "'/'"),
        ("SITE_ID_CURRENT_SITE", "1"),
        ("BLOG_ID_CURRENT_SITE", "1"),
    ] {
        wordpress.set_constant(name, value);
    }
    wordpress
}

#[test]
fn a_network_opens_registration_reserves_names_and_counts_its_users() {
    let wordpress = network(SUITES[1]);
    let app = beside(&wordpress);
    let try_name = |name: &str| {
        let nonce = app.nonce("register");
        let email = format!("{name}@example.org");
        let form = [("username", name), ("email", &email), ("nonce", &nonce), ("user_pass", "p")];
        app.call("user/register", &form).json()
    };
    let closed = "User registration is disabled. Please enable it in Settings > Gereral.";
    assert_eq!(try_name("ann")["error"], closed);
    wordpress.php("update_site_option( 'registration', 'blog' );");
    assert_eq!(try_name("ann")["error"], closed);
    wordpress.php("update_site_option( 'registration', 'user' );");
    for name in ["www", "WWW", "root"] {
        assert_eq!(try_name(name)["error"], "Username is invalid.", "{name}");
    }
    assert_eq!(try_name("ann")["status"], "ok");
    assert_eq!(try_name("ben")["status"], "ok");
    assert_eq!(wordpress.php("return get_user_count();"), 3);
    wordpress.server().exec(wordpress.database(), "UPDATE wp_users SET spam = 1 WHERE user_login = 'ben'");
    assert_eq!(try_name("cyn")["status"], "ok");
    assert_eq!(wordpress.php("return get_user_count();"), 3);
    for sql in [
        "DELETE FROM wp_usermeta WHERE user_id > 1",
        "DELETE FROM wp_users WHERE ID > 1",
        "DELETE FROM wp_sitemeta WHERE meta_key = 'user_count'",
    ] {
        wordpress.server().exec(wordpress.database(), sql);
    }
    same_rows_in(&wordpress, &app, "network");
}
