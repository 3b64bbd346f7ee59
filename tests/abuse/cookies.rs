//! Cookies that were changed, cut, mixed, borrowed or outlived: none of them is anybody's.

use std::collections::BTreeSet;

use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::version::WpVersion;

use crate::app::{NOW, Setup};
use crate::http::{Request, Response};
use crate::server::Server;
use crate::site::{JOHN, Site, encoded, post};

const EDITOR: (&str, &str) = ("editor", "editor-Pass-2");

/// Whose the cookie is, as each method that takes one says.
#[track_caller]
fn owners(site: &Site, cookie: impl AsRef<[u8]>) -> BTreeSet<String> {
    let cookie = cookie.as_ref();
    let ask = |method: &str| -> Response {
        let answer = site.app.send(&post(method, &[(&b"cookie"[..], cookie)]));
        assert!(answer.status < 500, "{method} {}: {}", cookie.escape_ascii(), answer.text());
        answer
    };
    let mut owners = BTreeSet::new();
    for controller in ["user", "auth"] {
        let valid = &ask(&format!("{controller}/validate_auth_cookie")).json()["valid"];
        if valid == true {
            owners.insert("valid".to_owned());
        }
        let user = ask(&format!("{controller}/get_currentuserinfo")).json();
        owners.extend(user["user"]["username"].as_str().map(str::to_owned));
    }
    owners
}

#[track_caller]
fn refused(site: &Site, cookie: impl AsRef<[u8]>, about: &str) {
    assert_eq!(owners(site, cookie.as_ref()), BTreeSet::new(), "{about}: {}", cookie.as_ref().escape_ascii());
}

#[test]
fn a_cookie_with_any_bit_changed_or_any_byte_gone_or_doubled_is_nobodys() {
    let site = Site::new(Server::mariadb());
    let cookie = site.cookie.as_bytes();
    assert_eq!(owners(&site, cookie), BTreeSet::from(["valid".to_owned(), "john".to_owned()]));
    let valid = |cookie: &[u8]| {
        let answer = site.app.send(&post("user/validate_auth_cookie", &[(&b"cookie"[..], cookie)]));
        assert!(answer.status < 500, "{}", cookie.escape_ascii());
        answer.json()["valid"] == true
    };
    for place in 0..cookie.len() {
        for bit in 0..8 {
            let mut changed = cookie.to_vec();
            changed[place] ^= 1 << bit;
            assert!(!valid(&changed), "{}", changed.escape_ascii());
        }
        let gone = [&cookie[..place], &cookie[place + 1..]].concat();
        let doubled = [&cookie[..=place], &cookie[place..]].concat();
        for changed in [gone, doubled, cookie[..place].to_vec(), cookie[place + 1..].to_vec()] {
            assert!(!valid(&changed), "{}", changed.escape_ascii());
        }
    }
    for around in
        [&b" "[..], b"\t", b"\n", b"\0", b"|", b"%20", b"\"", b"'", b"\\", b"\xff", b"\xc2\xa0", b";", b"+"]
    {
        refused(&site, [cookie, around].concat(), "something behind it");
        refused(&site, [around, cookie].concat(), "something before it");
        let inside = site.cookie.replace('|', &String::from_utf8_lossy(&[b"|", around].concat()));
        refused(&site, inside, "something between");
    }
    assert!(valid(cookie), "the cookie itself is good to the end");
}

#[test]
fn parts_of_two_cookies_make_no_third() {
    let site = Site::new(Server::mariadb());
    let cookies = [
        site.app.cookie(JOHN.0, JOHN.1),
        site.app.cookie(JOHN.0, JOHN.1),
        site.app.cookie(EDITOR.0, EDITOR.1),
        site.app
            .call(
                "user/generate_auth_cookie",
                &[("username", JOHN.0), ("password", JOHN.1), ("seconds", "60")],
            )
            .json()["cookie"]
            .as_str()
            .unwrap()
            .to_owned(),
    ];
    let parts: Vec<Vec<&str>> = cookies.iter().map(|cookie| cookie.split('|').collect()).collect();
    let whole: BTreeSet<&str> = cookies.iter().map(String::as_str).collect();
    for choice in 0..256 {
        let pick = |part: usize| parts[choice >> (2 * part) & 3][part];
        let mixed = [pick(0), pick(1), pick(2), pick(3)].join("|");
        if !whole.contains(mixed.as_str()) {
            refused(&site, &mixed, "a mixed cookie");
        }
    }
}

#[test]
fn another_spelling_of_a_name_does_not_carry_the_signature() {
    let site = Site::new(Server::mariadb());
    let rest = &site.cookie[JOHN.0.len()..];
    // All of these find the row of john.
    for name in [
        "JOHN",
        "John",
        "jöhn",
        "ｊｏｈｎ",
        "john ",
        " john",
        "jo\u{200b}hn",
        "<b>john</b>",
        "jo%20hn",
        "joh&amp;n",
        "john\u{301}",
    ] {
        refused(&site, format!("{name}{rest}"), name);
    }
    for name in ["", "0", "admin", "editor", "john@example.org", "3", "john' OR '1'='1", "*", "%", "_ohn"] {
        refused(&site, format!("{name}{rest}"), name);
    }
}

#[test]
fn a_cookie_of_another_scheme_site_or_time_is_nobodys() {
    let site = Site::new(Server::mariadb());
    let login = site.app.generate_auth_cookie(JOHN.0, JOHN.1);
    let (cookie, admin) = (login["cookie"].as_str().unwrap(), login["cookie_admin"].as_str().unwrap());
    assert_eq!(owners(&site, cookie).len(), 2);
    refused(&site, admin, "the cookie of wp-admin");

    // A service on the same tables with other keys: the session is there, the signature is not.
    let other = |name: &str| {
        Setup::on(&site.server.url(&site.database))
            .set("wordpress.version", "6.1")
            .set(name, "another one")
            .start()
    };
    for name in ["keys.logged_in_key", "keys.logged_in_salt"] {
        let foreign = other(name).cookie(JOHN.0, JOHN.1);
        refused(&site, foreign, name);
    }
    // Signed with a key of another scheme, or with none.
    let sessions = cookie.split('|').nth(2).unwrap();
    let hash = site.sql("SELECT user_pass FROM wp_users WHERE ID = 3")[0][0].clone();
    for salt in [&b""[..], b"put your unique phrase here", b"k1-auth-Zq!8f(3)s9#rTs1-auth-d;8Gf?1Qa,t"] {
        let forged =
            auth_cookie::generate(JOHN.0, hash.as_bytes(), NOW + 60, sessions, salt, WpVersion::new(6, 1));
        refused(&site, forged, "a guessed key");
    }

    // Of another time: an hour more in a POST, and not a second longer.
    let expiration: i64 = cookie.split('|').nth(1).unwrap().parse().unwrap();
    site.app.set_now(expiration + 3_601);
    refused(&site, cookie, "an expired cookie");
    site.app.set_now(NOW);
    assert_eq!(owners(&site, cookie).len(), 2);
    // After a new password.
    site.sql("UPDATE wp_users SET user_pass = MD5('x') WHERE ID = 3");
    refused(&site, cookie, "a cookie of the old password");
}

#[test]
fn numbers_that_mean_the_same_moment_or_none_do_not_carry_the_signature() {
    let site = Site::new(Server::mariadb());
    let parts: Vec<&str> = site.cookie.split('|').collect();
    let moment = parts[1];
    for expiration in [
        format!("0{moment}"),
        format!("+{moment}"),
        format!(" {moment}"),
        format!("{moment} "),
        format!("{moment}.0"),
        format!("{moment}e0"),
        format!("{moment}x"),
        format!("0x{:x}", moment.parse::<u64>().unwrap()),
        "9223372036854775807".to_owned(),
        "9223372036854775808".to_owned(),
        "99999999999999999999999999".to_owned(),
        "1e99".to_owned(),
        "INF".to_owned(),
        "NAN".to_owned(),
        "-1".to_owned(),
        String::new(),
        "9".repeat(100_000),
    ] {
        refused(
            &site,
            [parts[0], &expiration, parts[2], parts[3]].join("|"),
            &expiration[..expiration.len().min(40)],
        );
    }
    for token in ["", "0", "a:0:{}", "verifier", &"t".repeat(100_000)] {
        refused(&site, [parts[0], parts[1], token, parts[3]].join("|"), "another token");
    }
    for signature in
        ["", "0", &parts[3].to_uppercase(), &parts[3][..32], "0e0", &"0".repeat(64), &"f".repeat(100_000)]
    {
        refused(&site, [parts[0], parts[1], parts[2], signature].join("|"), "another signature");
    }
}

#[test]
fn a_name_with_bars_makes_no_cookie_of_somebody_else() {
    let site = Site::new(Server::mariadb());
    let nonce = site.app.nonce("register");
    let mut tried = 0;
    for name in [
        "john|1999999999",
        "john|1999999999|token",
        "john|1999999999|token|hmac",
        "|john",
        "john|",
        "admin||",
        "john%7C1999999999",
    ] {
        tried += 1;
        let email = format!("eve{tried}@example.net");
        let form = [("username", name), ("email", &email), ("nonce", &nonce), ("user_pass", "p")];
        let answer = site.app.call("user/register", &form);
        assert!(answer.status < 500, "{name}: {}", answer.text());
        if answer.status == 200 {
            let made = owners(&site, answer.json()["cookie"].as_str().unwrap());
            assert!(!made.contains("john") && !made.contains("admin"), "{name}: {made:?}");
        }
    }
    // Were such a name in the table all the same, its cookies would be nobody's.
    site.sql("UPDATE wp_users SET user_login = 'john|1999999999' WHERE ID = 4");
    let own = site
        .app
        .call("user/generate_auth_cookie", &[("username", "john|1999999999"), ("password", "phpass-Pass-4")]);
    if own.status == 200 {
        refused(&site, own.json()["cookie"].as_str().unwrap(), "a cookie of five parts");
    }
    let long = "|".repeat(1_000_000);
    refused(&site, &long, "bars alone");
    refused(&site, format!("{}{long}", site.cookie), "bars behind a good cookie");
    refused(&site, [&b"john|9999999999|"[..], &vec![0xff; 2_000_000], b"|x"].concat(), "a long token");
}

#[test]
fn a_cookie_counts_only_where_it_is_asked_for() {
    let site = Site::new(Server::mariadb());
    let login = site.app.generate_auth_cookie(JOHN.0, JOHN.1);
    let header =
        format!("{}={}", login["cookie_name"].as_str().unwrap(), encoded(login["cookie"].as_str().unwrap()));
    // A browser's own cookie is no consent: another site could send the request.
    for method in [
        "user/get_currentuserinfo",
        "user/update_user_meta",
        "user/post_comment",
        "user/validate_auth_cookie",
        "auth/clear_auth_cookie",
    ] {
        let request = Request::post(
            &format!("/api/{method}/?insecure=cool"),
            &[("meta_key", "x"), ("meta_value", "x")],
        )
        .header("Cookie", &header)
        .header("Authorization", &format!("Bearer {}", site.cookie));
        let answer = site.app.send(&request);
        assert_eq!(answer.status, 400, "{method}: {}", answer.text());
        assert!(answer.text().contains("You must include a 'cookie'"), "{method}: {}", answer.text());
    }
}
