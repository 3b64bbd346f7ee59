//! A password set in WordPress logs in here exactly when it logs in there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};

use crate::http::Request;
use crate::site::{Site, each};

/// The ways to a stored hash: the form and REST paths hash slashed text, code of plugins often does not.
const WAYS: [&str; 4] = ["insert", "reset", "plain", "rest"];

fn table() -> Vec<Vec<u8>> {
    let mut passwords: Vec<Vec<u8>> = [
        "plain-Pass-1",
        "it's \"quoted\"",
        "back\\slash",
        "back\\\\slashes\\",
        "\\'",
        "päss wörd ñ 密码 🦀",
        "e\u{301}",
        " leading",
        "trailing ",
        "\t both \n",
        "a  b",
        "0",
        "00",
        "0.0",
        " 0",
        " ",
        "'",
        "\\",
        "<b>tags</b> & &amp; %41 + ",
        "$P$B1234567890123456789012345678901",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "*",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    passwords.push(b"latin-1 \xe4\xff".to_vec());
    passwords.push(b"nul\0byte".to_vec());
    passwords.push(b"end\0".to_vec());
    // Around bcrypt's own limit, and WordPress's.
    passwords.push([vec![b'x'; 72], b"behind".to_vec()].concat());
    passwords.push(vec![b'y'; 4096]);
    passwords.push(vec![b'y'; 4097]);
    passwords.push([b"'".to_vec(), vec![b'z'; 4094]].concat());
    passwords.push([b"'".to_vec(), vec![b'z'; 4095]].concat());
    passwords
}

/// A password, the way it is set, and what is tried.
struct Case<'a> {
    way: &'static str,
    password: &'a [u8],
    tries: Vec<Vec<u8>>,
}

/// The password and what could be taken for it.
fn tries(password: &[u8]) -> Vec<Vec<u8>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut tries = vec![
        password.to_vec(),
        password.trim_ascii().to_vec(),
        [password, b" "].concat(),
        [b"\0", password].concat(),
        password.iter().copied().filter(|byte| *byte != b'\\').collect(),
        wp_sidecar::wp::php_text::addslashes(password).into_owned(),
        password[..password.len() - 1].to_vec(),
        text(password).to_uppercase().into_bytes(),
    ];
    let mut seen = std::collections::HashSet::new();
    tries.retain(|attempt| seen.insert(attempt.clone()));
    tries
}

/// Sets the password in one way and asks for each try whether it logs in.
const ASK: &str = "
    require_once ABSPATH . 'wp-admin/includes/user.php';
    wp_set_current_user( 1 );
    $answers = array();
    foreach ( $args as $place => $case ) {
        $password = base64_decode( $case['password'] );
        $login    = \"user$place\";
        $fields   = array( 'user_login' => $login, 'user_pass' => 'before Pass 0', 'user_email' => \"$login@example.org\" );
        if ( 'insert' === $case['way'] ) {
            $fields['user_pass'] = $password;
        }
        $id   = wp_insert_user( wp_slash( $fields ) );
        $said = null;
        if ( 'reset' === $case['way'] ) {
            // As wp-login.php hands on $_POST['pass1'].
            reset_password( get_userdata( $id ), wp_slash( $password ) );
        } elseif ( 'plain' === $case['way'] ) {
            wp_set_password( $password, $id );
        } elseif ( 'rest' === $case['way'] ) {
            $request = new WP_REST_Request( 'POST', \"/wp/v2/users/$id\" );
            $request->set_param( 'password', $password );
            $said = rest_do_request( $request )->get_status();
        }
        clean_user_cache( $id );
        $verdicts = array();
        foreach ( $case['tries'] as $try ) {
            $user       = wp_authenticate( $login, wp_slash( base64_decode( $try ) ) );
            $verdicts[] = $user instanceof WP_User;
        }
        $answers[] = array( 'said' => $said, 'verdicts' => $verdicts );
    }
    return $answers;";

fn logs_in(site: &Site, login: &str, password: &[u8]) -> bool {
    let body = format!("username={login}&password={}", percent_encode(password, NON_ALPHANUMERIC));
    let request = Request::new("POST", "/api/user/generate_auth_cookie/?insecure=cool")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = site.app.send(&request).json();
    match answer["status"].as_str() {
        Some("ok") => true,
        Some("error") => false,
        _ => panic!("{answer}"),
    }
}

#[test]
fn a_password_set_in_wordpress_logs_in_here_exactly_when_it_does_there() {
    each(|site| {
        // As a site would that finds hashing slow; here so that a thousand logins are done in time.
        site.add_plugin(
            "cost",
            "add_filter( 'wp_hash_password_options', function () { return array( 'cost' => 4 ); } );",
        );
        let passwords = table();
        let cases: Vec<Case<'_>> = passwords
            .iter()
            .enumerate()
            .flat_map(|(place, password)| {
                // Every password by the forms' ways; the other two take turns, for hashing is slow.
                let other = WAYS[2 + place % 2];
                [WAYS[place % 2], other].map(|way| Case { way, password, tries: tries(password) })
            })
            .collect();
        let args: Vec<Value> = cases
            .iter()
            .map(|Case { way, password, tries }| {
                let tries: Vec<String> = tries.iter().map(|attempt| STANDARD.encode(attempt)).collect();
                json!({ "way": way, "password": STANDARD.encode(password), "tries": tries })
            })
            .collect();
        let answers = site.wordpress.php_with(ASK, Value::Array(args));
        site.app.refresh();
        let (mut yes, mut no, mut own) = (0, 0, 0);
        for (place, Case { way, password, tries }) in cases.iter().enumerate() {
            let verdicts: Vec<bool> =
                serde_json::from_value(answers[place]["verdicts"].clone()).expect("verdicts");
            own += usize::from(verdicts[0]);
            for (attempt, verdict) in tries.iter().zip(verdicts) {
                assert_eq!(
                    logs_in(site, &format!("user{place}"), attempt),
                    verdict,
                    "{} set by {way} as \"{}\", tried as \"{}\"",
                    site.wordpress.version(),
                    password.escape_ascii(),
                    attempt.escape_ascii(),
                );
                *(if verdict { &mut yes } else { &mut no }) += 1;
            }
        }
        println!("{yes} tries log in, {no} do not; {own} of {} passwords do as set", cases.len());
        assert!(yes > 60 && no > 150 && own > 30, "{yes} {no} {own}");
    });
}
