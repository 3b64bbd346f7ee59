//! Callers that claim an address or TLS in headers.

use std::net::IpAddr;

use crate::http::Request;
use crate::server::Server;
use crate::site::{JOHN, Site};

const CLAIMS: &[(&str, &str)] = &[
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-For", "6.6.6.6, 7.7.7.7"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-For", "::1"),
    ("X-Real-IP", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6;proto=https"),
    ("Forwarded", "for=\"[::1]\""),
    ("Client-IP", "6.6.6.6"),
    ("CF-Connecting-IP", "6.6.6.6"),
    ("True-Client-IP", "6.6.6.6"),
    ("X-Cluster-Client-IP", "6.6.6.6"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-SSL", "on"),
    ("Front-End-Https", "on"),
    ("X-Forwarded-Scheme", "https"),
    ("X-Forwarded-Port", "443"),
    ("X-HTTP-Method-Override", "DELETE"),
];

/// Lists that no decent proxy would send.
const HOSTILE: &[&str] = &[
    "",
    ",",
    ", , ,",
    "unknown",
    "_hidden",
    "localhost",
    "6.6.6.6' OR 1=1 -- ",
    "<script>alert(1)</script>",
    "6.6.6",
    "6.6.6.6.6",
    "0006.6.6.6",
    "0x06060606",
    "101058054",
    "6.6.6.256",
    "6.6.6.6/8",
    "6.6.6.6:80:80",
    "[::1",
    "::1]",
    "[6.6.6.6]",
    "fe80::1%eth0",
    "::ffff:6.6.6.6",
    "::ffff:127.0.0.1",
    "1:2:3:4:5:6:7:8:9",
    "6.6.6.6;",
    "6.6.6.6 7.7.7.7",
    "6.6.6.6\t",
    "\u{ff16}.6.6.6",
    "6.6.6.6, 127.0.0.1, unknown",
    "\"6.6.6.6\"",
];

/// The address of john's newest session, and the last comment's.
fn seen(site: &Site) -> Vec<String> {
    let sessions = &site
        .sql("SELECT meta_value FROM wp_usermeta WHERE user_id = 3 AND meta_key = 'session_tokens'")[0][0];
    let session =
        |rest: &str| rest.split_once(":\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
    let session = sessions.rsplit_once("s:2:\"ip\";s:").and_then(|(_, rest)| session(rest));
    let comment = site.sql("SELECT comment_author_IP FROM wp_comments ORDER BY comment_ID DESC LIMIT 1");
    session.into_iter().chain(comment.into_iter().flatten()).collect()
}

/// Logs in and comments with a header.
#[track_caller]
fn visit(site: &Site, headers: &[(&str, &str)]) {
    let send = |method: &str, form: &[(&str, &str)]| {
        let request = Request::post(&format!("/api/user/{method}/?insecure=cool"), form);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = site.app.send(&request);
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.text());
    };
    let now = site.app.app.clock.now() + 60;
    site.app.set_now(now);
    send("generate_auth_cookie", &[("username", JOHN.0), ("password", JOHN.1)]);
    let content = format!("comment at {now}");
    send(
        "post_comment",
        &[("cookie", &*site.cookie), ("post_id", "29"), ("content", &content), ("comment_status", "1")],
    );
}

#[test]
fn a_stranger_has_the_address_that_it_comes_from_whatever_it_says() {
    let site = Site::with(Server::mariadb(), |setup| setup.set("server.trusted_proxies", "192.0.2.1"));
    for claim in CLAIMS {
        visit(&site, &[*claim]);
        assert_eq!(seen(&site), ["127.0.0.1", "127.0.0.1"], "{claim:?}");
        let bare = site.app.send(&Request::get("/api/user/info/").header(claim.0, claim.1));
        assert_eq!(bare.status, 400, "{claim:?} is no TLS");
    }
    visit(&site, CLAIMS);
    assert_eq!(seen(&site), ["127.0.0.1", "127.0.0.1"]);
}

#[test]
fn a_client_behind_the_proxy_cannot_put_another_address_before_its_own() {
    let site = Site::new(Server::mariadb());
    for spoofed in ["6.6.6.6", "127.0.0.1", "unknown", "' OR 1=1", "10.0.0.1, 6.6.6.6"] {
        visit(&site, &[("X-Forwarded-For", &format!("{spoofed}, 203.0.113.9"))]);
        assert_eq!(seen(&site), ["203.0.113.9", "203.0.113.9"], "{spoofed}");
        // A second header line of the client comes before the proxy's.
        visit(
            &site,
            &[("X-Forwarded-For", spoofed), ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=6.6.6.6")],
        );
        assert_eq!(seen(&site), ["203.0.113.9", "203.0.113.9"], "{spoofed}");
    }
}

#[test]
fn what_is_no_address_is_stored_nowhere_as_one() {
    let site = Site::new(Server::mariadb());
    let long = format!("{}203.0.113.9", "6.6.6.6,".repeat(5_000));
    for list in HOSTILE.iter().copied().chain([long.as_str()]) {
        for name in ["X-Forwarded-For", "Forwarded"] {
            let value = if name == "Forwarded" { format!("for={list}") } else { list.to_owned() };
            visit(&site, &[(name, &value)]);
            for address in seen(&site) {
                assert!(
                    address.parse::<IpAddr>().is_ok(),
                    "{name}: {} became {address}",
                    &value[..value.len().min(60)]
                );
            }
        }
    }
}
