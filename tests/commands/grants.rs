//! The list of what the service needs of its database account: no less than its statements use, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use wp_sidecar::store::needs::{Privilege, USES};

use crate::app::{Setup, TestApp};
use crate::beside::Beside;
use crate::http::Response;
use crate::server::Server;
use crate::wordpress::KEYS;

/// The sources of `store`, without comments and without the tests at their ends.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("src/store") {
        let path = entry.expect("src/store").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// What the texts of the statements do with each table.
fn used() -> BTreeMap<String, BTreeSet<Privilege>> {
    let mut used: BTreeMap<String, BTreeSet<Privilege>> = BTreeMap::new();
    for file in sources(&crate::app::project("src/store")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let text = text.split("#[cfg(test)]").next().expect("a first part");
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        // Every second piece stands between quotes; long literals go on behind a backslash.
        let code = code.join("\n").replace("\\\n", " ");
        for literal in code.split('"').skip(1).step_by(2) {
            let words: Vec<&str> =
                literal.split([' ', '(', ',', ')', '\n']).filter(|word| !word.is_empty()).collect();
            let mut last = None;
            for (at, word) in words.iter().enumerate() {
                let Some(table) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) else {
                    continue;
                };
                if !USES.iter().any(|(name, ..)| *name == table) {
                    continue;
                }
                let before = |steps: usize| at.checked_sub(steps).map_or("", |at| words[at]);
                let done: &[Privilege] = match (before(3), before(2), before(1)) {
                    (_, _, "INTO") => &[Privilege::Insert],
                    (_, _, "UPDATE") => &[Privilege::Update, Privilege::Select],
                    (_, "DELETE", "FROM") | ("DELETE", _, "FROM") => &[Privilege::Delete, Privilege::Select],
                    _ => &[Privilege::Select],
                };
                used.entry(table.to_owned()).or_default().extend(done);
                last = Some(table.to_owned());
            }
            if literal.contains("ON DUPLICATE KEY UPDATE") {
                let table = last.expect("INSERT INTO in the same literal");
                used.entry(table).or_default().insert(Privilege::Update);
            }
        }
    }
    used
}

#[test]
fn the_list_of_needs_is_that_of_the_statements() {
    let listed: BTreeMap<String, BTreeSet<Privilege>> = USES
        .iter()
        .map(|(name, _, privileges)| ((*name).to_owned(), privileges.iter().copied().collect()))
        .collect();
    assert_eq!(used(), listed);
}

/// The site, served with the account that `check` proposes.
fn served(site: &Beside) -> TestApp {
    let mut setup = Setup::on(&site.url()).set("wordpress.version", "6.8").keep_mails();
    // Keys that only the database has are made by the service itself.
    for (name, _) in KEYS.iter().filter(|(name, _)| name.starts_with("NONCE")) {
        setup = setup.set(&format!("keys.{}", name.to_lowercase()), "");
    }
    setup.start()
}

#[track_caller]
fn ok(answer: &Response) {
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")), "{}", answer.text());
}

#[test]
fn with_exactly_these_rights_every_method_works() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server).minimal_account();
        let app = served(&site);
        let nonce = app.nonce("register");
        ok(&app.call(
            "user/register",
            &[
                ("username", "newcomer"),
                ("email", "newcomer@example.net"),
                ("nonce", &nonce),
                ("user_pass", "new-Pass-1"),
                ("display_name", "New Comer"),
                ("custom_fields[colour]", "green"),
            ],
        ));
        // An md5 hash is renewed by the login.
        ok(&app.call("user/generate_auth_cookie", &[("username", "oldmd5"), ("password", "md5-Pass-5")]));
        ok(&app.call(
            "user/generate_auth_cookie",
            &[("email", "newcomer@example.net"), ("password", "new-Pass-1")],
        ));
        let cookie = app.cookie("john", "john Pass 3");
        let own = ("cookie", cookie.as_str());
        ok(&app.call("user/validate_auth_cookie", &[own]));
        ok(&app.call("user/get_currentuserinfo", &[own]));
        ok(&app.call("user/get_userinfo", &[("user_id", "1")]));
        ok(&app.call("user/get_avatar", &[("user_id", "1"), ("type", "full")]));
        ok(&app.call("user/update_user_meta", &[own, ("meta_key", "colour"), ("meta_value", "red")]));
        ok(&app.call("user/update_user_meta", &[own, ("meta_key", "colour"), ("meta_value", "blue")]));
        ok(&app.call("user/update_user_meta_vars", &[own, ("size", "9")]));
        ok(&app.call("user/get_user_meta", &[own]));
        ok(&app.call("user/delete_user_meta", &[own, ("meta_key", "colour"), ("meta_value", "blue")]));
        ok(&app.call("user/xprofile_update", &[own, ("Name", "John The Second")]));
        ok(&app.call("user/xprofile", &[own, ("user_id", "1"), ("field", "Name")]));
        ok(&app.call("user/retrieve_password", &[("user_login", "john")]));
        ok(&app.call(
            "user/post_comment",
            &[own, ("post_id", "29"), ("content", "A word"), ("comment_status", "1")],
        ));
        ok(&app.call("auth/clear_auth_cookie", &[own]));
        assert!(!app.is_valid(&cookie));
    }
}
