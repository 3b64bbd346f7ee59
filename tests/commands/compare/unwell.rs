//! Sides that do not answer, or not as they should, and commands that cannot begin.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use wp_sidecar::http::endpoints::ENDPOINTS;

use super::{compare, findings, service_of_then, site, timeless};
use crate::beside::{Beside, utf8};
use crate::http::Request;
use crate::plugins::{Answer, Plugins};
use crate::server::own_address;

/// Seven requests of a method.
fn seven(method: &str) -> String {
    let lines = (1..8).map(|id| format!("/api/user/{method}/?insecure=cool&user_id={id}&type=full\n"));
    lines.collect::<Vec<_>>().concat()
}

/// What is said of seven requests to a live site that is not well, and of the rest of them.
#[track_caller]
fn failures(site: &Beside, live: &str, more: &[&str]) -> (Vec<String>, Value, Value) {
    let log = seven("get_userinfo");
    let mut arguments = vec!["--json"];
    arguments.extend(more);
    let done = compare(site, live, &log, &arguments);
    let report = done.json();
    assert_eq!((done.code, &report["status"]), (2, &json!("incomplete")), "{report:#}");
    let found = findings(&report, "failed").into_iter();
    (
        found.map(|found| found["what"].as_str().unwrap().to_owned()).collect(),
        report["cut_short"].clone(),
        report["endpoints"][0]["left_out"].clone(),
    )
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
        (Answer::new(502, "text/html", "x"), "the live site answered status 502".to_owned()),
        (Answer::new(500, "text/html", "x"), "the live site answered status 500".to_owned()),
        (Answer::new(429, json, "{}"), "the live site answered status 429".to_owned()),
        (
            Answer::new(404, "text/html", "<h1>Nothing</h1>"),
            "the live site did not answer JSON: status 404, text/html, 16 bytes; are plugin and controller active there, \
             and is that its base?"
                .to_owned(),
        ),
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
        // Nobody wants to be asked at all, or this one endpoint is broken.
        let ends = reason.ends_with("503") || reason.ends_with("429");
        let stopped = format!("stopped after 5 of 7 requests, of which the last 5 failed: {reason}");
        let (found, cut_short, left_out) = failures(&site, &plugins.url(), &[]);
        assert_eq!(found, [reason]);
        assert_eq!((cut_short, left_out), if ends { (json!(stopped), json!(0)) } else { (json!(null), json!(2)) });
        assert_eq!(plugins.take_asked().len(), 5);
    }
    plugins.fall_silent();
    let (found, ..) = failures(&site, &plugins.url(), &["--timeout", "1"]);
    assert_eq!(found, ["the live site: no answer in time"]);
    let closed = format!("http://{}", own_address());
    let (found, ..) = failures(&site, &closed, &[]);
    assert!(found.len() == 1 && found[0].starts_with("the live site: error sending request"), "{found:?}");
    // The service itself answers there, so that all would be equal. Where a part is switched, the rest goes on.
    let service = service_of_then(&site);
    let (found, cut_short, _) = failures(&site, &format!("http://{}", service.address), &[]);
    assert_eq!(cut_short, Value::Null);
    assert_eq!(found, ["the live site: the service answers there already, not the plugins"]);
}

#[test]
fn a_broken_endpoint_is_left_and_the_others_are_compared() {
    let site = site();
    let plugins = Plugins::answering(&timeless(&site));
    let log = seven("get_userinfo") + &seven("get_avatar") + &seven("xprofile") + &seven("get_user_meta");
    // None of these is recorded, so that the stub answers no JSON; the one before and the one behind are.
    let well = "/api/user/info/?insecure=cool\n/api/auth/validate_auth_cookie/?insecure=cool&cookie=0\n";
    let one = seven("get_userinfo").replace("type=full", "dev=1");
    let done = compare(&site, &plugins.url(), &(one + well), &["--json"]);
    let report = done.json();
    assert_eq!((done.code, &report["cut_short"]), (2, &Value::Null), "{report:#}");
    let told: Vec<String> = report["endpoints"]
        .as_array()
        .expect("endpoints")
        .iter()
        .map(|row| {
            let figures =
                ["endpoint", "lines", "asked", "failed", "left_out"].map(|name| row[name].to_string());
            figures.join(" ")
        })
        .collect();
    assert_eq!(
        told,
        ["\"user/info\" 1 1 0 0", "\"user/get_userinfo\" 7 5 5 2", "\"auth/validate_auth_cookie\" 1 1 1 0"]
    );
    let text =
        compare(&site, &plugins.url(), &seven("get_userinfo").replace("type=full", "dev=1"), &[]).stdout;
    assert!(text.contains("\n  left out after failures in a row: 2 more requests\n"), "{text}");
    // Three of them are the site; of get_user_meta it is the same request seven times.
    plugins.answer_always(Answer::new(500, "text/html", "x"));
    plugins.take_asked();
    let done = compare(&site, &plugins.url(), &log, &["--json"]);
    let stopped = "stopped after 16 of 22 requests, since 3 endpoints in a row failed, the last with: the live site \
                   answered status 500";
    assert_eq!((done.code, &done.json()["cut_short"]), (2, &json!(stopped)), "{done:?}");
    assert_eq!(plugins.take_asked().len(), 16);
}

#[test]
fn a_live_site_that_crashes_at_everything_is_not_equal() {
    let site = site();
    let plugins = Plugins::answering(&[]);
    plugins.answer_always(Answer::new(500, "text/html", "<p>There has been a critical error.</p>"));
    for odd in ["json_unescaped_unicode=1", "json_encode_options=192", "callback[]=x"] {
        let log = format!("/api/user/info/?insecure=cool&{odd}\n");
        let done = compare(&site, &plugins.url(), &log, &["--json"]);
        // The one that the service refuses too is the documented crash.
        let (code, status) = if odd.contains('[') { (0, "equal") } else { (2, "incomplete") };
        assert_eq!((done.code, &done.json()["status"]), (code, &json!(status)), "{odd}: {done:?}");
    }
}

#[test]
fn a_service_that_is_not_there_is_no_difference() {
    let site = site();
    let recorded = timeless(&site);
    let plugins = Plugins::answering(&recorded);
    let closed = format!("http://{}", own_address());
    let (found, ..) = failures(&site, &plugins.url(), &["--service", &closed]);
    assert!(found.len() == 1 && found[0].starts_with("the service: error sending request"), "{found:?}");
}

/// A command that waits for a live site that is silent.
fn waiting(site: &Beside, plugins: &Plugins) -> Child {
    plugins.fall_silent();
    // Writes wp-config.php.
    assert_eq!(compare(site, &plugins.url(), "", &[]).code, 2);
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
    process
}

#[test]
fn the_service_of_its_own_knows_no_method_that_writes() {
    let site = site();
    let plugins = Plugins::answering(&[]);
    let process = waiting(&site, &plugins);
    let service = listening(process.id());
    let before = site.content();
    let mut refused = 0;
    for endpoint in ENDPOINTS {
        let (controller, method) = (endpoint.controller, endpoint.method);
        let folder = if controller == "core" { String::new() } else { format!("{controller}/") };
        let form = [("insecure", "cool"), ("username", "john"), ("password", "side-car-1")];
        let answer = Request::post(&format!("/api/{folder}{method}/"), &form).send(service).text();
        let unknown = answer.contains(&format!("Unknown method '{method}'"));
        assert_eq!(unknown, !endpoint.reads_only, "{endpoint:?}: {answer}");
        refused += usize::from(unknown);
    }
    assert_eq!((refused, site.content() == before), (11, true));
    interrupt(process);
}

/// Where a process listens.
fn listening(process: u32) -> SocketAddr {
    let folder = format!("/proc/{process}");
    let files = std::fs::read_dir(format!("{folder}/fd")).expect("its files").flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.path()).ok());
    let sockets: Vec<String> = links.map(|link| link.to_string_lossy().into_owned()).collect();
    let table = std::fs::read_to_string(format!("{folder}/net/tcp")).expect("its sockets");
    let port = table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // 0A is LISTEN.
        let is_its = fields[3] == "0A" && sockets.contains(&format!("socket:[{}]", fields[9]));
        is_its.then(|| u16::from_str_radix(fields[1].split_once(':').expect("a port").1, 16).expect("a port"))
    });
    ([127, 0, 0, 1], port.expect("it listens")).into()
}

fn interrupt(process: Child) -> Output {
    let killed = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    process.wait_with_output().expect("it ends")
}

#[test]
fn what_was_found_until_ctrl_c_is_said() {
    let site = site();
    let plugins = Plugins::answering(&[]);
    let process = waiting(&site, &plugins);
    let output = interrupt(process);
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
        (&["--live", "https://a.test", "--log", utf8(&folder)], utf8(&folder)),
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
