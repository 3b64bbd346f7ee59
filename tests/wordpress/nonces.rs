//! Nonces of one side verify on the other, for visitors and for users.

use serde_json::json;
use wp_sidecar::wp::nonce::{self, Age, Subject};
use wp_sidecar::wp::salts::Scheme;

use crate::http::Request;
use crate::site::{PASSWORD, Site, each, part, text};

const ACTION: &str = "json_api-user-register";

/// Makes the request's user from its cookies, as WordPress does, and asks for a nonce and about a nonce.
const ASK: &str = "
    $_SERVER['HTTPS'] = $args['tls'] ? 'on' : 'off';
    foreach ( $args['cookies'] as $name => $value ) {
        $_COOKIE[ constant( $name ) ] = wp_slash( $value );
    }
    $GLOBALS['current_user'] = null;
    if ( $args['parameter'] ) {
        // What the plugin does with its parameter.
        wp_set_current_user( (int) wp_validate_auth_cookie( $args['parameter'], 'logged_in' ) );
    }
    return array(
        'verified' => wp_verify_nonce( $args['nonce'], $args['action'] ),
        'other'    => wp_verify_nonce( $args['nonce'], $args['action'] . 'x' ),
        'made'     => wp_create_nonce( $args['action'] ),
        'user'     => get_current_user_id(),
        'token'    => wp_get_session_token(),
    );";

/// A request's cookies by the constant of their name, its parameter `cookie`, and whether it came over TLS.
struct Case<'a> {
    cookies: Vec<(&'a str, &'a str)>,
    parameter: Option<&'a str>,
    tls: bool,
    user: u64,
    token: &'a str,
}

#[test]
fn nonces_of_either_side_verify_on_the_other() {
    each(|site| {
        let anna = site.add_user("anna");
        let ben = site.add_user("ben");
        let answer = site.app.generate_auth_cookie("anna", PASSWORD);
        let (cookie, admin) = (text(&answer, "cookie"), text(&answer, "cookie_admin"));
        let other = site.wordpress_cookie("ben", PASSWORD);
        let ended = format!("{other}x");
        let (token, other_token) = (part(cookie, 2), part(&other, 2));
        let logged_in = |cookie| vec![("LOGGED_IN_COOKIE", cookie)];
        let case = |cookies, parameter, tls, user, token| Case { cookies, parameter, tls, user, token };
        for case in [
            case(vec![], None, false, 0, ""),
            case(vec![], Some(cookie), false, anna, ""),
            case(vec![], Some(&*ended), false, 0, ""),
            case(logged_in(cookie), None, false, anna, token),
            case(logged_in(cookie), None, true, anna, token),
            case(logged_in(&other), Some(cookie), false, anna, other_token),
            // The token counts although the cookie is invalid.
            case(logged_in(&ended), None, false, 0, other_token),
            case(vec![("SECURE_AUTH_COOKIE", admin)], None, true, anna, ""),
            case(vec![("SECURE_AUTH_COOKIE", admin)], None, false, 0, ""),
            case(
                vec![("SECURE_AUTH_COOKIE", admin), ("LOGGED_IN_COOKIE", &*other)],
                None,
                true,
                anna,
                other_token,
            ),
            case(
                vec![("SECURE_AUTH_COOKIE", admin), ("LOGGED_IN_COOKIE", &*other)],
                None,
                false,
                ben,
                other_token,
            ),
        ] {
            agree(site, &case);
        }
    });
}

fn agree(site: &Site, case: &Case<'_>) {
    let names = &site.app.app.site().expect("the site").cookies;
    let header: Vec<String> = case
        .cookies
        .iter()
        .map(|(name, value)| {
            let name = match *name {
                "LOGGED_IN_COOKIE" => &names.logged_in,
                _ => &names.secure_auth,
            };
            format!("{name}={}", value.replace('|', "%7C"))
        })
        .collect();
    let parameter: Vec<(&str, &str)> = case.parameter.iter().map(|cookie| ("cookie", *cookie)).collect();
    let query = serde_urlencoded::to_string(parameter).expect("a query");
    let mut request = Request::get(&format!("/api/core/get_nonce/?controller=user&method=register&{query}"));
    if !header.is_empty() {
        request = request.header("Cookie", &header.join("; "));
    }
    if case.tls {
        request = request.header("X-Forwarded-Proto", "https");
    }
    let answer = site.app.send(&request).json();
    let nonce = text(&answer, "nonce");

    let cookies: serde_json::Map<_, _> =
        case.cookies.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let said = site.wordpress.php_with(
        ASK,
        json!({
            "cookies": cookies, "parameter": case.parameter, "tls": case.tls, "nonce": nonce, "action": ACTION,
        }),
    );
    assert_eq!(
        said,
        json!({
            "verified": 1, "other": false, "made": nonce, "user": case.user, "token": case.token,
        })
    );

    // The other way round, with the rules that later methods check a nonce by.
    let known = site.app.app.site().expect("the site");
    let subject = Subject { action: ACTION, user_id: case.user, token: case.token.as_bytes() };
    let now = site.app.app.clock.now();
    let made = text(&said, "made").as_bytes();
    let salt = known.salts.get(Scheme::Nonce);
    assert_eq!(nonce::verify(made, now, subject, salt), Some(Age::Current));
    assert_eq!(nonce::verify(made, now + nonce::NONCE_LIFE / 2, subject, salt), Some(Age::Previous));
    assert_eq!(nonce::verify(made, now + nonce::NONCE_LIFE, subject, salt), None);
}
