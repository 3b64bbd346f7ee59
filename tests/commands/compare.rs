//! `compare` between recordings of the plugins and the service. Genuine plugins are not to be had here, so a stub
//! answers with what they were recorded to say.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::Digest as _;
use wp_sidecar::http::endpoints::ENDPOINTS;
use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::version::WpVersion;

use crate::app::{Setup, TestApp};
use crate::beside::{Beside, Done, utf8};
use crate::http::Request;
use crate::plugins::{Answer, Plugins, Recorded, recorded};
use crate::server::{Server, free_port};
use crate::wordpress::KEYS;

/// A session token of letters and digits, as long as WordPress's own.
const TOKEN: &str = "compareCompareCompareCompareCompareCompare1";

/// Long after any test.
const FAR: i64 = 4_102_444_800;

fn site() -> Beside {
    Beside::recorded(Server::mariadb())
}

fn log_of(recorded: &[Recorded]) -> String {
    recorded.iter().map(|recorded| recorded.line() + "\n").collect()
}

#[track_caller]
fn compare(site: &Beside, live: &str, log: &str, more: &[&str]) -> Done {
    let mut arguments = vec!["compare", "--live", live, "--log", "-", "--limit", "1000", "--rate", "1000"];
    arguments.extend(more);
    site.run(&arguments, log)
}

/// Opens a session for a cookie, until long after any test.
fn open_session(site: &Beside, cookie: &str) {
    let (login, token) = (part(cookie, 0), part(cookie, 2));
    let key = hex::encode(sha2::Sha256::digest(token));
    let value = format!("a:1:{{s:64:\"{key}\";a:1:{{s:10:\"expiration\";i:{FAR};}}}}");
    let user = format!("(SELECT ID FROM wp_users WHERE user_login = '{login}')");
    let sql = format!(
        "DELETE FROM wp_usermeta WHERE meta_key = 'session_tokens' AND user_id = {user};
         INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES ({user}, 'session_tokens', '{value}')"
    );
    site.server.exec(&site.database, &sql);
}

fn part(cookie: &str, place: usize) -> &str {
    cookie.split('|').nth(place).unwrap_or_default()
}

/// A cookie that holds until long after any test.
fn cookie_of(site: &Beside, login: &str) -> String {
    let sql = format!("SELECT user_pass FROM wp_users WHERE user_login = '{login}'");
    let hash = site.server.query(&site.database, &sql)[0][0].clone();
    let key = |name: &str| KEYS.iter().find(|(known, _)| *known == name).expect("a key").1;
    let salt = format!("{}{}", key("LOGGED_IN_KEY"), key("LOGGED_IN_SALT"));
    let version = WpVersion::new(6, 8);
    let cookie = auth_cookie::generate(login, hash.as_bytes(), FAR, TOKEN, salt.as_bytes(), version);
    open_session(site, &cookie);
    cookie
}

/// A service at the time of the recordings.
fn service_of_then(site: &Beside) -> TestApp {
    Setup::on(&site.server.url(&site.database)).set("wordpress.version", "6.8.8").start()
}

/// The sum of a column over all endpoints.
fn sum(report: &Value, column: &str) -> u64 {
    let endpoints = report["endpoints"].as_array().expect("endpoints").iter();
    endpoints.map(|endpoint| endpoint[column].as_u64().expect("a number")).sum()
}

fn findings<'a>(report: &'a Value, kind: &str) -> Vec<&'a Value> {
    let endpoints = report["endpoints"].as_array().expect("endpoints").iter();
    let all = endpoints.flat_map(|endpoint| endpoint["findings"].as_array().expect("findings"));
    all.filter(|finding| finding["kind"] == kind).collect()
}

#[test]
fn every_recorded_answer_of_a_reading_method_is_equal_or_differs_as_documented() {
    let site = site();
    let recorded = recorded();
    for id in ["validate-ok", "currentuserinfo-admin"] {
        let found = recorded.iter().find(|recorded| recorded.id == id).expect("a recording");
        open_session(&site, found.cookie().expect("a cookie"));
    }
    let (plugins, service) = (Plugins::answering(&recorded), service_of_then(&site));
    let before = site.content();
    let address = format!("http://{}", service.address);
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json", "--service", &address]);
    let report = done.json();
    assert_eq!((done.code, &report["status"]), (0, &json!("equal")), "{report:#}");
    assert_eq!(report["skipped"], json!({}), "{report:#}");
    assert_eq!(sum(&report, "lines"), u64::try_from(recorded.len()).expect("a number"));
    let asked = plugins.take_asked();
    assert_eq!(sum(&report, "asked"), u64::try_from(asked.len()).expect("a number"));
    assert_eq!((sum(&report, "different"), sum(&report, "failed")), (0, 0));
    let documented: Vec<(&str, &str)> = findings(&report, "documented")
        .into_iter()
        .map(|found| (found["difference"].as_str().unwrap(), found["what"].as_str().unwrap()))
        .filter(|(difference, _)| *difference != "D2")
        .collect();
    assert_eq!(documented, [("D6", "session_tokens"), ("D6", "session_tokens[0]"), ("D11", "Secret")]);
    assert_eq!(site.content(), before);
}

/// Recorded answers that say nothing of the time at which they were given, with a cookie that holds today.
fn timeless(site: &Beside) -> Vec<Recorded> {
    let john = cookie_of(site, "john");
    let recorded = recorded().into_iter();
    let mut found: Vec<Recorded> = recorded
        .filter(|recorded| match recorded.cookie() {
            Some(cookie) => {
                matches!(recorded.id.as_str(), "currentuserinfo-john" | "meta-address")
                    && cookie.contains('|')
            }
            None => !recorded.path.contains("get_nonce"),
        })
        .map(|recorded| if recorded.cookie().is_some() { recorded.with_cookie(&john) } else { recorded })
        .collect();
    found.dedup_by(|a, b| a.line() == b.line());
    found
}

#[test]
fn a_service_of_its_own_is_compared_with_an_account_that_may_only_read() {
    let site = site();
    let recorded = timeless(&site);
    let site = site.account(&["GRANT SELECT ON {db}.* TO {account}"]);
    let plugins = Plugins::answering(&recorded);
    let before = site.content();
    let log = "# the apps of one day\n".to_owned() + &log_of(&recorded) + "nonsense\n/wp-content/style.css\n";
    let done = compare(&site, &plugins.url(), &log, &[]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
    assert_eq!(site.content(), before);
    assert!(plugins.take_asked().len() > 40);
    let shown = done.stdout.replace(&plugins.url(), "http://LIVE");
    insta::assert_snapshot!(shown, @r#"
    live     http://LIVE
    service  started with these settings

    endpoint                        lines    asked    equal  documented  different  failed
    core/info                           2        2        2           0          0       0
    user/info                           8        5        5           0          0       0
    user/validate_auth_cookie           1        1        1           0          0       0
    user/get_currentuserinfo            3        2        1           1          0       0
    user/get_userinfo                  12       11        5           6          0       0
    user/get_user_meta                  2        2        2           0          0       0
    user/get_avatar                     4        4        0           4          0       0
    user/xprofile                      22       22       21           1          0       0
    auth/validate_auth_cookie           1        1        1           0          0       0

    user/get_currentuserinfo
      D2 user.avatar: live null, service "//www.gravatar.com/avatar/08aff750c4586c34375a0ebd987c1a7e?…
          GET /api/user/get_currentuserinfo/?cookie=***&insecure=cool

    user/get_userinfo
      D2 avatar: live null, service "//www.gravatar.com/avatar/35336164c5c2d10e8de84e3c6ecf6259?… (6 times)
          GET /api/user/get_userinfo/?user_id=2&insecure=cool

    user/get_avatar
      D2 avatar: live …ced6df54?s=150&#038;r=g&#038;d=mm", service …ced6df54?s=150&r=g&d=mm" (4 times)
          GET /api/user/get_avatar/?user_id=1&type=full&insecure=cool

    user/xprofile
      D11 Secret: live *** (5 characters), service *** (2 characters)
          GET /api/user/xprofile/?user_id=1&field=Secret&insecure=cool

    not asked, of 57 lines:
           1  of other parts of the site
           1  without a request

    equal, but for what docs/differences.md says
    "#);
}

#[test]
fn a_field_that_the_live_site_answers_otherwise_is_named() {
    let site = site();
    let recorded = timeless(&site);
    let plugins = Plugins::answering(&recorded);
    plugins.alter("\"displayname\":\"Edith T.\"", "\"displayname\":\"Edith E.\"");
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["status"]), (1, &json!("different")), "{report:#}");
    let different = findings(&report, "different");
    assert_eq!(different.len(), 1, "{different:#?}");
    assert_eq!(sum(&report, "different"), different[0]["count"].as_u64().unwrap());
    let expected = json!({
        "kind": "different",
        "difference": null,
        "what": "displayname",
        "live": "\"Edith E.\"",
        "service": "\"Edith T.\"",
        "count": different[0]["count"],
        "example": different[0]["example"],
    });
    assert_eq!(different[0], &expected);
    assert!(different[0]["example"].as_str().unwrap().contains("user_id=2"), "{different:#?}");
    // What differs is asked twice before it is said.
    let asked = plugins.take_asked();
    assert_eq!(u64::try_from(asked.len()).unwrap(), sum(&report, "asked") + sum(&report, "different"));
    // A field that may differ is none.
    for ignored in ["displayname", "user/get_userinfo:displayname"] {
        let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--ignore", ignored]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    let done =
        compare(&site, &plugins.url(), &log_of(&recorded), &["--ignore", "user/get_avatar:displayname"]);
    assert_eq!(done.code, 1, "{done:?}");
}

#[test]
fn what_the_plugins_keep_for_a_day_is_never_what_is_compared() {
    let site = site();
    let recorded: Vec<Recorded> =
        timeless(&site).into_iter().filter(|recorded| recorded.id == "userinfo-2").collect();
    let plugins = Plugins::answering(&recorded);
    let somebody = Answer::new(200, "application/json; charset=UTF-8", r#"{"status":"ok","id":1}"#);
    let line = "/api/user/get_userinfo/?user_id=2&insecure=cool";
    plugins.keep("get_userinfo", "user_id=2&insecure=cool", somebody.clone());
    assert_eq!(Request::get(line).send(plugins.address()).text(), somebody.body, "the plugins' own cache");
    // Even a time that an app sent already is not sent again.
    plugins.keep("get_userinfo", "user_id=2&insecure=cool&time=7", somebody);
    let mut times = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let done = compare(&site, &plugins.url(), &format!("{line}\n{line}&time=7\n"), &["--json"]);
        assert_eq!(
            (done.code, sum(&done.json(), "equal") + sum(&done.json(), "documented")),
            (0, 1),
            "{done:?}"
        );
    }
    let asked = plugins.take_asked();
    for target in asked.iter().skip(1) {
        let time = target.split_once("&time=").expect("a time").1;
        assert!(time.bytes().all(|byte| byte.is_ascii_digit()), "{target}");
        times.insert(time.to_owned());
    }
    assert_eq!((asked.len(), times.len()), (4, 3), "{asked:?}");
}

#[test]
fn a_method_that_writes_is_sent_to_nobody_however_it_is_spelled() {
    let site = site();
    let john = cookie_of(&site, "john");
    let plugins = Plugins::answering(&[]);
    let before = site.content();
    let parameters = format!(
        "insecure=cool&cookie={}&meta_key=color&meta_value=red&color=red&username=john&password=side-car-1\
         &user_login=john&post_id=1&content=x&comment_status=1&access_token=x&email=n@example.org&nonce=1&Location=x",
        john.replace('|', "%7C")
    );
    let mut log = String::new();
    let mut count = 0;
    for method in [
        "user/register",
        "user/generate_auth_cookie",
        "user/update_user_meta",
        "user/update_user_meta_vars",
        "user/delete_user_meta",
        "user/retrieve_password",
        "user/fb_connect",
        "user/post_comment",
        "user/xprofile_update",
        "auth/generate_auth_cookie",
        "auth/clear_auth_cookie",
    ] {
        let (dotted, upper) = (method.replace('/', "."), method.to_uppercase());
        for target in [
            format!("/api/{method}/?{parameters}"),
            format!("/api/{method}?{parameters}"),
            format!("//api//{method}//?{parameters}"),
            format!("/api/{dotted}/?{parameters}"),
            format!("/api/{upper}/?{parameters}"),
            format!("/index.php/api/{method}/?{parameters}"),
            format!("/?json={method}&{parameters}"),
            format!("/?json={dotted}&{parameters}"),
            format!("/?{parameters}&%6As%6Fn={}", upper.replace('/', "%2F")),
            format!("/index.php?json={method}&{parameters}"),
            format!("/api/user/info/?json={method}&{parameters}"),
            format!("/?json=user/info&json={method}&{parameters}"),
            format!("http://evil.example/api/{method}/?{parameters}"),
        ] {
            for verb in ["GET", "POST", "HEAD"] {
                log += &format!("192.0.2.7 - - [x] \"{verb} {target} HTTP/1.1\" 200 1 \"-\" \"-\"\n");
                count += 1;
            }
        }
    }
    // Without the base in front, escapes in a path name nothing.
    log += &format!("/%61pi/user/register/?{parameters}\n/api/user%2Fregister/?{parameters}\n");
    let done = compare(&site, &plugins.url(), &log, &["--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["status"], &report["endpoints"]), (2, &json!("incomplete"), &json!([])));
    assert_eq!(report["skipped"], json!({"writes": count, "php": 1, "other": 1}));
    assert_eq!(plugins.take_asked(), [""; 0]);
    assert_eq!(site.content(), before);
}

#[test]
fn the_table_calls_those_methods_reading_that_were_recorded_to_write_nothing() {
    let text = include_str!("../../fixtures/recordings/user-and-auth.wordpress-6.8.8.json");
    let entries: Vec<Value> = serde_json::from_str(text).expect("recordings");
    let mut writing = std::collections::BTreeSet::new();
    for entry in &entries {
        let path = entry["request"]["path"].as_str().expect("a path").to_lowercase();
        if entry["db"] != json!([]) || entry["mail"] != json!([]) {
            writing.insert(path.trim_start_matches("/api/").trim_end_matches('/').to_owned());
        }
    }
    for endpoint in ENDPOINTS {
        let name = format!("{endpoint:?}");
        // fb_connect was recorded with errors alone, clear_auth_cookie is the service's own.
        let is_known = matches!(name.as_str(), "user/fb_connect" | "auth/clear_auth_cookie");
        assert_eq!(!endpoint.reads_only, writing.contains(&name) || is_known, "{name}");
    }
}

#[test]
fn no_secret_of_a_log_or_of_an_answer_is_shown() {
    let site = site();
    let john = cookie_of(&site, "john");
    let secrets = [TOKEN, part(&john, 3), "s3cret-login", "7e57ab1e00", "live-answer-secret"];
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let kind = "application/json; charset=UTF-8";
    let asked = |path: &str, given: &[(&str, &str)], body: &str| Recorded {
        id: String::new(),
        path: format!("/api/{path}/"),
        pairs: pairs(given),
        answer: Answer::new(200, kind, body),
    };
    let body = format!(
        r#"{{"status":"ok","nonce":"7e57ab1e00","session_key":"live-answer-secret","nickname":"{john}"}}"#
    );
    let recorded = [
        asked("get_nonce", &[("controller", "user"), ("method", "register"), ("cookie", &john)], &body),
        asked("user/get_user_meta", &[("cookie", &john), ("insecure", "cool")], &body),
        asked(
            "user/validate_auth_cookie",
            &[("cookie", &john), ("password", "s3cret-login")],
            "live-answer-secret",
        ),
        asked("user/generate_auth_cookie", &[("username", "x"), ("password", "s3cret-login")], ""),
    ];
    let plugins = Plugins::answering(&recorded);
    let log =
        log_of(&recorded) + "x \"GET /api/user/info/?key=s3cret-login&access_token=s3cret-login HTTP/1.1\"\n";
    for more in [&[][..], &["--json"][..]] {
        let done = compare(&site, &plugins.url(), &log, more);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stdout.contains("session_key") && done.stdout.contains("cookie=***"), "{done:?}");
        for secret in secrets {
            assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "{secret}: {done:?}");
        }
    }
    assert!(!plugins.take_asked().is_empty());
}

/// What is said of seven requests to a live site that is not well.
#[track_caller]
fn failures(site: &Beside, live: &str, more: &[&str]) -> (Vec<String>, Value) {
    let log: String =
        (1..8).map(|id| format!("/api/user/get_userinfo/?insecure=cool&user_id={id}\n")).collect();
    let mut arguments = vec!["--json"];
    arguments.extend(more);
    let done = compare(site, live, &log, &arguments);
    let report = done.json();
    assert_eq!((done.code, &report["status"]), (2, &json!("incomplete")), "{report:#}");
    let found = findings(&report, "failed").into_iter();
    (found.map(|found| found["what"].as_str().unwrap().to_owned()).collect(), report["cut_short"].clone())
}

#[test]
fn a_live_site_that_is_not_well_is_left_alone_after_five_failures() {
    let site = site();
    let plugins = Plugins::answering(&[]);
    let json = "application/json; charset=UTF-8";
    let elsewhere = Answer {
        status: 301,
        headers: format!("Location: {}/elsewhere/?cookie=x\r\n", plugins.url()),
        body: String::new(),
    };
    let to = plugins.url();
    for (answer, reason) in [
        (elsewhere, format!("the live site redirects to {to}/elsewhere/ (status 301)")),
        (Answer::new(503, "text/html", "x"), "the live site answered status 503".to_owned()),
        (Answer::new(500, "text/html", "x"), "the live site answered status 500".to_owned()),
        (Answer::new(429, json, "{}"), "the live site answered status 429".to_owned()),
        (
            Answer::new(403, "text/html; charset=UTF-8", "<h1>Blocked</h1>"),
            "the live site did not answer JSON: status 403, text/html, 16 bytes".to_owned(),
        ),
        (
            Answer::new(200, json, "<br />Notice: x in y{\"status\":\"ok\"}"),
            "the live site did not answer JSON: status 200, application/json, 20 bytes before the JSON, such as a PHP \
             notice or a byte order mark"
                .to_owned(),
        ),
    ] {
        plugins.answer_always(answer);
        let (found, cut_short) = failures(&site, &plugins.url(), &[]);
        assert_eq!(found, [reason.clone()]);
        assert_eq!(cut_short, format!("stopped after 5 of 7 requests, of which the last 5 failed: {reason}"));
        assert_eq!(plugins.take_asked().len(), 5);
    }
    plugins.fall_silent();
    let (found, _) = failures(&site, &plugins.url(), &["--timeout", "1"]);
    assert_eq!(found, ["the live site: no answer in time"]);
    let closed = format!("http://127.0.0.1:{}", free_port());
    let (found, _) = failures(&site, &closed, &[]);
    assert!(found.len() == 1 && found[0].starts_with("the live site: error sending request"), "{found:?}");
    // The service itself answers there, so that all would be equal.
    let service = service_of_then(&site);
    let (found, _) = failures(&site, &format!("http://{}", service.address), &[]);
    assert_eq!(found, ["the live site: the service answers there already, not the plugins"]);
}

#[test]
fn a_service_that_is_not_there_is_no_difference() {
    let site = site();
    let recorded = timeless(&site);
    let plugins = Plugins::answering(&recorded);
    let closed = format!("http://127.0.0.1:{}", free_port());
    let (found, _) = failures(&site, &plugins.url(), &["--service", &closed]);
    assert!(found.len() == 1 && found[0].starts_with("the service: error sending request"), "{found:?}");
}

#[test]
fn what_was_found_until_ctrl_c_is_said() {
    let site = site();
    let plugins = Plugins::answering(&[]);
    plugins.fall_silent();
    // Writes wp-config.php.
    assert_eq!(compare(&site, &plugins.url(), "", &[]).code, 2);
    let mut process = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"))
        .args(["compare", "--live", &plugins.url(), "--log", "-", "--wp-path", utf8(&site.path())])
        .args(&site.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = process.stdin.take().expect("its input");
    stdin.write_all(b"/api/user/get_userinfo/?user_id=1\n").expect("a line");
    drop(stdin);
    plugins.wait_for_request();
    let killed = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let output = process.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("not all was asked: interrupted after 0 of 1 requests"), "{text}");
}

#[test]
fn what_cannot_be_begun_is_said_in_one_line_and_is_no_difference() {
    let site = site();
    let folder = site.path();
    std::fs::write(folder.join("log.gz"), [0x1f, 0x8b, 8, 0]).expect("a file");
    std::fs::write(folder.join("none.pem"), "nothing").expect("a file");
    let (gzip, pem, none) = (folder.join("log.gz"), folder.join("none.pem"), folder.join("none.log"));
    for (arguments, text) in [
        (&["--live", "example.org", "--log", "-"][..], "--live: this is no http:// or https:// address"),
        (&["--live", "https://a.test", "--service", "x", "--log", "-"], "--service: this is no http://"),
        (&["--live", "https://a.test", "--log", utf8(&gzip)], "the log is compressed"),
        (&["--live", "https://a.test", "--log", utf8(&none)], "none.log: No such file"),
        (&["--live", "https://a.test", "--log", "-", "--ca", utf8(&pem)], "no certificate in it"),
        (&["--live", "https://a.test", "--log", "-", "--set", "database.nope=1"], "database.nope"),
    ] {
        let mut all = vec!["compare"];
        all.extend(arguments);
        let done = site.run(&all, "/api/info/\n");
        assert_eq!((done.code, done.stdout.as_str(), done.stderr.lines().count()), (2, "", 1), "{done:?}");
        assert!(done.stderr.contains(text), "{text}: {done:?}");
    }
    let site = site.sql("UPDATE wp_options SET option_value = 'https://a.test' WHERE option_name = 'home'");
    let done = site.run(&["compare", "--live", "http://a.test", "--log", "-"], "");
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("would carry users' cookies readable"), "{done:?}");
}
