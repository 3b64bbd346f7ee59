use proptest::prelude::*;

use super::*;

const PLACE: Place<'_> = Place { home: "https://example.org/blog", base: "api" };

fn read_at(place: Place<'_>, log: &str, limit: usize) -> Requests {
    Requests::read(log.as_bytes(), place, limit).unwrap()
}

fn read(log: &str) -> Requests {
    read_at(PLACE, log, 50)
}

fn shown(found: &Requests) -> Vec<(String, u64)> {
    found.asked.iter().map(|asked| (asked.shown(), asked.lines)).collect()
}

/// What is sent for one line, or why nothing is.
fn sent(line: &str) -> Result<String, Skipped> {
    let found = read(line);
    match (found.asked.as_slice(), found.skipped.keys().next()) {
        ([asked], None) => Ok(format!("{}?{}", asked.path, asked.query)),
        ([], Some(reason)) => Err(*reason),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_request_is_built_anew_whatever_way_it_was_spelled() {
    for line in [
        "/blog/api/user/get_userinfo/?user_id=2&insecure=cool",
        "/blog/api/user/get_userinfo?insecure=cool&user_id=2",
        "/blog//api///user/get_userinfo/?user_id=2&insecure=cool",
        "/blog/index.php/api/USER.get_userinfo/?user_id=2&insecure=cool",
        "/blog/?json=user/get_userinfo&user_id=2&insecure=cool",
        "/blog/some/page/?user_id=1&user_id=2&insecure=cool&j%73on=user.get_userinfo",
        // A later value wins, as in PHP.
        "/blog/?json=user/register&json=user%2Fget_userinfo&user_id=2&insecure=cool",
        // What the method does not read goes nowhere.
        "/blog/api/user/get_userinfo/?user_id=2&insecure=cool&time=7&cache=1&p=1&wc-ajax=x&rest_route=/wp/v2/users\
         &redirect=https://evil.example/&redirect_ok=/x&action=delete&json=0",
    ] {
        let wanted = "/api/user/get_userinfo/?user_id=2&insecure=cool";
        assert_eq!(sent(line).as_deref(), Ok(wanted), "{line}");
    }
    assert_eq!(sent("/blog/api/").as_deref(), Ok("/api/info/?"));
    let bare = read_at(Place { base: "", ..PLACE }, "/blog/?json=user.info&insecure=cool", 1);
    assert_eq!(
        (bare.asked[0].path.as_str(), bare.asked[0].query.as_str()),
        ("/", "json=user/info&insecure=cool")
    );
}

#[test]
fn no_method_that_writes_is_ever_chosen() {
    let writing = endpoints::ENDPOINTS.iter().filter(|endpoint| !endpoint.reads_only);
    let mut count = 0;
    for endpoint in writing {
        let (controller, method) = (endpoint.controller, endpoint.method);
        for line in [
            format!("/blog/api/{controller}/{method}/?cookie=x"),
            format!("/blog/api/{controller}.{method}?cookie=x"),
            format!("/blog/api/{}/{}/", controller.to_uppercase(), method.to_uppercase()),
            format!("/blog//index.php//api/{controller}/{method}"),
            format!("/blog/?json={controller}/{method}"),
            format!("/blog/?json={controller}.{}", method.to_uppercase()),
            format!("/blog/?%6Ason={controller}%2F{method}"),
            format!("/blog/?+json={controller}/{method}"),
            format!("/blog/api/user/info/?json={controller}/{method}"),
            format!("/blog/?json=user/info&json={controller}/{method}"),
            format!("x \"POST /blog/api/{controller}/{method}/ HTTP/1.1\" 200"),
            format!("x \"PUT /blog/api/{controller}/{method}/ HTTP/1.1\" 200"),
        ] {
            assert_eq!(sent(&line), Err(Skipped::Writes), "{line}");
            count += 1;
        }
    }
    assert_eq!(count, 11 * 12, "methods that write, spellings of each");
}

#[test]
fn nothing_of_a_line_steers_where_a_request_goes() {
    for (line, wanted) in [
        ("https://evil.example/blog/api/info/", "/api/info/?"),
        ("x \"GET https://u:p@evil.example/blog/api/info/ HTTP/1.1\"", "/api/info/?"),
        ("//evil.example/blog/api/info/", ""),
        // Not two words, so core's method; the rest is not kept.
        ("/blog/api/..%2f..%2fevil/info/", "/api/info/?"),
        ("/blog/api/@evil.example/info/", "/api/info/?"),
        (
            r#"x "GET /blog/api/info/?callback=f\x0d\x0aHost: evil HTTP/1.1""#,
            "/api/info/?callback=f%0D%0AHost%3A%20evil",
        ),
        ("/blog/api/info/?dev=1%26json%3Duser/register", "/api/info/?dev=1%26json%3Duser%2Fregister"),
        (
            "/blog/api/info/?controller[%26json%3Duser/register]=1",
            "/api/info/?controller[%26json%3Duser%2Fregister]=1",
        ),
        ("/blog/../api/info/", ""),
    ] {
        match sent(line) {
            Ok(sent) => assert_eq!(sent, wanted, "{line}"),
            Err(reason) => assert_eq!((reason, wanted), (Skipped::Other, ""), "{line}"),
        }
    }
}

#[test]
fn what_is_not_asked_is_counted_by_its_reason() {
    for (line, reason) in [
        ("/blog/wp-content/style.css", Skipped::Other),
        ("/api/user/info/", Skipped::Other),
        ("/blog/API/user/info/", Skipped::Other),
        ("/blog/api/get_recent_posts/?count=3", Skipped::Php),
        ("/blog/?json=1", Skipped::Php),
        ("/blog/api/posts/create_post/", Skipped::Php),
        ("/blog/api/user/nope/", Skipped::Php),
        ("/blog/?json[]=user/info", Skipped::Malformed),
        ("x \"HEAD /blog/api/info/ HTTP/1.1\"", Skipped::Verb),
        ("x \"OPTIONS /blog/api/info/ HTTP/1.1\"", Skipped::Verb),
        ("x \"POST /blog/api/user/get_userinfo/?insecure=cool HTTP/1.1\"", Skipped::Body),
        ("nonsense", Skipped::Unreadable),
    ] {
        assert_eq!(sent(line), Err(reason), "{line}");
    }
    assert_eq!(sent(&format!("/blog/api/info/?dev={}", "x".repeat(8000))), Err(Skipped::Malformed));
    let many = format!("/blog/api/info/?{}", "a=1&".repeat(1001));
    assert_eq!(sent(&many), Err(Skipped::Malformed));
    let long = format!("/blog/api/info/?dev={}\n/blog/api/info/", "x".repeat(300_000));
    let found = read(&long);
    assert_eq!((found.lines, found.asked.len(), found.skipped[&Skipped::Unreadable]), (2, 1, 1));
}

#[test]
fn a_post_whose_parameters_stand_in_its_address_is_asked_by_get() {
    let line = "x \"POST /blog/api/user/get_userinfo/?user_id=2 HTTP/1.1\"";
    assert_eq!(sent(line).as_deref(), Ok("/api/user/get_userinfo/?user_id=2"));
    assert_eq!(sent("x \"POST /blog/api/info/ HTTP/1.1\"").as_deref(), Ok("/api/info/?"));
}

#[test]
fn each_request_is_asked_once_and_the_frequent_ones_first() {
    let log = "# a list\n\n/blog/api/user/get_userinfo/?user_id=1\n/blog/api/user/get_userinfo/?user_id=2&time=1\n\
               /blog/api/user/get_userinfo/?time=2&user_id=2\n/blog/api/info/\n/blog/api/user/get_userinfo/?user_id=3";
    let found = read_at(PLACE, log, 2);
    assert_eq!(
        shown(&found),
        [
            ("/api/info/", 1),
            ("/api/user/get_userinfo/?user_id=2", 2),
            ("/api/user/get_userinfo/?user_id=1", 1)
        ]
        .map(|(shown, lines)| (shown.to_owned(), lines))
    );
    assert_eq!((found.lines, found.skipped[&Skipped::Limit]), (5, 1));
}

#[test]
fn a_flood_for_one_endpoint_drives_out_no_other() {
    let flood = |count: usize, more: &str| -> String {
        let lines = (0..count).map(|id| format!("/blog/api/user/get_userinfo/?user_id={id}{more}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let log = flood(gathered::MOST + 20, "") + "/blog/api/user/get_userinfo/?user_id=7\n/blog/api/info/\n";
    let found = read(&log);
    let wanted = ("/api/user/get_userinfo/?user_id=7".to_owned(), 2);
    assert_eq!(shown(&found)[..2], [("/api/info/".to_owned(), 1), wanted]);
    assert_eq!((found.asked.len(), found.skipped[&Skipped::Excess]), (51, 20));
    // Long ones are fewer: together they may take 8 MB.
    let found = read_at(PLACE, &flood(2000, &"x".repeat(7000)), gathered::MOST);
    let (kept, over) = (found.asked.len(), found.skipped[&Skipped::Excess]);
    assert!((1000..1300).contains(&kept), "{kept}");
    assert_eq!(over, 2000 - u64::try_from(kept).unwrap());
}

#[test]
fn an_endpoint_that_cannot_be_asked_is_named() {
    let log = "x \"POST /blog/api/user/validate_auth_cookie/ HTTP/1.1\"\n/blog/api/info/\n\
               x \"OPTIONS /blog/api/user/info/ HTTP/1.1\"\nx \"POST /blog/api/user/register/ HTTP/1.1\"\n";
    let unasked = |found: Requests| -> Vec<String> {
        found.unasked.iter().map(|(endpoint, lines)| format!("{endpoint:?} {lines}")).collect()
    };
    assert_eq!(unasked(read(log)), ["user/validate_auth_cookie 1"]);
    assert_eq!(unasked(read_at(PLACE, log, 0)), ["core/info 1", "user/validate_auth_cookie 1"]);
}

#[test]
fn odd_is_only_what_php_stumbles_over() {
    for (query, wanted) in [
        ("user_id=2", false),
        ("user_id=2&json_unescaped_unicode=1", false),
        ("user_id=2&json_encode_options=192", false),
        ("user_id=2&json_encode_options=", false),
        ("user_id=2&json_encode_options=64abc", true),
        ("user_id=2&json_encode_options[]=1", true),
        ("user_id[]=2", true),
    ] {
        assert_eq!(read(&format!("/blog/api/user/get_userinfo/?{query}")).asked[0].odd, wanted, "{query}");
    }
}

#[test]
fn secrets_are_sent_and_not_shown() {
    let found = read("/blog/api/user/get_user_meta/?cookie=anna%7C1%7Ct%7Ch&meta_key=color");
    assert_eq!(found.asked[0].query, "cookie=anna%7C1%7Ct%7Ch&meta_key=color");
    assert_eq!(found.asked[0].shown(), "/api/user/get_user_meta/?cookie=***&meta_key=color");
    let misplaced = "user_id=anna%7C1796507221%7CpQUtYbEZ7RIivQ3W2JB5z0AtCbg5z2NLp05KAuAYKPx%7C09";
    let found = read(&format!("/blog/api/user/get_userinfo/?{misplaced}"));
    assert_eq!(found.asked[0].query, misplaced);
    assert_eq!(found.asked[0].shown(), "/api/user/get_userinfo/?user_id=***");
}

#[test]
fn the_logs_of_real_servers_all_give_the_same_requests() {
    let place = Place { home: "https://example.org", base: "api" };
    for (log, broken) in [
        (include_str!("../../../../fixtures/logs/nginx.combined.log"), Some(&2)),
        (include_str!("../../../../fixtures/logs/nginx.json.log"), Some(&2)),
        (include_str!("../../../../fixtures/logs/apache.combined.log"), Some(&2)),
        (include_str!("../../../../fixtures/logs/apache.vhost_combined.log"), Some(&2)),
        // What is no HTTP is not logged by it.
        (include_str!("../../../../fixtures/logs/caddy.json.log"), None),
    ] {
        let found = read_at(place, log, 50);
        assert_eq!(
            shown(&found),
            [
                ("/api/user/info/?insecure=cool", 3),
                ("/api/user/get_userinfo/?user_id=2&insecure=cool", 2),
                ("/api/user/get_user_meta/?cookie=***&insecure=cool", 1),
                ("/api/user/xprofile/?user_id=1&field=First%20Name&insecure=cool", 1),
                ("/api/user/xprofile/?user_id=1&field=%C3%A9t%C3%A9&insecure=cool", 1),
                ("/api/user/xprofile/?user_id=1&field=a%5Cb&insecure=cool", 1),
            ]
            .map(|(shown, lines)| (shown.to_owned(), lines))
        );
        assert_eq!(found.skipped[&Skipped::Writes], 1);
        assert_eq!(found.skipped[&Skipped::Verb], 1);
        assert_eq!(found.skipped.get(&Skipped::Unreadable), broken);
    }
}

/// Texts that steer requests, or come close to it.
fn piece() -> impl Strategy<Value = String> {
    let known = endpoints::ENDPOINTS.iter().flat_map(|endpoint| [endpoint.controller, endpoint.method]);
    let others = [
        "/",
        "/",
        "/",
        ".",
        "//",
        "api",
        "api",
        "blog",
        "index.php",
        "core",
        "?",
        "&",
        "=",
        "json",
        "json",
        "JSON",
        "j%73on",
        "%2F",
        "%2f",
        "%2E",
        "+",
        "%20",
        "[",
        "]",
        "#",
        "%00",
        "%0d%0a",
        "..",
        "\\",
        "\"",
        "@evil.example",
        "http://",
        "insecure=cool",
        "dev=1",
        "0",
        "1",
        "é",
        "\u{202e}",
        "controller",
        "cookie",
        "[a",
        "a]",
    ];
    let pieces: Vec<String> = known.chain(others).map(str::to_owned).collect();
    prop::sample::select(pieces)
}

proptest! {
    #[test]
    fn what_is_sent_asks_for_a_method_that_reads_and_for_nothing_else(
        front in prop::sample::select(vec!["/blog/", "/blog/api/", "/blog/?json=", "/blog/api/user/info/?", ""]),
        pieces in prop::collection::vec(piece(), 0..12),
        base in prop::sample::select(vec!["api", ""]),
    ) {
        let place = Place { base, ..PLACE };
        let text = format!("{front}{}", pieces.concat());
        for line in [text.clone(), format!("- \"GET {text} HTTP/1.1\""), format!("- \"POST {text} HTTP/1.1\"")] {
            let found = read_at(place, &line, 50);
            prop_assert!(found.lines <= 1);
            for asked in found.asked {
                prop_assert!(asked.endpoint.reads_only);
                let sent = format!("{}?{}", asked.path, asked.query);
                prop_assert!(sent.starts_with('/') && sent.bytes().all(|byte| byte.is_ascii_graphic()), "{sent}");
                // Read again as the service and the plugin read it.
                let query = format!("{}&time=1", asked.query);
                let params = Params::parse(query.as_bytes(), Body::None).unwrap();
                let path = format!("{}{}", place.folder(), asked.path);
                let target = routes::resolve(&path, &params, place).unwrap().unwrap();
                let again = endpoints::find(&target.controller, &target.method).unwrap();
                prop_assert!(std::ptr::eq(again, asked.endpoint), "{sent}");
                // The variable json is sent where there is no other way alone.
                prop_assert_eq!(params.get("json").is_some(), base.is_empty(), "{}", sent);
            }
        }
    }

    #[test]
    fn no_line_is_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let found = Requests::read(bytes.as_slice(), PLACE, 5).unwrap();
        let counted: u64 = found.skipped.values().sum();
        prop_assert_eq!(found.lines, counted + found.asked.iter().map(|asked| asked.lines).sum::<u64>());
    }
}
