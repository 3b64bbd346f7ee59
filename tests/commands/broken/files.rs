//! The site's files: wp-config.php, version.php and object-cache.php.

use std::fs;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{found, mode, site};
use crate::beside::run;

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
}

#[test]
fn a_folder_without_wp_config() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = run(&["check", "--wp-path", folder.path().to_str().expect("a path")], "");
    found(&done, "failed", "wp-config", &["there is no wp-config.php in", "set wordpress.path"]);
}

#[test]
fn a_constant_that_is_computed_and_a_file_that_is_not_understood() {
    let done = site().constant("DB_HOST", Some("lookup()")).check();
    found(&done, "failed", "wp-config", &["DB_HOST cannot be told from", "set database.url instead"]);
    let mut odd = site();
    let end = odd.config.len() - 1;
    odd.config.insert(end, "include unknown_file();".to_owned());
    let texts = [
        "CUSTOM_USER_TABLE cannot be told from",
        "a file whose name is not known",
        "write it there as a plain value",
    ];
    // What is said elsewhere need not be told from there.
    let url = odd.server.url(&odd.database);
    let done = odd.set("database.url", &url).set("wordpress.table_prefix", "wp_").check();
    found(&done, "failed", "wp-config", &texts);
    let done = site().constant("WP_DEBUG", Some("lookup()")).check();
    found(&done, "ok", "wp-config", &["not needed and not told: WP_DEBUG"]);
    let done = site().constant("WP_CONTENT_DIR", Some("lookup()")).check();
    found(
        &done,
        "warning",
        "wp-config",
        &["WP_CONTENT_DIR cannot be told", "avatars", "set wordpress.uploads_path"],
    );
    found(&done, "warning", "object-cache", &["not looked for: WP_CONTENT_DIR cannot be told"]);
}

#[test]
fn a_version_that_is_wrong_unknown_or_nowhere_said() {
    let beside = site();
    beside.write("wp-includes/version.php", "<?php\n$wp_version = '6.1.12';\n");
    found(
        &beside.check(),
        "failed",
        "version",
        &["WordPress 6.1", "the database was written by 6.8 or later"],
    );
    beside.write("wp-includes/version.php", "<?php\n$wp_version = '9.9';\n");
    found(&beside.check(), "warning", "version", &["WordPress 9.9", "newer than 7.1", "--url"]);
    beside.write("wp-includes/version.php", "<?php // nothing\n");
    let advice = "let the service read that file, or correct wordpress.path, or set wordpress.version";
    let texts = ["assumed", "version.php has no line $wp_version = '…';", advice];
    found(&beside.check(), "warning", "version", &texts);
    beside.write("wp-includes/version.php", "<?php\n$wp_version = 'six';\n");
    found(&beside.check(), "warning", "version", &["version.php says \"six\", which is no version", advice]);
    let file = beside.path().join("wp-includes/version.php");
    mode(&file, 0);
    found(&beside.check_bound(), "warning", "version", &["version.php: Permission denied", advice]);
    fs::remove_file(&file).expect("a writable folder");
    found(&beside.check(), "warning", "version", &["version.php: No such file", advice]);
    let said = beside.set("wordpress.version", "6.8");
    let texts = ["from the setting wordpress.version", "version.php: No such file"];
    found(&said.check(), "ok", "version", &texts);
    pipe(&file);
    found(&said.check(), "ok", "version", &["version.php is no plain file"]);
    let done = site().set("wordpress.version", "6.1").check();
    found(&done, "ok", "version", &["6.8"]);
}

#[test]
fn an_object_cache_that_outlives_requests() {
    let site = site();
    site.write("wp-content/object-cache.php", "<?php\n/*\n * Plugin Name: Redis Object Cache Drop-In\n */\n");
    found(&site.check(), "warning", "object-cache", &["object-cache.php", "(Redis)", "does not see at once"]);
    let file = site.path().join("wp-content/object-cache.php");
    mode(&file, 0);
    let texts = ["object-cache.php keeps what WordPress reads", "the service may not read it"];
    found(&site.check_bound(), "warning", "object-cache", &texts);
    // Who opens a pipe waits for somebody to write.
    fs::remove_file(&file).expect("a writable folder");
    pipe(&file);
    found(&site.check(), "warning", "object-cache", &["object-cache.php", "(no plain file)"]);
}

#[test]
fn a_folder_that_the_service_may_not_look_into_is_not_said_to_hold_an_object_cache() {
    let site = site();
    let folder = site.path().join("wp-content");
    mode(&folder, 0);
    let done = site.check_bound();
    mode(&folder, 0o700);
    found(
        &done,
        "warning",
        "object-cache",
        &["not looked for", "Permission denied", "let the service look into"],
    );
    assert!(!done.stdout.contains("keeps what WordPress reads"), "{done:?}");
}
