//! What is stored does no harm where WordPress prints or unserialises it: no script, no handler, no object.
//!
//! `tests/wordpress` holds the filters against genuine WordPress; here it is the service's ways in that are tried.

use serde_json::json;

use crate::server::Server;
use crate::site::{Site, post, post_json};

/// Scripts in disguise. Each calls `alert`.
const SCRIPTS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script\n>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1);//<</script>",
    "<script>alert(1)",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<scr\x08ipt>alert(1)</script>",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\x3cscript\\x3ealert(1)",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)//",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/alert.css>",
    "<base href=//evil.example/alert>",
    "<style>@import '//evil.example/alert';</style>",
    "<template><script>alert(1)</script></template>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='java\0script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#0000106avascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='javascript&#58;alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<a href='javascript:javascript:alert(1)'>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='http:javascript:alert(1)'>x</a>",
    "<a href=\"http://x\" onclick=\"alert(1)\">x</a>",
    "<a href=\"http://x\"onmouseover=\"alert(1)\">x</a>",
    "<a href=`http://x` onclick=alert(1)>x</a>",
    "<a href=\"x\" title=\"a\"onclick=alert(1) b=\">x</a>",
    "<a href='x' title='\" onclick=alert(1) x=\"'>x</a>",
    "<a title=\"<img src=x onerror=alert(1)>\">x</a>",
    "<a title='&quot; onclick=&quot;alert(1)'>x</a>",
    "<b onclick=alert(1)>x</b>",
    "<b style='background:url(javascript:alert(1))'>x</b>",
    "<b/onclick=alert(1)>x</b>",
    "<b \x0conclick=alert(1)>x</b>",
    "<b\u{a0}onclick=alert(1)>x</b>",
    "<q cite='javascript:alert(1)'>x</q>",
    "<blockquote cite=javascript:alert(1)>x</blockquote>",
    "<del datetime='\" onclick=alert(1) \"'>x</del>",
    "<!--<img src=x onerror=alert(1)>-->",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php alert(1) ?>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE x [<!ENTITY y 'alert(1)'>]>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "' onfocus=alert(1) autofocus='",
    "\" onfocus=alert(1) autofocus=\"",
    "[caption]<img src=x onerror=alert(1)>[/caption]",
    "<a href=\"[x]\" title=\"' onclick=alert(1) '\">",
    "http://x.example/\" onmouseover=\"alert(1)",
    "http://x.example/<script>alert(1)</script>",
    "javascript:alert(1)",
    "http://[<a onclick=alert(1)//]",
    "<b><a href=http://x>\u{2028}<img onerror=alert(1)></b>",
    "\u{202e}<script>alert(1)</script>",
];

/// Elements that comments and profiles may have.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "blockquote",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "q",
    "s",
    "strike",
    "strong",
    "span",
    "p",
];
const ATTRIBUTES: &[&str] = &["href", "src", "title", "cite", "datetime", "rel", "class"];
/// Elements of rich text in profiles besides.
const RICH: &[&str] = &["img", "ul", "ol", "li"];

/// Every `<` begins an element of the list with attributes of the list, quoted, whose addresses have a harmless scheme.
/// Comments of HTML end where they seem to.
#[track_caller]
fn assert_harmless(stored: &str, about: &str) {
    assert_only(stored, &[], about);
}

#[track_caller]
fn assert_only(stored: &str, more: &[&str], about: &str) {
    let fail = |what: &str| panic!("{about}: {what} in {stored:?}");
    let mut rest = stored;
    while let Some((_, behind)) = rest.split_once('<') {
        if let Some(comment) = behind.strip_prefix("!--") {
            // A browser ends it at the first of these, so that none may stand within.
            let Some((inside, after)) = comment.split_once("-->") else { return fail("an open comment") };
            if inside.contains("--!>") || inside.starts_with('>') || inside.starts_with("->") {
                fail("a comment that ends early");
            }
            rest = after;
            continue;
        }
        let behind = behind.strip_prefix('/').unwrap_or(behind);
        let end = behind.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(behind.len());
        let (name, mut tag) = behind.split_at(end);
        let name = name.to_ascii_lowercase();
        if !ELEMENTS.contains(&name.as_str()) && !more.contains(&name.as_str()) {
            fail(&format!("<{name}>"));
        }
        loop {
            tag = tag.trim_start_matches([' ', '\n', '/']);
            if let Some(after) = tag.strip_prefix('>') {
                rest = after;
                break;
            }
            let Some((attribute, value)) = tag.split_once('=') else {
                return fail("an attribute without a value");
            };
            if !ATTRIBUTES.contains(&attribute) {
                fail(&format!("the attribute {attribute}"));
            }
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let Some(quote) = quote else { return fail("a value without quotes") };
            let Some((value, after)) = value[1..].split_once(quote) else { return fail("an open value") };
            if value.contains(['<', '>']) {
                fail("markup in a value");
            }
            if matches!(attribute, "href" | "src" | "cite") {
                assert_address(value, about);
            }
            tag = after;
        }
    }
}

/// An address as a browser reads it: references decoded once, blanks and control characters gone.
#[track_caller]
fn assert_address(value: &str, about: &str) {
    let plain: String = decoded(value)
        .chars()
        .filter(|letter| !letter.is_control() && *letter != ' ')
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let scheme = plain.split(['/', '?', '#']).next().unwrap_or_default();
    let known = ["http:", "https:", "mailto:", "ftp:", "feed:"].iter().any(|known| scheme.starts_with(known));
    assert!(known || !scheme.contains(':'), "{about}: the address {value:?}");
}

/// Character references as HTML has them, those that could hide a scheme among them.
fn decoded(value: &str) -> String {
    let mut plain = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, after) = behind.split_once(';').unwrap_or((behind, ""));
        let number = match name.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
            Some(digits) => digits.parse().ok(),
            None => None,
        };
        let letter = match name {
            "amp" => Some('&'),
            "colon" => Some(':'),
            "Tab" => Some('\t'),
            "NewLine" => Some('\n'),
            "sol" => Some('/'),
            _ => number.and_then(char::from_u32),
        };
        match letter {
            Some(letter) => plain.push(letter),
            None => plain.extend(["&", name, ";"]),
        }
        rest = after;
    }
    plain + rest
}

/// No markup at all.
#[track_caller]
fn assert_text(stored: &str, about: &str) {
    assert!(!stored.contains('<'), "{about}: {stored:?}");
}

#[test]
fn comments_hold_no_script_whoever_writes_them() {
    let site = Site::new(Server::mariadb());
    for role in ["subscriber", "administrator"] {
        let roles = format!("a:1:{{s:{}:\"{role}\";b:1;}}", role.len());
        site.sql(&format!(
            "UPDATE wp_usermeta SET meta_value = '{roles}' WHERE user_id = 3 AND meta_key = 'wp_capabilities'"
        ));
        let mut stored = 0;
        for (number, script) in SCRIPTS.iter().enumerate() {
            site.app.set_now(site.app.app.clock.now() + 60);
            for content in
                [format!("{role} {number} {script}"), format!("{role} {number} <b>{script}{script}</b>")]
            {
                site.app.set_now(site.app.app.clock.now() + 60);
                let name = format!("User-Agent {script}");
                site.sql(&format!(
                    "UPDATE wp_users SET display_name = LEFT(_utf8mb4 X'{0}', 250), user_url = LEFT(_utf8mb4 X'{0}', 100) WHERE ID = 3",
                    hex::encode(script)
                ));
                let form = [
                    ("cookie", &*site.cookie),
                    ("post_id", "29"),
                    ("content", &content),
                    ("comment_status", "1"),
                ];
                let agent: String = name.chars().filter(|letter| !letter.is_control()).collect();
                let answer = site.app.send(&post("user/post_comment", &form).header("User-Agent", &agent));
                assert!(matches!(answer.status, 200 | 400), "{script:?}: {}", answer.text());
                let Some(id) = answer.json()["comment_id"].as_u64() else { continue };
                stored += 1;
                let row = site.sql(&format!(
                    "SELECT comment_content, comment_author, comment_author_url, comment_author_email FROM wp_comments WHERE comment_ID = {id}"
                ));
                assert_harmless(&row[0][0], script);
                assert_text(&row[0][1], script);
                assert_text(&row[0][2], script);
                assert!(!row[0][2].contains('"'), "{script:?}: {}", row[0][2]);
                assert_address(&row[0][2], script);
                assert_text(&row[0][3], script);
            }
        }
        assert!(stored > 100, "{role}: {stored} comments");
    }
}

#[test]
fn names_and_addresses_of_a_new_user_hold_no_script() {
    let site = Site::new(Server::mariadb());
    let nonce = site.app.nonce("register");
    let mut registered = 0;
    for (number, script) in SCRIPTS.iter().enumerate() {
        let email = format!("ann{number}@example.net");
        let login = format!("ann{number}{script}");
        let mut fields =
            vec![("username", login.as_str()), ("email", &email), ("nonce", &nonce), ("user_pass", "p")];
        for name in [
            "display_name",
            "first_name",
            "last_name",
            "nickname",
            "description",
            "user_url",
            "user_nicename",
            "admin_color",
            "rich_editing",
        ] {
            fields.push((name, script));
        }
        let answer = site.app.send(&post("user/register", &fields));
        assert!(matches!(answer.status, 200 | 400), "{script:?}: {}", answer.text());
        let Some(id) = answer.json()["user_id"].as_u64() else { continue };
        registered += 1;
        let row = site.sql(&format!("SELECT user_login, user_nicename, display_name, user_email, user_url FROM wp_users WHERE ID = {id}"));
        for text in &row[0] {
            assert_text(text, script);
        }
        assert_address(&row[0][4], script);
        for row in site.sql(&format!("SELECT meta_key, meta_value FROM wp_usermeta WHERE user_id = {id} AND meta_key <> 'session_tokens'")) {
            match row[0].as_str() {
                "description" => assert_harmless(&row[1], script),
                _ => assert_text(&row[1], &format!("{} {script}", row[0])),
            }
        }
    }
    assert!(registered > 40, "{registered} users");
}

#[test]
fn profile_fields_hold_no_script() {
    let site = Site::new(Server::mariadb());
    for script in SCRIPTS {
        for label in [
            "Name",
            "First Name",
            "Bio",
            "About_Me",
            "Location",
            "Website",
            "Phone",
            "Country",
            "Skills[]",
            "Interests[]",
            "Company",
        ] {
            let form = [("cookie", &*site.cookie), (label, script)];
            let answer = site.app.send(&post("user/xprofile_update", &form));
            assert!(matches!(answer.status, 200 | 400), "{label} {script:?}: {}", answer.text());
        }
        // What is stored is slashed, as BuddyPress stores it.
        for row in site.sql("SELECT field_id, value FROM wp_bp_xprofile_data WHERE user_id = 3") {
            assert_only(&row[1].replace('\\', ""), RICH, &format!("field {} {script}", row[0]));
        }
        for row in site.sql("SELECT display_name, user_nicename FROM wp_users WHERE ID = 3").concat() {
            assert_harmless(&row, script);
        }
        for row in site.sql("SELECT meta_value FROM wp_usermeta WHERE user_id = 3 AND meta_key IN ('nickname', 'first_name', 'last_name')").concat() {
            assert_harmless(&row, script);
        }
        let read = site.app.call(
            "user/xprofile",
            &[("user_id", "3"), ("field", "Name,Bio,About_Me,Location,Website"), ("cookie", &site.cookie)],
        );
        for (label, value) in read.json().as_object().unwrap() {
            assert_only(value.as_str().unwrap_or_default(), RICH, &format!("{label} as read, {script}"));
        }
    }
}

#[test]
fn no_text_becomes_an_object_when_wordpress_unserialises_it() {
    let site = Site::new(Server::mariadb());
    let objects = [
        "O:8:\"stdClass\":0:{}",
        " O:8:\"stdClass\":0:{} ",
        "O:+8:\"stdClass\":0:{}",
        "C:11:\"ArrayObject\":37:{x:i:0;a:0:{};m:a:0:{}}",
        "a:1:{i:0;O:8:\"stdClass\":0:{}}",
        "E:11:\"Suit:Hearts\";",
        "s:20:\"O:8:\\\"stdClass\\\":0:{}\";",
        "a:1:{s:13:\"administrator\";b:1;}",
        "\0O:8:\"stdClass\":0:{}",
        "b:0;",
        "N;",
        "R:1;",
    ];
    for (number, object) in objects.iter().enumerate() {
        let key = format!("odd_{number}_");
        let send =
            |request: &crate::http::Request| assert_eq!(site.app.send(request).status, 200, "{object}");
        let [one, two, three, four] = [1, 2, 3, 4].map(|door| format!("{key}{door}"));
        let cookie = &*site.cookie;
        send(&post(
            "user/update_user_meta",
            &[("cookie", cookie), ("meta_key", &one), ("meta_value", object)],
        ));
        send(&post("user/update_user_meta_vars", &[("cookie", cookie), (&two, object)]));
        let list = format!("custom_fields[{three}][]");
        send(&post("user/update_user_meta_vars", &[("cookie", cookie), (&list, object)]));
        let field = json!({"cookie": cookie, "custom_fields": {four: {*object: object}}});
        send(&post_json("user/update_user_meta_vars", &field));
        let email = format!("eve{number}@example.net");
        let nonce = site.app.nonce("register");
        let fields = format!("custom_fields[{key}5]");
        let login = format!("eve{number}");
        let form = [
            ("username", &*login),
            ("email", &email),
            ("nonce", &nonce),
            ("user_pass", "p"),
            (&*fields, object),
        ];
        send(&post("user/register", &form));
        for row in site.sql(&format!(
            "SELECT meta_key, meta_value FROM wp_usermeta WHERE meta_key LIKE 'odd\\_{number}\\_%'"
        )) {
            let value = row[1].trim();
            let in_list = value.starts_with("a:1:{i:0;s:");
            let in_map = value.starts_with(&format!("a:1:{{s:{}:\"{object}\";s:", object.len()));
            assert!(
                value.starts_with("s:") || in_list || in_map || !looks_serialized(value),
                "{} {object}: {value}",
                row[0]
            );
        }
        let read = site.app.call("user/get_user_meta", &[("cookie", cookie), ("meta_key", &one)]);
        let shown = read.json()[one.as_str()][0].as_str().map(str::to_owned);
        assert_eq!(shown.as_deref(), Some(*object), "it is read as it was sent");
    }
}

/// What `maybe_unserialize()` would take for more than text: `is_serialized()` without the texts.
fn looks_serialized(value: &str) -> bool {
    let (kind, rest) = value.split_once(':').unwrap_or((value, ""));
    let number = rest.split(':').next().unwrap_or_default();
    let counted = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        "N;" => true,
        "a" | "O" | "E" => counted,
        "b" | "i" | "d" => value.ends_with(';'),
        _ => false,
    }
}
