//! `user/get_avatar`, and uploaded avatars wherever an avatar is shown.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::app::{Setup, TestApp, dump};
use crate::server::Server;

const GRAVATAR: &str = "//www.gravatar.com/avatar/96614ec98aa0c0d2ee75796dced6df54";

fn app_with(uploads: &Path, url: &str) -> TestApp {
    let server = Server::mariadb();
    Setup::on(&server.url(&server.database_from(&dump("6.8"))))
        .set("wordpress.version", "6.8")
        .set("wordpress.uploads_path", uploads.to_str().unwrap())
        .set("wordpress.uploads_url", url)
        .start()
}

fn avatar(app: &TestApp, user_id: &str, kind: &str) -> String {
    let answer = app.call("user/get_avatar", &[("user_id", user_id), ("type", kind)]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["avatar"].as_str().expect("an address").to_owned()
}

fn put(folder: &Path, names: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    for name in names {
        fs::write(folder.join(name), "x").unwrap();
    }
}

#[test]
fn what_is_missing_is_named_in_the_plugins_words() {
    let app = TestApp::recorded(Server::mariadb(), "6.8");
    let error = |form: &[(&str, &str)]| {
        let answer = app.call("user/get_avatar", form);
        assert_eq!(answer.status, 400);
        answer.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(error(&[]), "You must include 'user_id' var in your request. ");
    assert_eq!(
        error(&[("user_id", "0"), ("type", "full")]),
        "You must include 'user_id' var in your request. "
    );
    let kind = "You must include 'type' var in your request. possible values 'full' or 'thumb' ";
    assert_eq!(error(&[("user_id", "1")]), kind);
}

#[test]
fn without_buddypress_its_absence_is_all_that_is_said() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(
        &database,
        "UPDATE wp_options SET option_value = 'a:0:{}' WHERE option_name = 'active_plugins'",
    );
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    for method in ["get_avatar", "xprofile", "xprofile_update"] {
        let answer = app.call(&format!("user/{method}"), &[]);
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json()["error"],
            "You must install and activate BuddyPress plugin to use this method.",
            "{method}"
        );
    }
}

#[test]
fn an_uploaded_file_is_found_by_its_kind() {
    let uploads = tempfile::tempdir().unwrap();
    let folder = uploads.path().join("avatars/1");
    put(&folder, &["1700-bpfull.jpg", "1700-bpthumb.jpg", "notes.txt"]);
    fs::create_dir(folder.join("history-bpfull")).unwrap();
    let app = app_with(uploads.path(), "https://cdn.example/u/");
    assert_eq!(avatar(&app, "1", "full"), "https://cdn.example/u/avatars/1/1700-bpfull.jpg");
    assert_eq!(avatar(&app, "1", "thumb"), "https://cdn.example/u/avatars/1/1700-bpthumb.jpg");
    assert_eq!(avatar(&app, "1", "other"), "https://cdn.example/u/avatars/1/1700-bpthumb.jpg");
    // Wherever an avatar is shown.
    let cookie = app.generate_auth_cookie("admin", "admin-Pass-1");
    assert_eq!(cookie["user"]["avatar"], "https://cdn.example/u/avatars/1/1700-bpfull.jpg");
    let info = app.call("user/get_userinfo", &[("user_id", "1")]).json();
    assert_eq!(info["avatar"], "https://cdn.example/u/avatars/1/1700-bpthumb.jpg");
}

#[test]
fn the_last_file_in_the_folders_order_wins_and_old_names_count_only_alone() {
    let uploads = tempfile::tempdir().unwrap();
    let folder = uploads.path().join("avatars/1");
    put(&folder, &["a-avatar2.png", "b-avatar1.png"]);
    let app = app_with(uploads.path(), "http://e.org/u");
    assert_eq!(avatar(&app, "1", "full"), "http://e.org/u/avatars/1/a-avatar2.png");
    assert_eq!(avatar(&app, "1", "thumb"), "http://e.org/u/avatars/1/b-avatar1.png");
    put(&folder, &["1-bpfull.jpg", "2-bpfull.jpg", "3-bpfull.jpg"]);
    let last = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("-bpfull"))
        .last()
        .unwrap();
    assert_eq!(avatar(&app, "1", "full"), format!("http://e.org/u/avatars/1/{last}"));
}

#[test]
fn nothing_but_a_users_own_folder_is_looked_into() {
    let uploads = tempfile::tempdir().unwrap();
    put(&uploads.path().join("avatars"), &["x-bpfull.jpg"]);
    put(&uploads.path().join("avatars/../secret"), &["y-bpfull.jpg"]);
    let app = app_with(uploads.path(), "http://e.org/u");
    let nobody = "//www.gravatar.com/avatar/d41d8cd98f00b204e9800998ecf8427e?s=150&r=g&d=mm";
    for id in ["../secret", "..", ".", "1/../../secret", "/etc", "-1", "1\0", "1abc", "99999999999999999999"]
    {
        assert_eq!(avatar(&app, id, "full"), nobody, "{id:?}");
    }
    assert_eq!(avatar(&app, " 1.9 ", "full"), format!("{GRAVATAR}?s=150&r=g&d=mm"));
    let answer = app.call("user/get_avatar", &[("user_id[]", "1"), ("type[]", "full")]);
    assert_eq!(answer.json(), json!({"status": "ok", "avatar": nobody}));
}

#[test]
fn a_site_without_avatars_has_none_here_either() {
    let server = Server::mariadb();
    let database = server.database_from(&dump("6.8"));
    server.exec(&database, "UPDATE wp_options SET option_value = '0' WHERE option_name = 'show_avatars'");
    let app = Setup::on(&server.url(&database)).set("wordpress.version", "6.8").start();
    let answer = app.call("user/get_avatar", &[("user_id", "1"), ("type", "full")]);
    assert_eq!(answer.json(), json!({"status": "ok", "avatar": null}));
}
