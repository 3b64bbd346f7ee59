//! What the binary says of settings that it refuses: where, why and what is allowed, and never a secret.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};

use super::*;

/// A command in an environment without settings.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"));
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().starts_with(b"WP_SIDECAR__") || name.as_bytes().starts_with(b"WORDPRESS_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).env_remove("RUST_LOG");
    command
}

/// All that it says. Whatever was set is no business of whoever reads that.
#[track_caller]
fn said(command: &mut Command) -> String {
    let Output { stdout, stderr, .. } = command.output().expect("the binary runs");
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(!text.contains("SECRET"), "{text}");
    text
}

/// What `serve` says of one setting before it ends.
#[track_caller]
fn refusal(setting: &str) -> String {
    let mut command = command(&["serve", "--set", "database.url=mysql://u@127.0.0.1:1/d", "--set", setting]);
    let text = said(&mut command);
    let text = text.strip_prefix("wp-sidecar: ").unwrap_or_else(|| panic!("{setting}: {text}"));
    text.trim_end().to_owned()
}

#[test]
fn a_file_that_is_no_toml_is_told_by_place_and_reason_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        (
            "[database]\nurl = \"mysql://wp:TOPSECRET@127.0.0.1/w71",
            "line 2, column 42: invalid basic string, ",
        ),
        ("[mail]\nsmtp_url = \"smtps://u:TOPSECRET@h\" TOPSECRET", "line 2, column 36: "),
        ("[keys]\nauth_key = \"TOP\\SECRET\"", "line 2, column 17: "),
        ("[keys]\nauth_key = 'a'\nauth_key = 'TOPSECRET'", "line 3, column 1: duplicate key"),
    ] {
        let path = file(&folder, text);
        let config = ["--config", path.to_str().unwrap()];
        for start in [&["serve"][..], &["check"], &["check", "--json"], &["cookie", "issue", "john"]] {
            let text = said(&mut command(&[start, &config].concat()));
            assert!(text.contains(&format!("{} {expected}", config[1])), "{start:?}: {text}");
        }
    }
}

#[test]
fn a_value_of_the_file_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("# one\n[docs]\n\nenabled = \"maybe\"", "line 4: docs.enabled = \"maybe\" is not allowed; "),
        ("[docs]\nenabled = { a = 'TOPSECRET' }", "line 2: docs.enabled is not allowed; "),
        ("[docs]\nenable = true", "line 2: unknown setting docs.enable; did you mean docs.enabled?"),
        (
            "\n[database]\nurl = 'mysql://u:TOPSECRET@h:99999/d'",
            "line 3: database.url is not allowed: its port ",
        ),
    ] {
        let path = file(&folder, text);
        let mut serve = command(&["serve", "--config", path.to_str().unwrap()]);
        if !text.contains("[database]") {
            serve.env("WP_SIDECAR__DATABASE__URL", URL.1);
        }
        let text = said(&mut serve);
        assert!(text.contains(&format!("{} {expected}", path.display())), "{text}");
    }
}

#[test]
fn values_that_would_do_nothing_or_harm_are_refused_with_what_is_allowed() {
    for (setting, value, allowed) in [
        ("meta.protected", "*_key", "a list of meta keys, * only at the end of one, for any rest"),
        ("meta.protected", "a*b", "a list of meta keys, * only at the end of one, for any rest"),
        ("meta.protected", "a**", "a list of meta keys, * only at the end of one, for any rest"),
        ("wordpress.siteurl", "foo", "an http:// or https:// URL"),
        ("wordpress.home", "ftp://x", "an http:// or https:// URL"),
        ("wordpress.uploads_url", "/uploads", "an http:// or https:// URL"),
        (
            "wordpress.cookie_hash",
            "a;b c",
            "a text without blanks, control characters, =, comma and semicolon",
        ),
        ("auth.max_cookie_seconds", "99999999999", "a number of seconds from 1 to 4294967295"),
        ("sessions.max_per_user", "2000000", "a number from 1 to 1000000"),
        ("limits.body_bytes", "99999999999999", "a number of bytes from 1024 to 4294967295"),
        ("hashing.queue", "100001", "a number from 0 to 100000"),
    ] {
        let expected = format!("command line: {setting} = {value:?} is not allowed; allowed: {allowed}");
        assert_eq!(refusal(&format!("{setting}={value}")), expected);
    }
    for rate in ["1/99999d", "99999999999/10m"] {
        let text = refusal(&format!("limits.login_account={rate}"));
        assert!(text.contains("from 1 to 4294967295") && text.contains("from 1s to 366d"), "{text}");
    }
    let text = refusal("wordpress.uploads_path=/nowhere/at/all");
    assert!(
        text.contains(": No such file or directory") && text.ends_with("; allowed: a folder that is there"),
        "{text}"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = refusal(&format!("wordpress.uploads_path={}", file.path().display()));
    assert!(text.contains("not a directory"), "{text}");
}

#[test]
fn bounds_that_are_told_are_the_bounds() {
    for (setting, least, most) in [
        ("auth.max_cookie_seconds", "1", "4294967295"),
        ("sessions.max_per_user", "1", "1000000"),
        ("limits.body_bytes", "1024", "4294967295"),
        ("hashing.queue", "0", "100000"),
        ("limits.login_account", "1/366d", "4294967295/366d"),
        ("limits.login_account", "1/1s", "1000000/1s"),
    ] {
        for value in [least, most] {
            assert!(Settings::load(&sources(&[URL, (setting, value)], &[])).is_ok(), "{setting}={value}");
        }
    }
    for rate in ["1000001/1s", "1/367d", "0/1s", "4294967296/1d"] {
        error(&sources(&[URL, ("limits.login_account", rate)], &[]));
    }
}

#[test]
fn a_protected_meta_key_may_be_any() {
    let settings = Settings::load(&sources(&[URL, ("meta.protected", "*, billing_*,, plain")], &[])).unwrap();
    assert_eq!(settings.features.protected_meta, ["*", "billing_*", "plain"]);
}

#[test]
fn a_database_url_is_refused_at_the_start_with_origin_and_reason() {
    for (url, reason) in [
        ("mysql://", "it names no host"),
        ("mysql://u:TOPSECRET@h", "it names no database"),
        ("mysql://u:TOPSECRET@h:99999/d", "its port is no number from 1 to 65535"),
        ("mysql://u:TOP#SECRET@h/d", "special characters in it are to be percent-encoded: "),
        ("mysql://u:TOP/SECRET@h/d", "special characters in it are to be percent-encoded: "),
        ("mysql://u:TOP?SECRET@h/d", "special characters in it are to be percent-encoded: "),
        (
            "mysql://u:TOPSECRET@h/d?ssl_mode=REQUIRED",
            "its parameter ssl_mode is unknown, did you mean ssl-mode?; ",
        ),
        ("mysql://u:TOPSECRET@h/d?ssl-mode=bogus", "its parameter ssl-mode must be disabled, preferred, "),
    ] {
        let text = said(command(&["serve"]).env("WP_SIDECAR__DATABASE__URL", url));
        let expected =
            format!("wp-sidecar: WP_SIDECAR__DATABASE__URL: database.url is not allowed: {reason}");
        assert!(text.starts_with(&expected), "{url}: {text}");
        assert!(text.contains("; allowed: mysql://user:password@host:port/name, "), "{text}");
    }
}

#[test]
fn a_variable_that_is_no_utf8_is_refused_by_name_if_it_is_a_setting() {
    let folder = site(CONFIG);
    let latin = OsStr::from_bytes(b"mysql://u:TOPSECR\xc9T@127.0.0.1:1/d");
    let path = folder.path().to_str().unwrap();
    let text = said(command(&["serve", "--wp-path", path]).env("WP_SIDECAR__DATABASE__URL", latin));
    assert_eq!(text, "wp-sidecar: WP_SIDECAR__DATABASE__URL: its value is not UTF-8; write it in UTF-8\n");
    let text = said(command(&["check", "--wp-path", path]).env("SOMEBODY_ELSES", latin));
    assert!(text.starts_with("ok       wp-config: "), "{text}");
}

#[test]
fn a_setting_without_a_name_is_told_how_to_write_one() {
    for argument in ["foo", "=x", "="] {
        let text = said(&mut command(&["serve", "--set", argument]));
        assert!(text.contains("expected SECTION.KEY=VALUE"), "{text}");
    }
}

#[test]
fn a_folder_that_may_not_be_entered_is_told_from_one_without_the_file() {
    let folder = site(CONFIG);
    let path = folder.path();
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may enter everything, so somebody else must try; the build's folders may be closed to that one.
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = place.path().join("wp-sidecar");
    // By a process of its own: what this one has open for writing, a child of another test would hold and keep busy.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_wp-sidecar")).arg(&binary).status();
    assert!(copied.expect("cp").success());
    let ask = |name: &str| {
        let mut command = Command::new(&binary);
        command.args([name, "--wp-path", path.to_str().unwrap()]).current_dir("/");
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        said(&mut command)
    };
    let (check, serve) = (ask("check"), ask("serve"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(path.join("wp-config.php"), fs::Permissions::from_mode(0o000)).unwrap();
    let unread = ask("check");
    fs::remove_file(path.join("wp-config.php")).unwrap();
    fs::create_dir(path.join("wp-config.php")).unwrap();
    let no_file = ask("check");

    let closed = format!("the folder {} may not be entered: Permission denied", path.display());
    assert!(
        check.contains(&closed) && check.contains("-> let the user that runs the service enter it"),
        "{check}"
    );
    assert!(serve.contains(&closed), "{serve}");
    assert!(
        unread.contains("wp-config.php cannot be read") && unread.contains("read it, for example"),
        "{unread}"
    );
    assert!(no_file.contains("not a plain file") && no_file.contains("see what lies there"), "{no_file}");
    for text in [check, unread, no_file] {
        assert!(!text.contains("set wordpress.path"), "{text}");
    }
}

#[test]
fn what_the_site_takes_from_a_web_servers_environment_is_missed_by_name() {
    let folder = site(
        "<?php function getenv_docker($name, $default) { $value = getenv($name); return $value === false ? $default : $value; }
         define('DB_NAME', getenv_docker('WORDPRESS_DB_NAME', 'wordpress'));
         define('DB_USER', getenv_docker('WORDPRESS_DB_USER', 'example username'));
         define('DB_PASSWORD', getenv_docker('WORDPRESS_DB_PASSWORD', 'TOPSECRET')); define('DB_HOST', '127.0.0.1:1');",
    );
    let check = ["check", "--wp-path", folder.path().to_str().unwrap()];
    let text = said(&mut command(&check));
    let expected = "warning  wp-config: what wp-config.php falls back to is taken for DB_NAME, DB_USER, DB_PASSWORD, as the \
                    environment here lacks WORDPRESS_DB_NAME, WORDPRESS_DB_PASSWORD, WORDPRESS_DB_USER -> give the \
                    service the variables of the web server, or set database.url\n";
    assert!(text.starts_with(expected), "{text}");
    // Who has set one of them has left the others to what the file says.
    let text = said(command(&check).env("WORDPRESS_DB_USER", "u"));
    assert!(text.starts_with("ok       wp-config: "), "{text}");
    let text = said(command(&check).args(["--set", "database.url=mysql://u@127.0.0.1:1/d"]));
    assert!(text.starts_with("ok       wp-config: "), "{text}");
}
