//! `user/post_comment`: the order of the checks, their texts, what is written and who is told.

use serde_json::{Value, json};
use wp_sidecar::account::Context;
use wp_sidecar::account::caller::Caller;
use wp_sidecar::account::comment::{Notice, Policy, Reason, Submission, Wish};
use wp_sidecar::store::users::UserBy;

use crate::app::{NOW, Setup, TestApp, dump};
use crate::http::{Request, Response};
use crate::server::Server;

/// The open post and the one with closed comments of the recorded site, a draft of user 7, and a page.
const OPEN: &str = "29";
const CLOSED: &str = "30";
const DRAFT: &str = "31";

/// A service, its database, and a cookie of each user.
struct Site {
    server: &'static Server,
    app: TestApp,
    database: String,
    john: String,
}

impl Site {
    #[track_caller]
    fn new() -> Self {
        Self::with(Server::mariadb(), &[])
    }

    #[track_caller]
    fn with(server: &'static Server, settings: &[(&str, &str)]) -> Self {
        let database = server.database_from(&dump("6.8"));
        let mut setup = Setup::on(&server.url(&database)).set("wordpress.version", "6.8");
        for (name, value) in settings {
            setup = setup.set(name, value);
        }
        let app = setup.start();
        let john = cookie_of(&app, "john");
        Self { server, app, database, john }
    }

    #[track_caller]
    fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.server.query(&self.database, sql)
    }

    #[track_caller]
    fn option(&self, name: &str, value: &str) {
        self.sql(&format!(
            "INSERT INTO wp_options (option_name, option_value) VALUES ('{name}', '{value}') \
             ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)"
        ));
    }

    #[track_caller]
    fn send(&self, cookie: &str, post: &str, content: &str, status: &str) -> Response {
        let form = [("cookie", cookie), ("post_id", post), ("content", content), ("comment_status", status)];
        self.app.call("user/post_comment", &form)
    }

    /// A comment of john's, long after the one before.
    #[track_caller]
    fn post(&self, content: &str) -> u64 {
        self.app.set_now(self.app.app.clock.now() + 60);
        number(&self.send(&self.john, OPEN, content, "1"))
    }

    #[track_caller]
    fn column(&self, comment: u64, column: &str) -> String {
        self.sql(&format!("SELECT {column} FROM wp_comments WHERE comment_ID = {comment}"))[0][0].clone()
    }

    #[track_caller]
    fn count(&self, post: &str) -> String {
        self.sql(&format!("SELECT comment_count FROM wp_posts WHERE ID = {post}"))[0][0].clone()
    }

    /// Gives the user this role.
    #[track_caller]
    fn role(&self, user: u64, role: &str) {
        let value = format!("a:1:{{s:{}:\"{role}\";b:1;}}", role.len());
        self.sql(&format!(
            "UPDATE wp_usermeta SET meta_value = '{value}' WHERE user_id = {user} AND meta_key = 'wp_capabilities'"
        ));
    }

    /// Writes a comment and says who would be told.
    #[track_caller]
    fn notice(&self, user: u64, words: &'static str) -> Option<Notice> {
        self.app.set_now(self.app.app.clock.now() + 60);
        self.app.on_server(move |app| {
            Box::pin(async move {
                let site = app.site().expect("a site");
                let context = Context {
                    db: &app.db,
                    hashing: &app.hashing,
                    limits: &app.limits,
                    caller: &Caller::stays(),
                    site: &site,
                    random: &app.random,
                    now: app.clock.now(),
                };
                let keys = ["wp_capabilities"];
                let user = app.db.find_user_with_meta(UserBy::Id(user), &keys).await.expect("a database");
                let submission = Submission {
                    post_id: 29,
                    content: words.as_bytes(),
                    wish: Wish::Appear,
                    ip: None,
                    agent: b"",
                };
                let policy = Policy { no_trash: false, network: None, siteurl: None };
                let user = user.expect("a user");
                context.post_comment(&user, &submission, &policy).await.expect("a comment").notice
            })
        })
    }
}

/// A cookie signed for the user; the session goes into the table first.
#[track_caller]
fn cookie_of(app: &TestApp, login: &str) -> String {
    let password = match login {
        "john" => "john Pass 3",
        "editor" => "editor-Pass-2",
        other => panic!("no password of {other}"),
    };
    app.cookie(login, password)
}

#[track_caller]
fn number(answer: &Response) -> u64 {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["comment_id"].as_u64().expect("a number")
}

#[track_caller]
fn refused(answer: &Response, text: &str) {
    assert_eq!((answer.status, answer.json()), (400, json!({ "status": "error", "error": text })));
}

const NO_POST: &str = "Invalid 'post_id'. The specified post does not exist.";
const CLOSED_TEXT: &str = "Comments are closed for this post.";

#[test]
fn missing_parameters_are_named_in_their_order() {
    let site = Site::new();
    let call = |form: &[(&str, &str)]| site.app.call("user/post_comment", form);
    refused(
        &call(&[]),
        "You must include a 'cookie' var in your request. Use the `generate_auth_cookie` method.",
    );
    refused(&call(&[("cookie", "x|1|y|z")]), "Invalid cookie. Use the `generate_auth_cookie` method.");
    let cookie = ("cookie", site.john.as_str());
    refused(&call(&[cookie]), "No post specified. Include 'post_id' var in your request.");
    refused(&call(&[cookie, ("post_id", "0")]), "No post specified. Include 'post_id' var in your request.");
    let post = ("post_id", "99999");
    refused(&call(&[cookie, post]), "Please include 'content' var in your request.");
    let content = ("content", "x");
    let status = "Please include 'comment_status' var in your request. Possible values are comment_status=1 \
                  (approved) or comment_status=hold (not-approved)";
    refused(&call(&[cookie, post, content]), status);
    refused(&call(&[cookie, post, content, ("comment_status", "0")]), status);
    refused(&call(&[cookie, post, content, ("comment_status", "1")]), NO_POST);
}

#[test]
fn arrays_are_refused_by_name() {
    let site = Site::new();
    for name in ["post_id", "content", "comment_status"] {
        let list = format!("{name}[]");
        let mut form = vec![("cookie", site.john.as_str()), (&list, "1")];
        let others = [("post_id", OPEN), ("content", "x"), ("comment_status", "1")];
        form.extend(others.into_iter().filter(|(other, _)| *other != name));
        refused(&site.app.call("user/post_comment", &form), &format!("The '{name}' var must be text."));
    }
}

#[test]
fn a_post_that_is_not_there_or_not_to_be_read_does_not_exist() {
    let site = Site::new();
    for post in ["99999", "-1", "abc", DRAFT, "18446744073709551615", "9999999999999999999999"] {
        refused(&site.send(&site.john, post, "x", "1"), NO_POST);
    }
    site.sql("UPDATE wp_posts SET post_status = 'private' WHERE ID = 29");
    refused(&site.send(&site.john, OPEN, "x", "1"), NO_POST);
    site.role(3, "editor");
    number(&site.send(&site.john, OPEN, "x", "1"));
}

#[test]
fn the_number_of_a_post_is_cut_to_an_integer() {
    let site = Site::new();
    let id = number(&site.send(&site.john, " 29abc", "x", "1"));
    assert_eq!(site.column(id, "comment_post_ID"), "29");
}

#[test]
fn closed_posts_take_no_comments_for_whatever_reason() {
    let site = Site::new();
    refused(&site.send(&site.john, CLOSED, "x", "1"), CLOSED_TEXT);
    for change in ["post_status = 'trash'", "post_status = 'spam'", "post_password = 'p'"] {
        site.sql(&format!("UPDATE wp_posts SET {change} WHERE ID = 29"));
        refused(&site.send(&site.john, OPEN, "x", "1"), CLOSED_TEXT);
        site.sql("UPDATE wp_posts SET post_status = 'publish', post_password = '' WHERE ID = 29");
    }
    // The post is of 2024.
    site.option("close_comments_for_old_posts", "1");
    refused(&site.send(&site.john, OPEN, "x", "1"), CLOSED_TEXT);
    site.option("close_comments_days_old", "10000");
    number(&site.send(&site.john, OPEN, "x", "1"));
}

#[test]
fn an_attachment_is_as_open_as_its_post() {
    let site = Site::new();
    let attach = "INSERT INTO wp_posts (ID, post_type, post_status, comment_status, post_parent, post_content, \
                  post_title, post_excerpt, to_ping, pinged, post_content_filtered) \
                  VALUES (900, 'attachment', 'inherit', 'open', 31, '', '', '', '', '', '')";
    site.sql(attach);
    refused(&site.send(&site.john, "900", "x", "1"), NO_POST);
    site.sql("UPDATE wp_posts SET post_parent = 29 WHERE ID = 900");
    number(&site.send(&site.john, "900", "x", "1"));
}

#[test]
fn what_is_empty_after_the_filters_is_refused() {
    let site = Site::new();
    for content in ["<script></script>", " \n\t", "<!---->", "\u{1}"] {
        refused(&site.send(&site.john, OPEN, content, "1"), "Comment 'content' is empty after sanitization.");
    }
}

#[test]
fn what_is_too_long_is_refused_before_and_after_the_filters() {
    let site = Site::new();
    refused(&site.send(&site.john, OPEN, &"x".repeat(65_526), "1"), "Your comment is too long.");
    refused(&site.send(&site.john, OPEN, &"& ".repeat(32_000), "1"), "Your comment is too long.");
    let id = site.post(&"x".repeat(65_525));
    assert_eq!(site.column(id, "LENGTH(comment_content)"), "65525");
}

#[test]
fn scripts_go_and_links_are_marked() {
    let site = Site::new();
    let id = site
        .post("<script>alert(1)</script><a href=\"http://e.org\" onclick=\"x\">y</a> It's \\ \"q\" 日本 😀");
    assert_eq!(
        site.column(id, "comment_content"),
        "alert(1)<a href=\"http://e.org\" rel=\"nofollow ugc\">y</a> It's \\ \"q\" 日本 😀"
    );
    // An administrator's are filtered too.
    site.role(3, "administrator");
    let id = site.post("<script>x</script><b>y</b>");
    assert_eq!(site.column(id, "comment_content"), "x<b>y</b>");
}

#[test]
fn the_same_words_are_a_duplicate_but_not_on_another_post_or_from_the_trash() {
    let site = Site::new();
    let id = site.post("the same");
    let duplicate = "Duplicate comment detected; it looks as though you&#8217;ve already said that!";
    refused(&site.send(&site.john, OPEN, "THE SAME", "hold"), duplicate);
    site.app.set_now(NOW + 1_000);
    number(&site.send(&site.john, "1", "the same", "1"));
    site.sql(&format!("UPDATE wp_comments SET comment_approved = 'trash' WHERE comment_ID = {id}"));
    site.app.set_now(NOW + 2_000);
    number(&site.send(&site.john, OPEN, "the same", "1"));
}

#[test]
fn fifteen_seconds_must_pass_except_for_moderators() {
    let site = Site::new();
    site.post("one");
    let flood = "You are posting comments too quickly. Slow down.";
    let now = site.app.app.clock.now();
    site.app.set_now(now + 14);
    refused(&site.send(&site.john, OPEN, "two", "1"), flood);
    refused(&site.send(&site.john, "1", "two", "hold"), flood);
    site.app.set_now(now + 15);
    number(&site.send(&site.john, OPEN, "two", "1"));
    site.role(3, "editor");
    number(&site.send(&site.john, OPEN, "three", "1"));
    number(&site.send(&site.john, OPEN, "four", "1"));
}

#[test]
fn two_equal_requests_at_once_make_one_comment() {
    for server in [Server::mariadb(), Server::mysql97()] {
        equal_requests_make_one_comment(&Site::with(server, &[]));
    }
}

fn equal_requests_make_one_comment(site: &Site) {
    site.role(3, "editor");
    for round in 0..5 {
        let content = format!("round {round}");
        let answers: Vec<Response> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    let form = [
                        ("cookie", site.john.as_str()),
                        ("post_id", OPEN),
                        ("content", content.as_str()),
                        ("comment_status", "1"),
                    ];
                    let request = Request::post("/api/user/post_comment/?insecure=cool", &form);
                    let address = site.app.address;
                    scope.spawn(move || request.send(address))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let written = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(written, 1, "{:?}", answers.iter().map(Response::text).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400)));
    }
    assert_eq!(site.count(OPEN), "5");
    assert_eq!(site.sql("SELECT COUNT(*) FROM wp_options WHERE option_name LIKE '%sidecar%'")[0][0], "0");
}

#[test]
fn comments_of_many_users_at_once_are_all_counted() {
    for server in [Server::mariadb(), Server::mysql97()] {
        all_comments_are_counted(&Site::with(server, &[]));
    }
}

#[test]
fn two_comments_at_once_on_different_posts_are_a_flood() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Site::with(server, &[]);
        for round in 1..6 {
            site.app.set_now(NOW + 60 * round);
            let written: usize = std::thread::scope(|scope| {
                let threads = [OPEN, "1", OPEN, "1"].into_iter().enumerate().map(|(number, post)| {
                    let content = format!("round {round}, {number}");
                    let form = [
                        ("cookie", site.john.as_str()),
                        ("post_id", post),
                        ("content", content.as_str()),
                        ("comment_status", "1"),
                    ];
                    let request = Request::post("/api/user/post_comment/?insecure=cool", &form);
                    let address = site.app.address;
                    scope.spawn(move || request.send(address).status)
                });
                let threads: Vec<_> = threads.collect();
                threads.into_iter().map(|thread| usize::from(thread.join().unwrap() == 200)).sum()
            });
            assert_eq!(written, 1, "{}", server.name());
        }
    }
}

#[test]
fn two_services_on_one_database_make_one_comment_too() {
    let site = Site::new();
    site.role(3, "editor");
    let url = site.server.url(&site.database);
    let second = Setup::on(&url).set("wordpress.version", "6.8").start();
    for round in 0..5 {
        let content = format!("round {round}");
        let form = [
            ("cookie", site.john.as_str()),
            ("post_id", OPEN),
            ("content", content.as_str()),
            ("comment_status", "1"),
        ];
        let request = Request::post("/api/user/post_comment/?insecure=cool", &form);
        let addresses = [site.app.address, second.address, site.app.address, second.address];
        let written: usize = std::thread::scope(|scope| {
            let request = &request;
            let threads: Vec<_> =
                addresses.map(|address| scope.spawn(move || request.send(address).status)).into();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap() == 200)).sum()
        });
        assert_eq!(written, 1);
    }
    assert_eq!(site.count(OPEN), "5");
}

#[test]
fn tables_without_transactions_take_comments_too() {
    let site = Site::new();
    for table in ["comments", "posts", "options", "users"] {
        site.sql(&format!("ALTER TABLE wp_{table} ENGINE=MyISAM"));
    }
    site.role(3, "editor");
    // As a service leaves it that was ended at the wrong moment.
    site.option("_wp_sidecar_comment_turn_3", "");
    site.post("one");
    site.post("two");
    assert_eq!(site.count(OPEN), "2");
    assert_eq!(site.sql("SELECT COUNT(*) FROM wp_options WHERE option_name LIKE '%sidecar%'")[0][0], "0");
}

fn all_comments_are_counted(site: &Site) {
    site.option("comment_previously_approved", "0");
    let cookies = [cookie_of(&site.app, "editor"), site.john.clone()];
    site.role(3, "editor");
    std::thread::scope(|scope| {
        for number in 0..12 {
            let content = format!("comment {number}");
            let cookie = &cookies[number % 2];
            let address = site.app.address;
            scope.spawn(move || {
                let form = [
                    ("cookie", cookie.as_str()),
                    ("post_id", OPEN),
                    ("content", content.as_str()),
                    ("comment_status", "1"),
                ];
                let request = Request::post("/api/user/post_comment/?insecure=cool", &form);
                assert_eq!(request.send(address).status, 200);
            });
        }
    });
    assert_eq!(site.count(OPEN), "12");
}

#[test]
fn the_site_approves_and_the_client_cannot() {
    let site = Site::new();
    let approved = |content: &str| site.column(site.post(content), "comment_approved");
    assert_eq!(approved("first"), "0");
    site.sql("UPDATE wp_comments SET comment_approved = '1' WHERE user_id = 3");
    assert_eq!(approved("second"), "1");
    assert_eq!(approved("http://a.org http://b.org"), "0");
    site.option("moderation_keys", "casino\nMobile-App");
    assert_eq!(approved("CASINOS here"), "0");
    site.option("disallowed_keys", "viagra");
    assert_eq!(approved("vi<b></b>agra"), "trash");
    site.option("comment_moderation", "1");
    assert_eq!(approved("third"), "0");
    site.role(3, "editor");
    assert_eq!(approved("viagra casino"), "1");
}

#[test]
fn any_wish_but_approval_holds() {
    let site = Site::new();
    site.role(3, "editor");
    for status in ["hold", "spam", "approve", "trash", "2", "post-trashed", "01"] {
        let id = number(&site.send(&site.john, OPEN, status, status));
        assert_eq!(site.column(id, "comment_approved"), "0", "{status}");
    }
    assert_eq!(site.count(OPEN), "0");
}

#[test]
fn a_setting_lets_the_client_decide_as_it_used_to() {
    let site = Site::with(Server::mariadb(), &[("comments.trust_client_status", "true")]);
    let long = "x".repeat(21);
    for (status, stored) in [("1", "1"), ("hold", "0"), ("spam", "spam"), (&long, "0")] {
        site.app.set_now(site.app.app.clock.now() + 60);
        let id = number(&site.send(&site.john, OPEN, status, status));
        assert_eq!(site.column(id, "comment_approved"), stored, "{status}");
    }
    assert_eq!(site.count(OPEN), "1");
    refused(&site.send(&site.john, CLOSED, "x", "1"), CLOSED_TEXT);
}

#[test]
fn dates_are_written_in_the_sites_own_time_zone_and_gmt() {
    let site = Site::new();
    for (zone, offset, local) in [
        ("", "0", "2026-11-21 19:11:42"),
        ("Europe/Berlin", "5", "2026-11-21 20:11:42"),
        ("", "5.75", "2026-11-22 00:56:42"),
        ("", "-3.5", "2026-11-21 15:41:42"),
    ] {
        site.sql("DELETE FROM wp_comments");
        site.option("timezone_string", zone);
        site.option("gmt_offset", offset);
        let id = number(&site.send(&site.john, OPEN, "x", "1"));
        assert_eq!(site.column(id, "comment_date"), local, "{zone}{offset}");
        assert_eq!(site.column(id, "comment_date_gmt"), "2026-11-21 19:11:42");
    }
}

#[test]
fn what_old_columns_cannot_hold_goes() {
    let site = Site::new();
    site.sql("ALTER TABLE wp_comments CONVERT TO CHARACTER SET utf8mb3");
    let id = site.post("smile 😀 ü");
    assert_eq!(site.column(id, "comment_content"), "smile  ü");
    let body =
        format!("cookie={}&post_id=29&comment_status=1&content=a%FFb%E3%81", site.john.replace('|', "%7C"));
    site.app.set_now(NOW + 1_000);
    let request = Request::new("POST", "/api/user/post_comment/?insecure=cool")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("User-Agent", "A\"gent")
        .body(body);
    let id = number(&site.app.send(&request));
    assert_eq!(site.column(id, "comment_content"), "ab");
    assert_eq!(site.column(id, "comment_agent"), "A\"gent");
}

#[test]
fn moderators_and_authors_are_told() {
    let site = Site::new();
    let author = site.sql("SELECT post_author, (SELECT user_email FROM wp_users WHERE ID = post_author) FROM wp_posts WHERE ID = 29");
    assert_eq!(author[0], ["2", "editor@example.org"]);
    let waits = site.notice(3, "one").expect("somebody is told");
    assert_eq!(waits.to, ["admin@example.org", "editor@example.org"]);
    assert_eq!(waits.reason, Reason::Waits(1));
    // An author who is no longer of the site.
    site.sql("DELETE FROM wp_usermeta WHERE user_id = 2 AND meta_key = 'wp_capabilities'");
    assert_eq!(site.notice(3, "two").expect("somebody is told").to, ["admin@example.org"]);
    site.option("moderation_notify", "0");
    assert_eq!(site.notice(3, "three"), None);
    site.option("comment_previously_approved", "0");
    assert_eq!(site.notice(3, "four"), None);
    site.sql("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (2, 'wp_capabilities', 'a:1:{s:10:\"subscriber\";b:1;}')");
    let published = site.notice(3, "five").expect("the author is told");
    assert_eq!(published.to, ["editor@example.org"]);
    assert_eq!(published.reason, Reason::Published { may_moderate: false });
    // Nobody is told of his own comment.
    assert_eq!(site.notice(2, "six"), None);
    site.option("comments_notify", "0");
    assert_eq!(site.notice(3, "seven"), None);
}

#[test]
fn hostile_contents_are_survived() {
    let site = Site::new();
    site.role(3, "editor");
    let contents = [
        "<".repeat(60_000),
        "<a ".repeat(20_000),
        "<a>".repeat(20_000),
        "http://".repeat(9_000),
        "http://a.org/".repeat(5_000),
        "('".repeat(30_000),
        "<!-- wp:x {".repeat(5_000),
        "a@b.".repeat(15_000),
        "\u{0}x'; DROP TABLE wp_comments; -- \\".to_owned(),
    ];
    for content in contents {
        let answer = site.send(&site.john, OPEN, &content, "1");
        assert!(matches!(answer.status, 200 | 400), "{}", answer.text());
        let _: Value = answer.json();
    }
}
