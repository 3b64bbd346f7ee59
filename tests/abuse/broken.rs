//! Requests that are too large, too deep, too many or not well formed: named in the answer where a limit is passed,
//! never a failure of the service, and never slow.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wp_sidecar::http::endpoints::ENDPOINTS;
use wp_sidecar::http::params::{MAX_NESTING, MAX_PARTS, MAX_VARIABLES};

use crate::http::{Request, Response};
use crate::raw::talk_on;
use crate::server::Server;
use crate::site::{JOHN, Site, encoded};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";

/// `limits.body_bytes` as it is unless set.
const MAX_BODY: usize = 8 * 1024 * 1024;

const TOO_MANY: &str = "More than 1000 variables in the query or body.";
const TOO_DEEP: &str = "A variable in the query or body is nested deeper than 64.";
const TOO_MANY_PARTS: &str = "More than 1020 parts in the body.";
const TOO_LARGE: &str = "The request body is larger than 8388608 bytes.";

/// What one request may take, on a busy machine.
const LONG: Duration = Duration::from_secs(20);

fn to(method: &str, kind: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", &format!("/api/{method}/?insecure=cool")).header("Content-Type", kind).body(body)
}

/// Sends it; the answer comes soon and is no failure of the service.
#[track_caller]
fn survive(site: &Site, request: &Request, about: &str) -> Response {
    let begun = Instant::now();
    let answer = site.app.send(request);
    assert!(begun.elapsed() < LONG, "{about}: {:?}", begun.elapsed());
    assert!(answer.status < 500, "{about}: {} {}", answer.status, answer.text());
    answer
}

#[track_caller]
fn refused(site: &Site, request: &Request, status: u16, error: &str) {
    let about = format!(
        "{error} {:?} {}",
        request.headers,
        request.body[..request.body.len().min(60)].escape_ascii()
    );
    let answer = survive(site, request, &about);
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{about}");
}

/// A multipart body of these names.
fn parts(names: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = names
        .map(|name| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n1\r\n"))
        .collect();
    format!("{}--b--\r\n", parts.concat())
}

#[test]
fn more_variables_than_the_limit_are_named_in_every_form_of_a_body() {
    let site = Site::new(Server::mariadb());
    let info = "user/info";
    let pairs = |count: usize| (0..count).map(|n| format!("a{n}=1")).collect::<Vec<_>>().join("&");
    let object = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!("\"a{n}\":1")).collect();
        format!("{{{}}}", members.join(","))
    };
    let list = |count: usize| format!("{{\"a\":[{}]}}", vec!["1"; count].join(","));
    let ok = |request: Request| assert_eq!(survive(&site, &request, "at the limit").status, 200);
    ok(to(info, FORM, pairs(MAX_VARIABLES)));
    ok(to(info, "application/json", object(MAX_VARIABLES)));
    ok(to(info, MULTIPART, parts((0..MAX_VARIABLES).map(|n| format!("a{n}")))));
    for request in [
        to(info, FORM, pairs(MAX_VARIABLES + 1)),
        to(info, FORM, vec!["a[]=1"; MAX_VARIABLES + 1].join("&")),
        to(info, FORM, vec!["a=1"; MAX_VARIABLES + 1].join("&")),
        to(info, FORM, "=&".repeat(MAX_VARIABLES + 2)),
        to(info, FORM, "&".repeat(MAX_BODY)),
        to(info, FORM, pairs(400_000)),
        to(info, "application/json", object(MAX_VARIABLES + 1)),
        to(info, "application/json", list(MAX_VARIABLES + 1)),
        to(info, "application/json", list(2_000_000)),
        to(info, "application/json", format!("{{\"a\":[{}]}}", vec!["[]"; 2_000_000].join(","))),
        to(info, MULTIPART, parts((0..=MAX_VARIABLES).map(|n| format!("a{n}")))),
        Request::get(&format!("/api/{info}/?insecure=cool&{}", pairs(MAX_VARIABLES))),
    ] {
        refused(&site, &request, 400, TOO_MANY);
    }
    let file = "--b\r\nContent-Disposition: form-data; name=\"f[]\"; filename=\"x\"\r\n\r\n1\r\n";
    let files = file.repeat(MAX_PARTS + 1);
    refused(&site, &to(info, MULTIPART, files + "--b--\r\n"), 400, TOO_MANY_PARTS);
    site.assert_alive("after all of it");
}

#[test]
fn deeper_nesting_than_the_limit_is_named_in_every_form_of_a_body() {
    let site = Site::new(Server::mariadb());
    let name = |depth: usize| format!("a{}", "[x]".repeat(depth));
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    let ok = |request: Request| assert_eq!(survive(&site, &request, "at the limit").status, 200);
    for method in ["user/info", "user/validate_auth_cookie"] {
        for depth in [MAX_NESTING + 1, 1000, 1_000_000] {
            for request in [
                to(method, FORM, format!("{}=1", name(depth))),
                to(method, FORM, format!("a{}=1", "[]".repeat(depth))),
                to(method, FORM, format!("a{}=1", "%5B%5D".repeat(depth))),
                to(method, MULTIPART, parts(std::iter::once(name(depth)))),
                to(method, "application/json", nested("[", "]", depth)),
                to(method, "application/json", nested("{\"a\":", "}", depth)),
                to(method, "application/json", nested("[{\"a\":", "}]", depth)),
                to(method, "application/json", nested("[", "", depth)),
                to(method, "application/json", format!("{{\"{}\":1}}", name(depth))),
            ] {
                refused(&site, &request, 400, TOO_DEEP);
            }
        }
    }
    // At the limit it is stored and read again.
    ok(to(
        "user/update_user_meta_vars",
        FORM,
        format!("cookie={}&{}=1", encoded(&site.cookie), name(MAX_NESTING)),
    ));
    ok(to("user/get_user_meta", FORM, format!("cookie={}&meta_key=a", encoded(&site.cookie))));
    ok(to("user/get_user_meta", FORM, format!("cookie={}&meta_key=a&dev=1", encoded(&site.cookie))));
    // Brackets that close nothing are no nesting.
    ok(to("user/info", FORM, format!("a{}=1", "]".repeat(1_000_000))));
    ok(to("user/info", FORM, format!("a[{}=1", "x".repeat(1_000_000))));
    site.assert_alive("after all of it");
}

#[test]
fn a_body_over_the_limit_is_named_whether_its_length_is_told_or_not() {
    let site = Site::with(Server::mariadb(), |setup| setup.set("limits.enabled", "true"));
    for (kind, start) in
        [(FORM, "a="), (MULTIPART, "--b\r\n"), ("application/json", "{\"a\":\""), ("text/plain", "x")]
    {
        let body = format!("{start}{}", "x".repeat(MAX_BODY));
        refused(&site, &to("user/info", kind, body.clone()), 413, TOO_LARGE);
        let mut chunks = String::new();
        for chunk in body.as_bytes().chunks(1 << 20) {
            let _ = write!(chunks, "{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk));
        }
        let head = format!(
            "POST /api/user/info/?insecure=cool HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        );
        let answers = talk_on(site.app.address, format!("{head}{chunks}0\r\n\r\n"));
        // The answer may be lost where the service closes while the client still sends.
        assert!(
            answers.len() <= 1 && answers.iter().all(|answer| answer.status == 413),
            "{kind}: {answers:?}"
        );
    }
    // A length alone makes nobody wait for the body or set memory aside.
    for length in ["8388609", "9999999999", "18446744073709551615"] {
        let head = format!("POST /api/user/info/ HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nabc");
        let answers = crate::raw::talk(site.app.address, head);
        assert!(answers.iter().all(|answer| matches!(answer.status, 400 | 413)), "{length}: {answers:?}");
    }
    // At the limit it is read.
    let body = format!("a={}", "x".repeat(MAX_BODY - 2));
    assert_eq!(survive(&site, &to("user/info", FORM, body), "at the limit").status, 200);
    site.assert_alive("after all of it");
}

#[test]
fn huge_names_and_values_reach_every_method_and_harm_none() {
    let site = Site::new(Server::mariadb());
    let before = site.looker.look();
    let huge = "x".repeat(300_000);
    for endpoint in ENDPOINTS {
        let method = format!("{}/{}", endpoint.controller, endpoint.method);
        // A list, as every other value, too: lists must not be read letter by letter.
        for value in [
            huge.as_str(),
            &"a,".repeat(150_000),
            &"<a ".repeat(100_000),
            &"&amp;".repeat(60_000),
            &"%25".repeat(100_000),
        ] {
            let mut body = format!("{huge}=1");
            for parameter in endpoint.parameters {
                let value = if parameter.name == "cookie" { &encoded(&site.cookie) } else { value };
                let _ = write!(body, "&{}={value}", parameter.name);
            }
            // All of them together may be over the limit of a body.
            body.truncate(MAX_BODY);
            let answer = survive(&site, &to(&method, FORM, body), &method);
            assert!(answer.body.len() < 4 * MAX_BODY, "{method}: {}", answer.body.len());
        }
    }
    let changed = crate::rows::changes(&before, &site.looker.look());
    assert!(changed.len() < 20, "{} rows", changed.len());
    site.assert_alive("after all of it");
}

#[test]
fn a_multipart_body_that_is_broken_gives_its_good_parts_or_none() {
    let site = Site::new(Server::mariadb());
    let cookie = &site.cookie;
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let good = part("cookie", cookie);
    let method = "user/validate_auth_cookie";
    assert_eq!(
        site.app.send(&to(method, MULTIPART, format!("{good}--b--\r\n"))).text(),
        r#"{"status":"ok","valid":true}"#
    );
    let boundary = "b".repeat(1 << 20);
    let heads = "X: y\r\n".repeat(100_000);
    let name = "n".repeat(1 << 20);
    for (kind, body) in [
        // Boundaries
        ("multipart/form-data", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=\"\"", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=\"b", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=b\"", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=\"b\"; boundary=c", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=c; boundary=b", format!("{good}--b--\r\n")),
        ("multipart/form-data; boundary=b, c", format!("{good}--b--\r\n")),
        ("multipart/form-data;boundary=b;charset=utf-16", format!("{good}--b--\r\n")),
        ("multipart/form-data; BOUNDARY=b", format!("{good}--b--\r\n")),
        ("multipart/form-data boundary=b", format!("{good}--b--\r\n")),
        ("multipart/mixed; boundary=b", format!("{good}--b--\r\n")),
        (MULTIPART, format!("--{boundary}\r\n{good}")),
        (MULTIPART, "--b".to_owned()),
        (MULTIPART, "--b--".to_owned()),
        (MULTIPART, "--b\r\n".to_owned()),
        (MULTIPART, "--b\n".repeat(1_000_000)),
        (MULTIPART, "--b\r\n\r\n".repeat(900)),
        (MULTIPART, "-".repeat(1 << 22)),
        (MULTIPART, "\r\n--".repeat(1 << 20)),
        (MULTIPART, "\r\n--b".repeat(1 << 20)),
        (MULTIPART, "\n".repeat(1 << 22)),
        // No end
        (MULTIPART, good.clone()),
        (MULTIPART, good.trim_end().to_owned()),
        (MULTIPART, good[..good.len() / 2].to_owned()),
        (MULTIPART, good.replace("\r\n", "\n")),
        (MULTIPART, good.replace("\r\n", "\r")),
        (MULTIPART, good.replace("\r\n\r\n", "\r\n")),
        // Heads of parts
        (MULTIPART, good.replace("Content-Disposition", "content-disposition")),
        (MULTIPART, good.replace("Content-Disposition: form-data; ", "")),
        (MULTIPART, good.replace("form-data", "attachment")),
        (MULTIPART, good.replace("\"cookie\"", "cookie")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie")),
        (MULTIPART, good.replace("\"cookie\"", "'cookie'")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie\\\"")),
        (MULTIPART, good.replace("\"cookie\"", "\"\"")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie\"; name=\"x\"")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie\"; filename=\"x\"")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie\"; filename*=UTF-8''x")),
        (MULTIPART, good.replace("\"cookie\"", "\"cookie\0x\"")),
        (MULTIPART, good.replace("\"cookie\"", &format!("\"{name}\""))),
        (MULTIPART, good.replace("\r\n\r\n", &format!("\r\n{heads}\r\n"))),
        (MULTIPART, good.replace("\r\n\r\n", &format!("\r\nX: {name}\r\n\r\n"))),
        (MULTIPART, good.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n")),
        (MULTIPART, good.replace("\r\n\r\n", "\r\n folded\r\n\r\n")),
        // Within another
        (
            MULTIPART,
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{good}--c--\r\n--b--\r\n"
            ),
        ),
        (MULTIPART, format!("preamble\r\n{good}--b--\r\nepilogue\r\n{good}")),
    ] {
        let about = format!("{kind} {}", body[..body.len().min(200)].escape_debug());
        let answer = survive(&site, &to(method, kind, body), &about);
        let text = answer.text();
        let told = text == r#"{"status":"ok","valid":true}"#
            || text == r#"{"status":"ok","valid":false}"#
            || text.contains("You must include a 'cookie'")
            || text.contains(TOO_MANY)
            || text.contains(TOO_MANY_PARTS);
        assert!(told, "{about}: {text}");
    }
    site.assert_alive("after all of it");
}

#[test]
fn bytes_that_are_no_text_reach_every_parameter_and_fail_nowhere() {
    let site = Site::with(Server::mariadb(), crate::app::Setup::keep_mails);
    let texts: &[&[u8]] = &[
        b"\0",
        b"a\0b",
        b"\0\0\0\0",
        b"\xff",
        b"\xc0\xaf",
        b"\xc0\x80",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\x80",
        b"abc\xe2\x82",
        b"\xef\xbb\xbf",
        b"\xef\xbf\xbe",
        b"\xf0\x9f\x98",
        b"\x1b[31m",
        b"\r\n",
        b"\x7f\x08",
        b"\xe2\x80\xae",
        b"\xcc\x81\xcc\x81\xcc\x81",
        b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9",
    ];
    for endpoint in ENDPOINTS {
        let method = format!("{}/{}", endpoint.controller, endpoint.method);
        let nonce = site.app.nonce("register");
        for text in texts {
            let mut request: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
            for attacked in 0..=endpoint.parameters.len() {
                request.clear();
                for (place, parameter) in endpoint.parameters.iter().enumerate() {
                    let value = match parameter.name {
                        _ if place == attacked => text.to_vec(),
                        "cookie" => site.cookie.clone().into_bytes(),
                        "nonce" => nonce.clone().into_bytes(),
                        "password" => JOHN.1.as_bytes().to_vec(),
                        "user_id" => b"3".to_vec(),
                        "post_id" => b"29".to_vec(),
                        "seconds" | "user_registered" => Vec::new(),
                        // All texts at once in the last round.
                        _ if attacked == endpoint.parameters.len() => text.to_vec(),
                        "username" => JOHN.0.as_bytes().to_vec(),
                        "email" => b"".to_vec(),
                        _ => b"x".to_vec(),
                    };
                    request.push((parameter.name.as_bytes().to_vec(), value));
                }
                request.push((text.to_vec(), text.to_vec()));
                let about = format!("{method} {attacked} {}", text.escape_ascii());
                let answer = survive(&site, &crate::site::post(&method, &request), &about);
                // Whatever is shown is text again.
                assert!(std::str::from_utf8(&answer.body).is_ok(), "{about}");
                assert!(answer.json().is_object(), "{about}");
            }
        }
    }
    for text in texts {
        let raw = encoded(text);
        for target in [
            format!("/api/{raw}/"),
            format!("/{raw}"),
            format!("/api/user/{raw}/?insecure=cool"),
            format!("/?json={raw}"),
            format!("/?json=user/{raw}&insecure=cool"),
            format!("/api/user/info/?insecure=cool&callback={raw}"),
            format!("/api/user/info/?insecure=cool&redirect={raw}"),
            format!("/api/user/info/?insecure=cool&json_encode_options={raw}"),
            format!("/api/get_nonce/?controller={raw}&method={raw}"),
            format!("/api/info/?controller={raw}"),
            format!("/api/info/?dev={raw}"),
        ] {
            survive(&site, &Request::get(&target), &target);
        }
    }
    site.assert_alive("after all of it");
}
