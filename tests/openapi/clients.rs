//! What lies in `docs/clients`: the collections are those of the code, and the samples do what they say.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use wp_sidecar::http::endpoints::ENDPOINTS;
use wp_sidecar::http::{clients, openapi};

use crate::app::project;
use crate::http::{Request, Response};
use crate::page::site;

fn file(name: &str) -> PathBuf {
    project("docs/clients").join(name)
}

fn is_kept(name: &str, made: &str) {
    let path = file(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, made).expect("a file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, made, "UPDATE_DOCS=1 cargo test --test openapi writes {}", path.display());
}

#[test]
fn the_collections_are_those_of_the_code() {
    is_kept("wp-sidecar.postman_collection.json", &clients::postman(openapi::USUAL));
    is_kept("wp-sidecar.http", &clients::http_file(openapi::USUAL));
}

/// A call as a collection has it, with the variables filled in.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let site = text.replace("{{site}}", "");
    values.iter().fold(site, |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

fn answers_in_the_envelope(what: &str, answer: &Response) {
    let json = answer.json();
    let error = json["error"].as_str().unwrap_or_default();
    assert!(json["status"].is_string(), "{what}: {}", answer.text());
    for text in
        ["Unknown", "You must include", "Include", "SSL", "I'm sorry", "Invalid cookie", "Please include"]
    {
        assert!(!error.contains(text), "{what}: {error}");
    }
}

#[test]
fn every_call_of_the_postman_collection_is_understood() {
    let app = site(&[], &[]);
    let collection: Value = serde_json::from_str(&clients::postman(openapi::USUAL)).unwrap();
    let mut calls = 0;
    for item in
        collection["item"].as_array().unwrap().iter().flat_map(|found| found["item"].as_array().unwrap())
    {
        let cookie = app.cookie("john", "john Pass 3");
        let values = [
            ("cookie", cookie.as_str()),
            ("nonce", &app.nonce("register")),
            ("username", "john"),
            ("password", "john Pass 3"),
        ];
        let request = &item["request"];
        let target = filled(request["url"]["raw"].as_str().unwrap(), &values);
        let answer = if request["method"] == "GET" {
            app.get(&target)
        } else {
            let pairs = request["body"]["urlencoded"].as_array().unwrap().iter();
            let sent = pairs.filter(|pair| pair["disabled"].is_null()).map(|pair| {
                (pair["key"].as_str().unwrap(), filled(pair["value"].as_str().unwrap(), &values))
            });
            let sent: Vec<(&str, String)> = sent.collect();
            let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
            app.send(&Request::post(&target, &sent))
        };
        answers_in_the_envelope(&target, &answer);
        calls += 1;
    }
    assert_eq!(calls, ENDPOINTS.len());
}

#[test]
fn every_call_of_the_http_file_is_understood() {
    let app = site(&[], &[]);
    let text = clients::http_file(openapi::USUAL);
    let calls: Vec<&str> = text.split("\n### ").skip(1).collect();
    assert_eq!(calls.len(), ENDPOINTS.len());
    for call in calls {
        let (_, call) = call.split_once('\n').unwrap();
        let encoded = |text: &str| text.replace('|', "%7C").replace(' ', "+");
        let cookie = encoded(&app.cookie("john", "john Pass 3"));
        let password = encoded("john Pass 3");
        let values = [
            ("cookie", cookie.as_str()),
            ("nonce", &app.nonce("register")),
            ("username", "john"),
            ("password", &password),
        ];
        let call = filled(call, &values);
        let (head, body) = call.split_once("\n\n").unwrap_or((&call, ""));
        let mut lines = head.lines();
        let (verb, target) = lines.next().unwrap().split_once(' ').unwrap();
        let mut request = Request::new(verb, target);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        if verb == "POST" {
            request = request.body(body.trim_end());
        }
        answers_in_the_envelope(target, &app.send(&request));
    }
}

const SAID: &str = "Hello, John Profile\nYour color is green\nLogged out\n";

#[track_caller]
fn says(command: &mut Command) {
    let done = command.output().expect("script/setup brings what it needs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(said, SAID, "{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success());
}

#[test]
fn the_sample_for_curl_logs_in_calls_and_logs_out() {
    let app = site(&[], &[]);
    let own = format!("http://{}/", app.address);
    let sample = || {
        let mut command = Command::new("bash");
        command.arg(file("client.sh")).arg(&own).arg("john");
        command
    };
    says(sample().arg("john Pass 3"));
    let refused = sample().arg("wrong").output().expect("bash");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("Invalid username/email and/or password."), "{said}");
}

#[test]
fn the_sample_for_typescript_holds_its_types_logs_in_calls_and_logs_out() {
    let app = site(&[], &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let compiled = Command::new("tsc")
        .args(["--strict", "--target", "es2022", "--module", "es2022", "--lib", "es2022,dom"])
        .arg("--outDir")
        .arg(folder.path())
        .arg(file("client.ts"))
        .output()
        .expect("script/setup brings node-typescript");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
    let module = folder.path().join("client.mjs");
    fs::rename(folder.path().join("client.js"), &module).expect("what tsc wrote");
    let run = "const [module, ...login] = process.argv.slice(1); \
               for (const line of await (await import(module)).example(...login)) console.log(line);";
    says(Command::new("node").args(["--input-type=module", "-e", run]).arg(module).args([
        &format!("http://{}", app.address),
        "john",
        "john Pass 3",
    ]));
}
