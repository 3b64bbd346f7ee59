//! `check` on sites that are well.

use serde_json::json;

use crate::beside::{Beside, run};
use crate::server::Server;

#[test]
fn a_site_that_is_well_is_described_line_by_line_and_nothing_is_written() {
    for server in [Server::mariadb(), Server::mysql97()] {
        let site = Beside::recorded(server).minimal_account();
        let before = site.content();
        let done = site.check();
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{done:?}");
        assert_eq!(site.content(), before);
        let path = site.path();
        let user =
            done.stdout.split("account ").nth(1).and_then(|rest| rest.lines().next()).expect("an account");
        let shown = done
            .stdout
            .replace(user, "ACCOUNT")
            .replace(path.to_str().expect("a path"), "FOLDER")
            .replace(&site.database, "DATABASE")
            .replace(&format!("{}:{}", server.host(), server.port()), "HOST:PORT")
            .replace(&server.version(), "VERSION")
            .replace(", TLS", "")
            .replace("MariaDB VERSION", "SERVER")
            .replace("MySQL VERSION", "SERVER");
        insta::allow_duplicates! { insta::assert_snapshot!(shown, @r"
        ok       wp-config: FOLDER/wp-config.php, 13 constants
        ok       database: SERVER at HOST:PORT, database DATABASE, account ACCOUNT
        ok       clock: the database's clock and the service's agree
        ok       grants: ACCOUNT may do what is needed on 11 tables and nothing more
        ok       tables: prefix wp_, all 11 tables that are used are there
        ok       version: WordPress 6.8, read from wp-includes/version.php, known
        ok       salts: all eight from constants
        ok       cookies: wordpress_logged_in_b0c271aacdeba64e5dad32fae3d97848, and wordpress_b0c271aacdeba64e5dad32fae3d97848 for wp-admin (wordpress_sec_b0c271aacdeba64e5dad32fae3d97848 with TLS); COOKIEHASH from the option siteurl, http://127.0.0.1:8068
        ok       registration: open, new users become subscriber
        ok       buddypress: active, with members, xprofile, settings, friends, messages, activity, notifications, groups
        ok       permalinks: http://127.0.0.1:8068/api/, controllers core, user, auth, posts, respond, users
        ok       passwords: bcrypt cost 10, as in 8 of the 12 newest users
        ok       mail: off: nobody gets a mail, and retrieve_password is refused
        ok       facebook: not set up: fb_connect is refused
        ok       limits: budgets in the memory of each process
        ok       object-cache: none: there is no FOLDER/wp-content/object-cache.php
        "); }
    }
}

#[test]
fn with_json_the_same_is_one_object() {
    let site = Beside::recorded(Server::mariadb()).minimal_account();
    let done = site.run(&["check", "--json"], "");
    let found = done.json();
    assert_eq!((done.code, &found["status"], &found["minimal_account"]), (0, &json!("ok"), &json!([])));
    let checks: Vec<&str> = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["check"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        checks,
        [
            "wp-config",
            "database",
            "clock",
            "grants",
            "tables",
            "version",
            "salts",
            "cookies",
            "registration",
            "buddypress",
            "permalinks",
            "passwords",
            "mail",
            "facebook",
            "limits",
            "object-cache"
        ]
    );
    let version = found["findings"].as_array().expect("findings").iter().find(|f| f["check"] == "version");
    assert_eq!(
        version.expect("a version"),
        &json!({"check": "version", "status": "ok", "text": "WordPress 6.8, read from wp-includes/version.php, known",
            "advice": null})
    );
}

#[test]
fn settings_alone_will_do() {
    let site = Beside::recorded(Server::mariadb());
    let url = format!("database.url={}", site.server.url(&site.database));
    let done =
        run(&["check", "--set", &url, "--set", "wordpress.version=6.8", "--set", "mail.transport=off"], "");
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(
        done.line("wp-config"),
        "ok       wp-config: not read: wordpress.path is not set, so all comes from the settings"
    );
    assert!(done.line("version").starts_with("ok "), "{done:?}");
    assert!(done.line("object-cache").starts_with("warning "), "{done:?}");
    // The keys are in wp-config.php alone.
    assert!(done.line("salts").starts_with("warning "), "{done:?}");
}

/// The names in the first column of a table.
pub fn rows(page: &str, head: &str) -> Vec<String> {
    let table = page.split_once(head).expect("the table").1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    rows.map(|line| line.split('`').nth(1).expect("a name").to_owned()).collect()
}

#[test]
fn the_page_of_commands_names_every_check_and_every_reason() {
    let page = std::fs::read_to_string(crate::app::project("docs/commands.md")).expect("the page");
    let mut said = vec!["settings".to_owned(), "live".to_owned(), "site-clock".to_owned()];
    let done = Beside::recorded(Server::mariadb()).run(&["check", "--json"], "").json();
    let findings = done["findings"].as_array().expect("findings").iter();
    said.extend(findings.map(|finding| finding["check"].as_str().expect("a name").to_owned()));
    let mut documented = rows(&page, "| check |");
    said.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, said);
    let code = std::fs::read_to_string(crate::app::project("src/cli/cookie/inspect.rs")).expect("the code");
    assert!(code.contains("\"other_name\""), "what a name says is no matter of the cookie itself");
    let code = code.split_once("fn code(").expect("the reasons").1.split_once("\n}").expect("its end").0;
    let mut reasons: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    // Said in the text below the table.
    reasons.retain(|reason| *reason != "bad_signature");
    reasons.insert(0, "other_name");
    assert_eq!(rows(&page, "| reason |"), reasons);
}
