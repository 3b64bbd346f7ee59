//! What ends a session on one side ends it on the other.

use serde_json::json;

use crate::site::{PASSWORD, Site, each, part};

/// Runs PHP on the user's sessions, with the tokens of these cookies.
#[track_caller]
fn in_wordpress(site: &Site, id: u64, code: &str, cookie: &str) {
    site.wordpress.php_with(
        &format!("$sessions = WP_Session_Tokens::get_instance( $args['id'] ); {code}"),
        json!({ "id": id, "cookie": cookie, "token": part(cookie, 2) }),
    );
}

#[track_caller]
fn valid(site: &Site, cookies: &[&str]) -> Vec<bool> {
    let here: Vec<bool> = cookies.iter().map(|cookie| site.app.is_valid(cookie)).collect();
    assert_eq!(here, site.wordpress_takes(cookies), "the service and WordPress differ");
    here
}

#[test]
fn ending_sessions_in_wordpress_ends_them_here() {
    each(|site| {
        let id = site.add_user("anna");
        let log_in = || site.app.cookie("anna", PASSWORD);
        let (first, second, theirs) = (log_in(), log_in(), site.wordpress_cookie("anna", PASSWORD));
        assert_eq!(valid(site, &[&first, &second, &theirs]), [true, true, true]);

        in_wordpress(site, id, "$sessions->destroy( $args['token'] );", &first);
        assert_eq!(valid(site, &[&first, &second, &theirs]), [false, true, true]);

        // The profile page's "Log Out Everywhere Else".
        in_wordpress(site, id, "$sessions->destroy_others( $args['token'] );", &second);
        assert_eq!(valid(site, &[&second, &theirs]), [true, false]);

        // "Log Out".
        in_wordpress(
            site,
            id,
            "$_COOKIE[ LOGGED_IN_COOKIE ] = wp_slash( $args['cookie'] );
            wp_set_current_user( $args['id'] );
            wp_logout();",
            &second,
        );
        assert_eq!(valid(site, &[&second]), [false]);

        let (third, theirs) = (log_in(), site.wordpress_cookie("anna", PASSWORD));
        in_wordpress(site, id, "$sessions->destroy_all();", &third);
        assert_eq!(valid(site, &[&third, &theirs]), [false, false]);

        let last = log_in();
        in_wordpress(site, id, "WP_Session_Tokens::destroy_all_for_all_users();", &last);
        assert_eq!(valid(site, &[&last]), [false]);
    });
}

#[test]
fn a_new_password_in_wordpress_ends_cookies_here() {
    each(|site| {
        let id = site.add_user("anna");
        let (a, b) = (site.app.cookie("anna", PASSWORD), site.wordpress_cookie("anna", PASSWORD));
        in_wordpress(site, id, "wp_set_password( 'another Pass 2', $args['id'] );", &a);
        assert_eq!(valid(site, &[&a, &b]), [false, false]);
        let refused =
            site.app.call("user/generate_auth_cookie", &[("username", "anna"), ("password", PASSWORD)]);
        assert_eq!(refused.json()["status"], "error");

        let c = site.app.cookie("anna", "another Pass 2");
        assert_eq!(valid(site, &[&c]), [true]);
        in_wordpress(
            site,
            id,
            "wp_update_user( wp_slash( array( 'ID' => $args['id'], 'user_pass' => 'third Pass 3' ) ) );",
            &c,
        );
        assert_eq!(valid(site, &[&c]), [false]);
    });
}

#[test]
fn clearing_a_cookie_here_ends_it_in_wordpress() {
    each(|site| {
        let id = site.add_user("anna");
        let rows = || {
            site.query(&format!(
                "SELECT COUNT(*) FROM {{p}}usermeta WHERE user_id = {id} AND meta_key = 'session_tokens'"
            ))
        };
        let (a, b) = (site.app.cookie("anna", PASSWORD), site.wordpress_cookie("anna", PASSWORD));
        assert_eq!(site.app.call("auth/clear_auth_cookie", &[("cookie", &a)]).json()["status"], "ok");
        assert_eq!(valid(site, &[&a, &b]), [false, true]);
        assert_eq!(rows(), [["1"]]);
        assert_eq!(site.app.call("auth/clear_auth_cookie", &[("cookie", &b)]).json()["status"], "ok");
        assert_eq!(valid(site, &[&a, &b]), [false, false]);
        // As WordPress does after the last one.
        assert_eq!(rows(), [["0"]]);
    });
}

#[test]
fn a_renewed_hash_ends_older_cookies_on_both_sides() {
    each(|site| {
        let id = site.add_user("anna");
        site.query(&format!("UPDATE {{p}}users SET user_pass = MD5('{PASSWORD}') WHERE ID = {id}"));
        // Made without a login, which would renew the hash.
        let old = site.wordpress.php_with(
            "return wp_generate_auth_cookie( $args['id'], time() + 1000, 'logged_in' );",
            json!({ "id": id }),
        );
        let old = old.as_str().expect("a cookie");
        assert_eq!(valid(site, &[old]), [true]);
        let new = site.app.cookie("anna", PASSWORD);
        assert_eq!(valid(site, &[old, &new]), [false, true]);
    });
}
