//! `compare` between recordings of the plugins and the service. Genuine plugins are not to be had here, so a stub
//! answers with what they were recorded to say.

mod sent;
mod tls;
mod unwell;

use serde_json::{Value, json};
use sha2::Digest as _;
use wp_sidecar::wp::auth_cookie;
use wp_sidecar::wp::version::WpVersion;

use crate::app::{Setup, TestApp};
use crate::beside::{Beside, Done};
use crate::http::Request;
use crate::plugins::{Answer, Plugins, Recorded, recorded};
use crate::server::Server;
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
fn an_empty_field_is_a_hidden_one_only_where_the_value_is_there_for_those_who_may_see_it() {
    let site = site();
    let recorded: Vec<Recorded> =
        recorded().into_iter().filter(|recorded| recorded.path.contains("xprofile")).collect();
    let plugins = Plugins::answering(&recorded);
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json"]);
    let report = done.json();
    let found = findings(&report, "documented");
    assert_eq!((done.code, found.len(), &found[0]["difference"]), (0, 1, &json!("D11")), "{report:#}");
    plugins.alter("shh", "hush");
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json"]);
    let report = done.json();
    let found = findings(&report, "different");
    assert_eq!((done.code, found.len(), &found[0]["what"]), (1, 1, &json!("Secret")), "{report:#}");
    assert_eq!(findings(&report, "documented").len(), 0);
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
fn answers_that_differ_as_a_whole_are_told_from_a_site_that_is_not_well() {
    let site = site();
    let html = "text/html; charset=UTF-8";
    let asked = |pairs: &[(&str, &str)], answer: Answer| Recorded {
        id: String::new(),
        path: "/api/user/info/".to_owned(),
        pairs: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        answer,
    };
    let crash = || Answer::new(500, html, "<p>There has been a critical error on this website.</p>");
    let recorded = [
        asked(&[("insecure", "cool"), ("json_encode_options", "64abc")], crash()),
        asked(
            &[("insecure", "cool"), ("callback", "alert(1)//")],
            Answer::new(
                200,
                "application/javascript; charset=UTF-8",
                r#"alert(1)//({"status":"ok","version":"3.6.0"})"#,
            ),
        ),
    ];
    let plugins = Plugins::answering(&recorded);
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json"]);
    let report = done.json();
    assert_eq!((done.code, sum(&report, "documented")), (0, 2), "{report:#}");
    let numbers: Vec<&Value> =
        findings(&report, "documented").into_iter().map(|found| &found["difference"]).collect();
    assert_eq!(numbers, ["D3", "D19"]);
    // The same crash for a request that has nothing odd in it.
    let recorded = [asked(&[("insecure", "cool")], crash())];
    let plugins = Plugins::answering(&recorded);
    let done = compare(&site, &plugins.url(), &log_of(&recorded), &["--json"]);
    let report = done.json();
    assert_eq!((done.code, sum(&report, "failed")), (2, 1), "{report:#}");
    assert_eq!(findings(&report, "failed")[0]["what"], "the live site answered status 500");
}
