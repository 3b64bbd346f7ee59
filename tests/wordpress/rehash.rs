//! Hashes renewed here are WordPress's own kind, and only those are renewed that it would renew.

use serde_json::{Value, json};

use crate::site::{PASSWORD, Site, each};

/// Users with hashes of every kind, two of each: one logs in to WordPress, the other here.
const MAKE_USERS: &str = "
    global $wpdb;
    require_once ABSPATH . WPINC . '/class-phpass.php';
    $password = wp_slash( $args['password'] );
    $portable = ( new PasswordHash( 8, true ) )->HashPassword( $password );
    $hashes   = array(
        'own'       => wp_hash_password( $password ),
        'md5'       => md5( $password ),
        'portable'  => $portable,
        'phpbb'     => '$H' . substr( $portable, 2 ),
        'bcrypt'    => password_hash( $password, PASSWORD_BCRYPT ),
        'bcrypt_05' => password_hash( $password, PASSWORD_BCRYPT, array( 'cost' => 5 ) ),
        'argon2i'   => password_hash( $password, PASSWORD_ARGON2I ),
        'argon2id'  => password_hash( $password, PASSWORD_ARGON2ID ),
    );
    foreach ( $hashes as $name => $hash ) {
        foreach ( array( 'there', 'here' ) as $place ) {
            $id = wp_insert_user( array( 'user_login' => \"{$name}_$place\", 'user_pass' => 'x' ) );
            $wpdb->update( $wpdb->users, array( 'user_pass' => $hash, 'user_activation_key' => 'waiting' ), array( 'ID' => $id ) );
            clean_user_cache( $id );
        }
    }
    $logged_in = array();
    foreach ( $hashes as $name => $hash ) {
        $logged_in[ $name ] = wp_authenticate( \"{$name}_there\", $password ) instanceof WP_User;
    }
    return array( 'hashes' => $hashes, 'logged_in' => $logged_in );";

/// The rows afterwards, and what WordPress says of the hash.
const LOOK: &str = "
    global $wpdb;
    $password = wp_slash( $args['password'] );
    $seen     = array();
    foreach ( $wpdb->get_results( \"SELECT * FROM $wpdb->users WHERE ID > 1\" ) as $row ) {
        $renewed = function_exists( 'wp_password_needs_rehash' )
            ? wp_password_needs_rehash( $row->user_pass ) : strlen( $row->user_pass ) <= 32;
        // Without the user's id: nothing is renewed by asking.
        $seen[ $row->user_login ] = array(
            'hash'          => $row->user_pass,
            'key'           => $row->user_activation_key,
            'checks'        => wp_check_password( $password, $row->user_pass ),
            'another'       => wp_check_password( $password . 'x', $row->user_pass ),
            'needs_another' => $renewed,
        );
    }
    return $seen;";

#[test]
fn a_hash_is_renewed_here_exactly_when_wordpress_would_and_wordpress_takes_it() {
    each(|site| {
        let args = json!({ "password": PASSWORD });
        let made = site.wordpress.php_with(MAKE_USERS, args.clone());
        let kinds = made["hashes"].as_object().expect("hashes");
        for kind in kinds.keys() {
            let here = site.app.call(
                "user/generate_auth_cookie",
                &[("username", &format!("{kind}_here")), ("password", PASSWORD)],
            );
            assert_eq!(here.json()["status"] == "ok", made["logged_in"][kind] == true, "{kind}");
        }
        let seen = site.wordpress.php_with(LOOK, args);
        for (kind, hash) in kinds {
            let (there, here) = (&seen[format!("{kind}_there")], &seen[format!("{kind}_here")]);
            let without_hash = |row: &Value| {
                let mut row = row.clone();
                // What a renewed hash has in common: kind and cost.
                let text = row["hash"].as_str().expect("a hash").to_owned();
                row["hash"] = if row["hash"] == *hash { "kept".into() } else { text[..10].into() };
                if text.starts_with("$P$") && row["hash"] != "kept" {
                    row["hash"] = text[..4].into();
                }
                row
            };
            assert_eq!(without_hash(here), without_hash(there), "{kind}");
            if made["logged_in"][kind] == true {
                assert_eq!((&here["checks"], &here["another"]), (&json!(true), &json!(false)), "{kind}");
                assert_eq!(here["needs_another"], false, "{kind}");
            }
            let renewed = here["hash"] != *hash;
            assert_eq!(renewed, here["key"] == "", "{kind}: {here}");
            assert_eq!(renewed, expected(site, kind), "{kind}: {here}");
        }
    });
}

/// Whether this WordPress renews that kind of hash.
fn expected(site: &Site, kind: &str) -> bool {
    if site.version().at_least(6, 8) { !matches!(kind, "own" | "phpbb") } else { kind == "md5" }
}
