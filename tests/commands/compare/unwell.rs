//! Sides that do not answer, or not as they should, and commands that cannot begin.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{compare, findings, service_of_then, site, timeless};
use crate::beside::{Beside, utf8};
use crate::plugins::{Answer, Plugins};
use crate::server::free_port;

/// What is said of seven requests to a live site that is not well.
#[track_caller]
fn failures(site: &Beside, live: &str, more: &[&str]) -> (Vec<String>, Value) {
    let lines = (1..8).map(|id| format!("/api/user/get_userinfo/?insecure=cool&user_id={id}"));
    let log = lines.collect::<Vec<_>>().join(
        "
",
    );
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
        assert_eq!(found, std::slice::from_ref(&reason));
        assert_eq!(cut_short, format!("stopped after 5 of 7 requests, of which the last 5 failed: {reason}"));
        assert_eq!(plugins.take_asked().len(), 5);
    }
    plugins.fall_silent();
    let (found, _) = failures(&site, &plugins.url(), &["--timeout", "1"]);
    assert_eq!(found, ["the live site: no answer in time"]);
    let closed = format!("http://127.0.0.1:{}", free_port());
    let (found, _) = failures(&site, &closed, &[]);
    assert!(found.len() == 1 && found[0].starts_with("the live site: error sending request"), "{found:?}");
    // The service itself answers there, so that all would be equal. Where a part is switched, the rest goes on.
    let service = service_of_then(&site);
    let (found, cut_short) = failures(&site, &format!("http://{}", service.address), &[]);
    assert_eq!(cut_short, Value::Null);
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
