//! Answers that would act on the reader's side: redirects off the site, scripts by JSONP, headers of the caller's making.

use url::Url;

use crate::http::{Request, Response};
use crate::raw::talk_on;
use crate::server::Server;
use crate::site::{Site, encoded};

const INFO: &str = r#"{"status":"ok","version":"3.6.0"}"#;

/// Where the browser believes to be; the site calls itself 127.0.0.1.
const SEEN_AS: &str = "https://shop.example.org/api/user/info/";

/// Hosts of the attacker, in disguise.
const FOREIGN: &[&str] = &[
    "https://evil.example/",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "\\\\evil.example/",
    "/\\/evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r\n/evil.example/",
    "/\0/evil.example/",
    "/'/evil.example/",
    "/\"/evil.example/",
    "/</evil.example/",
    "/>/evil.example/",
    "/`/evil.example/",
    "'//evil.example/",
    "\\'//evil.example/",
    "/ /evil.example/",
    " //evil.example/",
    "\u{a0}//evil.example/",
    "\u{feff}//evil.example/",
    "\u{200b}//evil.example/",
    "\u{3000}//evil.example/",
    "/\u{ff0f}evil.example/",
    "\u{ff0f}\u{ff0f}evil.example/",
    "/%2fevil.example/",
    "%2f%2fevil.example/",
    "/%5cevil.example/",
    "/%09/evil.example/",
    "/%0d/evil.example/",
    "/%0a/evil.example/",
    "/%0%0d%0a/evil.example/",
    "/%00/evil.example/",
    "/./evil.example/",
    "/.//evil.example/",
    "/x/..//evil.example/",
    "/x/../..//evil.example/",
    "./\\evil.example/",
    "..//evil.example/",
    "http:evil.example/",
    "http:/evil.example/",
    "https:\\\\evil.example/",
    "https:///evil.example/",
    "https:/\\evil.example/",
    "ht\ntps://evil.example/",
    "\x01https://evil.example/",
    "java\nscript:alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\x01javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript://127.0.0.1/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data://127.0.0.1/,x",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "intent://127.0.0.1/#Intent;scheme=http;end",
    "blob:http://127.0.0.1/x",
    "view-source:http://127.0.0.1/",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1:80@evil.example/",
    "http://127.0.0.1%40evil.example/",
    "http://127.0.0.1%2f@evil.example/",
    "http://127.0.0.1\\@evil.example/",
    "http://evil.example\\@127.0.0.1/",
    "http://evil.example#@127.0.0.1/",
    "http://evil.example?@127.0.0.1/",
    "http://evil.example;@127.0.0.1/",
    "http://evil.example\u{ff0f}@127.0.0.1/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1evil.example/",
    "http://evil.example/127.0.0.1",
    "http://evil.example:80\\127.0.0.1/",
    "http://xn--evl-example-x/",
    "http://\u{ff45}vil.example/",
    "http://evil\u{3002}example/",
    "http://[::ffff:6.6.6.6]/",
    "http://[::1]/",
    "http://0x7f.0.0.2/",
    "http://2130706434/",
    "http://017700000002/",
    "http://localhost/",
    "http://user@127.0.0.1/",
    "http://user:pw@127.0.0.1/",
    "//user@evil.example",
    "//evil.example:443/",
    "//evil.example%00127.0.0.1/",
    "//127.0.0.1:80:evil.example/",
    "//127.0.0.1#@evil.example",
    "http://",
    "//",
    "///",
    "\\",
];

/// No answer leads away, and none has a header that the service did not mean to send.
#[track_caller]
fn stays(answer: &Response, about: &str) {
    assert!(answer.status < 500, "{about}: {}", answer.status);
    let known = [
        "content-length",
        "content-type",
        "cache-control",
        "date",
        "location",
        "retry-after",
        "allow",
        "connection",
        "x-content-type-options",
        "referrer-policy",
        "content-security-policy",
        "x-request-id",
    ];
    for (name, value) in &answer.headers {
        assert!(known.contains(&name.as_str()), "{about}: {name}: {value}");
        assert!(!value.chars().any(char::is_control), "{about}: {name}: {value}");
    }
    let Some(location) = answer.header("location") else {
        assert_ne!(answer.status, 302, "{about}");
        return;
    };
    for base in [SEEN_AS, "http://127.0.0.1:8061/api/user/info/", "http://evil.example/"] {
        let base = Url::parse(base).unwrap();
        let leads = base.join(location).unwrap_or_else(|error| panic!("{about}: {location}: {error}"));
        assert!(matches!(leads.scheme(), "http" | "https"), "{about}: {location} leads to {leads}");
        let own = leads.host_str() == Some("127.0.0.1") || leads.host() == base.host();
        assert!(own, "{about}: {location} leads to {leads}");
        assert!(leads.username().is_empty() && leads.password().is_none(), "{about}: {location}");
    }
}

#[test]
fn no_disguise_leads_off_the_site() {
    let site = Site::new(Server::mariadb());
    for foreign in FOREIGN {
        for name in ["redirect", "redirect_ok", "redirect_error"] {
            // A method that succeeds, and one that fails.
            for method in ["user/info", "user/get_userinfo"] {
                let target = format!("/api/{method}/?insecure=cool&{name}={}", encoded(foreign));
                stays(&site.app.get(&target), &target);
                let twice = format!("/api/{method}/?insecure=cool&{name}={}", encoded(encoded(foreign)));
                stays(&site.app.get(&twice), &twice);
            }
        }
        let form = [("redirect_ok", *foreign), ("redirect", foreign)];
        stays(&site.app.call("user/info", &form), foreign);
    }
}

#[test]
fn neither_a_path_nor_a_host_header_names_the_place_to_go() {
    let site = Site::new(Server::mariadb());
    for start in [
        "//evil.example/",
        "///evil.example//",
        "/\\evil.example/",
        "/%5Cevil.example/",
        "/%2Fevil.example/",
        "/.//evil.example/",
        "/x/..//evil.example/",
    ] {
        for end in ["", "x", "x/y/", "%0d%0aX-Evil:1/"] {
            for goal in ["x", "?a", "./x", "../x", "..//x", ".//x", "/x"] {
                let target = format!("{start}{end}?json=user/info&insecure=cool&redirect={}", encoded(goal));
                stays(&site.app.get(&target), &target);
            }
        }
    }
    for headers in [
        "Host: evil.example\r\n",
        "Host: 127.0.0.1:8061@evil.example\r\n",
        "Host: evil.example\r\nHost: 127.0.0.1\r\n",
        "Host: 127.0.0.1\r\nX-Forwarded-Host: evil.example\r\nX-Original-URL: //evil.example/\r\nX-Rewrite-URL: //evil.example\r\n",
        "Host: 127.0.0.1\r\nForwarded: host=evil.example;proto=https\r\nX-Forwarded-Prefix: //evil.example\r\n",
        "Host:\r\n",
    ] {
        for line in [
            "GET /api/user/info/?insecure=cool&redirect=x",
            "GET http://evil.example/api/user/info/?insecure=cool&redirect=x",
            "GET http://evil.example//evil.example/?json=user.info&insecure=cool&redirect=/x",
        ] {
            let bytes = format!("{line} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
            for answer in talk_on(site.app.address, &bytes) {
                assert!(!answer.head.to_lowercase().contains("location: http"), "{bytes}: {}", answer.head);
                assert!(!answer.head.contains("//evil"), "{bytes}: {}", answer.head);
            }
        }
    }
    // What is mailed or shown as an address of the site is the site's own too.
    let shown = site.app.send(
        &Request::get("/api/user/get_userinfo/?insecure=cool&user_id=3")
            .header("X-Forwarded-Host", "evil.example"),
    );
    assert!(!shown.text().contains("evil.example"), "{}", shown.text());
}

#[test]
fn line_breaks_make_no_header() {
    let site = Site::new(Server::mariadb());
    let breaks = [
        "\r\n",
        "\n",
        "\r",
        "\r\n ",
        "\u{2028}",
        "\u{85}",
        "\u{560a}\u{560d}",
        "\0\r\n",
        "%0d%0a",
        "%E5%98%8A%E5%98%8D",
        "%250d%250a",
        "\x0b",
        "\x0c",
    ];
    for line_break in breaks {
        let evil =
            format!("/x{line_break}X-Evil: 1{line_break}Set-Cookie: a=b{line_break}{line_break}<script>");
        for name in [
            "redirect",
            "redirect_ok",
            "callback",
            "json_encode_options",
            "json",
            "dev",
            "controller",
            "method",
        ] {
            let target = format!("/api/core/info/?insecure=cool&{name}={}", encoded(&evil));
            let answer = site.app.get(&target);
            stays(&answer, &target);
            assert_eq!(answer.header("set-cookie"), None, "{target}");
        }
        let path = format!("/api/{}/?redirect=x", encoded(&evil));
        stays(&site.app.get(&path), &path);
    }
}

#[test]
fn a_callback_is_a_name_and_nothing_else() {
    let site = Site::new(Server::mariadb());
    for evil in [
        "alert(1)//",
        "alert(document.domain);x",
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "x\u{2028}alert(1)//",
        "x\u{2029}alert`1`//",
        "x=alert,x",
        "x`${alert(1)}`",
        "(alert)",
        "x;y",
        "x+y",
        "x/**/",
        "x//",
        "x\n",
        "x\r\ny",
        "x\0",
        "x y",
        "x\ty",
        "\u{feff}x",
        "\u{ff58}",
        "x\u{200c}",
        "x\\u0061lert",
        "\\u0061lert",
        "x['y']",
        "x[y]",
        "x[0",
        "x]",
        "x{}",
        "x,y",
        "'x'",
        "\"x\"",
        "x?y",
        "x%",
        "x&y",
        "x#y",
        "x@y",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "CWS\x07\x0e000000000000000000000000000000000000000000000000000000000000",
        "PK\x03\x04",
        "%PDF-1.4",
        &"a".repeat(129),
        &"a.".repeat(1_000_000),
        &"a[0]".repeat(100_000),
    ] {
        for more in [
            "",
            "&json_encode_options=64",
            "&json_encode_options=448",
            "&json_unescaped_unicode=1",
            "&redirect=/x",
        ] {
            let target = format!("/api/user/info/?insecure=cool&x=1{more}");
            let answer = site.app.send(&Request::post(&target, &[("callback", evil)]));
            let about = format!("{} {more}", evil[..evil.len().min(60)].escape_debug());
            assert_eq!(answer.status, 400, "{about}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"), "{about}");
            assert!(
                !answer.text().contains("alert") && !answer.text().contains('<'),
                "{about}: {}",
                answer.text()
            );
        }
        // With `dev` there is no callback at all.
        let dev = site.app.send(&Request::post("/api/user/info/?insecure=cool&dev=1", &[("callback", evil)]));
        assert!(dev.header("content-type").unwrap().starts_with("text/plain;"), "{:?}", dev.headers);
        assert!(!dev.text().contains(evil), "{}", dev.text());
    }
    // Twice named, or as a list.
    for query in
        ["callback=x&callback=alert(1)", "callback[]=alert(1)", "callback[x]=y", "callback=%00alert(1)"]
    {
        let answer = site.app.get(&format!("/api/user/info/?insecure=cool&{query}"));
        assert_eq!((answer.status, answer.text().contains("alert")), (400, false), "{query}");
    }
}

#[test]
fn data_in_a_script_ends_no_line_and_no_script_element() {
    let site = Site::new(Server::mariadb());
    let evil = "</script><script>alert(1)</script>\u{2028}alert(2)\u{2029}--><!--";
    let form = [("cookie", &*site.cookie), ("meta_key", "evil"), ("meta_value", evil)];
    assert_eq!(site.app.call("user/update_user_meta", &form).status, 200);
    for more in ["", "&json_unescaped_unicode=1", "&json_encode_options=256", "&json_encode_options=0"] {
        let cookie = encoded(&site.cookie);
        let target =
            format!("/api/user/get_user_meta/?insecure=cool&meta_key=evil&callback=cb&cookie={cookie}{more}");
        let answer = site.app.get(&target);
        let text = answer.text();
        assert_eq!(answer.header("content-type"), Some("application/javascript; charset=UTF-8"));
        assert!(text.starts_with("cb({") && text.ends_with("})"), "{text}");
        assert!(!text.contains("</script") && !text.contains('\n'), "{text}");
        // The plugin's own switch shows them as they are, which is JavaScript since ECMAScript 2019.
        let separators = text.contains(['\u{2028}', '\u{2029}']);
        assert_eq!(separators, more == "&json_unescaped_unicode=1", "{text}");
    }
}

#[test]
fn a_page_that_is_not_on_the_list_may_not_read_answers() {
    let site =
        Site::with(Server::mariadb(), |setup| setup.set("cors.allowed_origins", "https://app.example.org"));
    let allowed = |origin: &str, method: &str| {
        let answer = site.app.send(
            &Request::new(method, "/api/user/info/?insecure=cool")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST"),
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{origin}");
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    for method in ["GET", "POST", "OPTIONS", "PUT"] {
        assert_eq!(allowed("https://app.example.org", method).as_deref(), Some("https://app.example.org"));
        for origin in [
            "null",
            "*",
            "",
            "https://evil.example",
            "https://app.example.org.evil.example",
            "https://evil.example/https://app.example.org",
            "https://evil-app.example.org",
            "https://app.example.orgevil.example",
            "https://app-example.org",
            "https://appXexample.org",
            "http://app.example.org",
            "https://app.example.org:444",
            "https://x.app.example.org",
            "https://app.example.org@evil.example",
            "https://app.example.org, https://evil.example",
            "https://evil.example https://app.example.org",
            "https://app.example.org\u{ff0e}evil.example",
            "https://app.example.org%00.evil.example",
            "chrome-extension://app.example.org",
            "file://",
        ] {
            assert_eq!(allowed(origin, method), None, "{method} {origin}");
        }
    }
}

#[test]
fn a_request_names_itself_in_plain_letters_or_not_at_all() {
    let site = Site::new(Server::mariadb());
    for name in [
        "<script>",
        "a b",
        "a\tb",
        "a;b",
        "\u{e9}",
        "a\"b",
        "a'b",
        "a\\b",
        "a,b",
        "",
        &"a".repeat(65),
        "{{x}}",
        "\u{1b}[31m",
    ] {
        // As a proxy that is trusted would pass it on.
        let answer = site.app.send(
            &Request::get("/api/user/info/?insecure=cool")
                .header("X-Forwarded-For", "203.0.113.9")
                .header("X-Request-Id", name),
        );
        if answer.status == 200 {
            let own = answer.header("x-request-id").unwrap();
            assert!(own.len() == 16 && own.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}: {own}");
        }
    }
}

#[test]
fn what_is_echoed_is_never_a_page() {
    let site = Site::new(Server::mariadb());
    let evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    for target in [
        format!("/{}", encoded(evil)),
        format!("/api/{}/", encoded(evil)),
        format!("/api/{}/x/", encoded(evil)),
        format!("/api/user/{}/?insecure=cool", encoded(evil)),
        format!("/?json={}", encoded(evil)),
        format!("/api/info/?controller={}", encoded(evil)),
        format!("/api/get_nonce/?controller={}&method=x", encoded(evil)),
        format!("/api/get_nonce/?controller=user&method={}", encoded(evil)),
        format!("/api/user/{}/?insecure=cool&json_encode_options=64", encoded(evil)),
        format!("/api/user/{}/?insecure=cool&dev=1", encoded(evil)),
        format!("/api/user/{}/?insecure=cool&callback=cb", encoded(evil)),
        format!("/api/user/xprofile/?insecure=cool&user_id=3&field={}", encoded(evil)),
        format!(
            "/api/user/get_user_meta/?insecure=cool&cookie={}&meta_key={}",
            encoded(&site.cookie),
            encoded(evil)
        ),
        format!(
            "/api/user/update_user_meta_vars/?insecure=cool&cookie={}&{}=1",
            encoded(&site.cookie),
            encoded(evil)
        ),
        format!(
            "/api/user/update_user_meta/?insecure=cool&cookie={}&meta_key=wp_capabilities{}&meta_value=1",
            encoded(&site.cookie),
            encoded("\u{200b}")
        ),
        format!("/api/user/info/?insecure=cool&redirect={}", encoded(evil)),
    ] {
        let answer =
            site.app.send(&Request::get(&target).header("Accept", "text/html").header("User-Agent", evil));
        let kind = answer.header("content-type").unwrap_or_default();
        let page = !(kind.starts_with("application/json;")
            || kind.starts_with("text/plain;")
            || kind.starts_with("application/javascript;"));
        assert!(!page || answer.body.is_empty(), "{target}: {kind} {}", answer.text());
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{target}");
    }
    assert_eq!(site.app.get("/api/user/info/?insecure=cool").text(), INFO);
}
