//! The settings as an owner meets them: layers, errors, secrets.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

mod refused;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use wp_sidecar::settings::keys::{self, KEYS};
use wp_sidecar::settings::secret::ExposeSecret as _;
use wp_sidecar::settings::{DatabaseSource, Settings, Sources};
use wp_sidecar::wp::version::WpVersion;

const CONFIG: &str = "<?php
define('DB_NAME', 'shop'); define('DB_USER', 'shopper'); define('DB_PASSWORD', 'hush-hush');
define('DB_HOST', 'db.internal:3307'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('LOGGED_IN_KEY', 'from-the-site'); define('COOKIEHASH', 'abc');
$table_prefix = 'shop_';
require_once ABSPATH . 'wp-settings.php';
";

/// A site's folder with a wp-config.php.
fn site(config: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("wp-config.php"), config).expect("a file");
    folder
}

fn file(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("wp-sidecar.toml");
    fs::write(&path, text).expect("a file");
    path
}

fn sources(command_line: &[(&str, &str)], environment: &[(&str, &str)]) -> Sources {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    Sources {
        config_file: None,
        environment: owned(environment).into_iter().collect::<BTreeMap<_, _>>(),
        unreadable: Vec::new(),
        command_line: owned(command_line),
    }
}

fn error(sources: &Sources) -> String {
    Settings::load(sources).expect_err("an error").to_string()
}

const URL: (&str, &str) = ("database.url", "mysql://u:hush-hush@127.0.0.1/db");

#[test]
fn later_layers_win_and_the_sites_own_file_lies_above_the_defaults() {
    let folder = site(CONFIG);
    let path = folder.path().to_str().unwrap();
    let toml = file(&folder, "[server]\nlisten = \"127.0.0.1:1001\"\n[wordpress]\nversion = \"6.5\"\n");
    let load = |environment: &[(&str, &str)], command_line: &[(&str, &str)]| {
        let mut sources = sources(command_line, environment);
        sources.config_file = Some(toml.clone());
        sources.command_line.push(("wordpress.path".to_owned(), path.to_owned()));
        Settings::load(&sources).unwrap()
    };
    let settings = load(&[], &[]);
    assert_eq!(settings.server.listen.port(), 1001);
    assert_eq!(settings.wordpress.table_prefix.as_str(), "shop_");
    assert_eq!(settings.wordpress.version, Some(WpVersion::new(6, 5)));
    assert_eq!(settings.wordpress.cookie_hash.as_deref(), Some("abc"));
    let DatabaseSource::Constants { host, port, name, .. } = &settings.database.source else {
        panic!("constants")
    };
    assert_eq!((host.as_str(), *port, name.as_str()), ("db.internal", Some(3307), "shop"));
    let key = |settings: &Settings| {
        let (_, value) = settings.keys.0.iter().find(|(name, _)| *name == "LOGGED_IN_KEY").unwrap();
        value.expose_secret().to_owned()
    };
    assert_eq!(key(&settings), "from-the-site");

    let environment = [
        ("WP_SIDECAR__SERVER__LISTEN", "127.0.0.1:1002"),
        ("WP_SIDECAR__WORDPRESS__TABLE_PREFIX", "env_"),
        ("WP_SIDECAR__KEYS__LOGGED_IN_KEY", "from-the-environment"),
    ];
    let settings = load(&environment, &[]);
    assert_eq!(settings.server.listen.port(), 1002);
    assert_eq!(settings.wordpress.table_prefix.as_str(), "env_");
    assert_eq!(key(&settings), "from-the-environment");

    let settings = load(&environment, &[("server.listen", "[::1]:1003"), URL]);
    assert_eq!(settings.server.listen.to_string(), "[::1]:1003");
    assert!(matches!(settings.database.source, DatabaseSource::Url(_)));
}

#[test]
fn the_path_may_come_from_any_layer() {
    let folder = site(CONFIG);
    let path = folder.path().to_str().unwrap();
    let from_environment = sources(&[], &[("WP_SIDECAR__WORDPRESS__PATH", path)]);
    assert_eq!(Settings::load(&from_environment).unwrap().wordpress.table_prefix.as_str(), "shop_");
    let other = tempfile::tempdir().unwrap();
    let mut from_file = sources(&[], &[]);
    from_file.config_file = Some(file(&other, &format!("[wordpress]\npath = \"{path}\"\n")));
    assert_eq!(Settings::load(&from_file).unwrap().wordpress.table_prefix.as_str(), "shop_");
}

/// The reference as it is to stand in the docs.
fn reference() -> String {
    let mut text = String::from(
        "# Settings\n\nA setting is written in a file (`--config FILE`, TOML), as a variable \
         (`WP_SIDECAR__SECTION__KEY`) or on the command\nline (`--set section.key=value`); later ones win. A rate such as \
         `20/10m` is twenty in ten minutes: all at once if one likes,\nand evenly from then on. This page is checked against \
         the code: `UPDATE_DOCS=1 cargo test --test settings` writes it.\n\n\
         | setting | default | allowed | what it does |\n|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let secret = if key.secret { " Secret." } else { "" };
        writeln!(text, "| `{}` | {default} | {} | {}{secret} |", key.name, key.allowed, key.about).unwrap();
    }
    text
}

#[test]
fn the_reference_in_the_docs_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, reference()).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        reference(),
        "UPDATE_DOCS=1 cargo test --test settings writes it"
    );
}

#[test]
fn every_documented_setting_is_accepted_from_file_and_environment() {
    let uploads = tempfile::tempdir().unwrap();
    let value = |name: &str| match name {
        "wordpress.siteurl" | "wordpress.home" | "wordpress.uploads_url" => "https://example.org/blog",
        "wordpress.uploads_path" => uploads.path().to_str().unwrap(),
        "server.listen" | "metrics.listen" => "127.0.0.1:9999",
        "server.trusted_proxies" => "10.0.0.0/8,192.0.2.1",
        "wordpress.version" => "6.8",
        "wordpress.path" | "database.url" => "",
        "mail.transport" => "off",
        "mail.smtp_url" => "smtps://u:p@mail.example.org:465",
        "mail.from_address" => "site@example.org",
        "facebook.graph_url" => "https://graph.facebook.com",
        "limits.enabled" | "xprofile.ignore_visibility" | "comments.trust_client_status" | "docs.enabled" => {
            "true"
        }
        "database.max_connections"
        | "auth.max_cookie_seconds"
        | "sessions.max_per_user"
        | "hashing.threads" => "7",
        "limits.redis_url" => "redis://127.0.0.1:6379",
        "cors.allowed_origins" => "https://app.example.org,capacitor://localhost",
        // Numbers and rates are written as their defaults are.
        name => match keys::find(name) {
            Some(key) if key.default.starts_with(|first: char| first.is_ascii_digit()) => key.default,
            _ => "text",
        },
    };
    let environment: Vec<(String, &str)> = KEYS
        .iter()
        .map(|key| (format!("WP_SIDECAR__{}", key.name.to_uppercase().replace('.', "__")), value(key.name)))
        .collect();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let settings = Settings::load(&sources(&[URL], &environment)).unwrap();
    assert_eq!(settings.server.trusted_proxies.len(), 2);
    assert_eq!(settings.auth.max_sessions, 7);

    let folder = tempfile::tempdir().unwrap();
    // A section may stand once only.
    let mut sections: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for key in KEYS {
        let (section, name) = key.name.split_once('.').unwrap();
        sections.entry(section).or_default().push(format!("{name} = \"{}\"", value(key.name)));
    }
    let sections: Vec<String> =
        sections.iter().map(|(name, lines)| format!("[{name}]\n{}\n", lines.join("\n"))).collect();
    let toml = sections.concat();
    let mut from_file = sources(&[URL], &[]);
    from_file.config_file = Some(file(&folder, &toml));
    assert_eq!(Settings::load(&from_file).unwrap().auth.max_sessions, 7);
}

#[test]
fn unknown_settings_are_errors_that_name_key_and_origin() {
    assert_eq!(
        error(&sources(&[URL], &[("WP_SIDECAR__SERVER__LISTN", "x")])),
        "WP_SIDECAR__SERVER__LISTN: unknown setting server.listn; did you mean server.listen?"
    );
    assert_eq!(
        error(&sources(&[URL, ("nothing.alike", "x")], &[])),
        "command line: unknown setting nothing.alike"
    );
    let folder = tempfile::tempdir().unwrap();
    let mut from_file = sources(&[URL], &[]);
    from_file.config_file = Some(file(&folder, "[auth]\nmax_cookie_second = 5\n"));
    let text = error(&from_file);
    assert!(
        text.ends_with("unknown setting auth.max_cookie_second; did you mean auth.max_cookie_seconds?"),
        "{text}"
    );
    from_file.config_file = Some(file(&folder, "listen = \"x\"\n"));
    assert!(
        error(&from_file).contains("unknown setting listen; did you mean server.listen?"),
        "{}",
        error(&from_file)
    );
    from_file.config_file = Some(file(&folder, "[server\n"));
    assert!(!error(&from_file).contains('\n'), "{}", error(&from_file));
    from_file.config_file = Some(folder.path().join("nowhere.toml"));
    assert!(error(&from_file).contains("nowhere.toml"), "{}", error(&from_file));
}

#[test]
fn wrong_values_are_errors_that_say_what_is_allowed() {
    for (name, value, expected) in [
        (
            "server.listen",
            "8080",
            "command line: server.listen = \"8080\" is not allowed; allowed: address:port",
        ),
        (
            "database.max_connections",
            "0",
            "command line: database.max_connections = \"0\" is not allowed; allowed: a number from 1 to 1000",
        ),
        (
            "mail.transport",
            "pigeon",
            "command line: mail.transport = \"pigeon\" is not allowed; allowed: smtp (then mail.smtp_url is needed), sendmail or off",
        ),
        (
            "docs.enabled",
            "maybe",
            "command line: docs.enabled = \"maybe\" is not allowed; allowed: true or false",
        ),
        (
            "wordpress.version",
            "six",
            "command line: wordpress.version = \"six\" is not allowed; allowed: major.minor, for example 6.8",
        ),
        (
            "wordpress.table_prefix",
            "wp-",
            "command line: wordpress.table_prefix = \"wp-\" is not allowed; allowed: letters, digits and _",
        ),
        (
            "server.trusted_proxies",
            "10.0.0.0/8, proxy",
            "command line: server.trusted_proxies = \"proxy\" is not allowed; allowed: a list of addresses or networks",
        ),
    ] {
        assert_eq!(error(&sources(&[URL, (name, value)], &[])), expected);
    }
    // Of a secret only the name is said.
    let text = error(&sources(&[("database.url", "postgres://u:hush-hush@h/d")], &[]));
    assert_eq!(
        text,
        "command line: database.url is not allowed: it begins neither with mysql:// nor with mariadb://; allowed: \
         mysql://user:password@host:port/name, special characters percent-encoded (%40 for @); parameters: ssl-mode, \
         ssl-ca, ssl-cert, ssl-key, charset, collation, socket, statement-cache-capacity"
    );
}

#[test]
fn what_the_sites_file_computes_is_an_error_that_names_constant_file_and_line() {
    let folder = site(
        "<?php\ndefine('DB_NAME', 'a'); define('DB_USER', 'b'); define('DB_PASSWORD', 'c');\ndefine('DB_HOST', lookup());\n",
    );
    let path = folder.path().to_str().unwrap();
    let text = error(&sources(&[("wordpress.path", path)], &[]));
    assert!(text.starts_with("DB_HOST cannot be told from "), "{text}");
    assert!(text.contains("wp-config.php line 3"), "{text}");
    assert!(text.ends_with("; set database.url instead"), "{text}");
    // Said elsewhere, it does not matter.
    assert!(Settings::load(&sources(&[("wordpress.path", path), URL], &[])).is_ok());
    let folder = site(&format!(
        "{}\ndefine('WP_HOME', 'https://' . $_SERVER['HTTP_HOST']);",
        CONFIG.replace("require_once", "// require_once")
    ));
    let path = folder.path().to_str().unwrap();
    let text = error(&sources(&[("wordpress.path", path)], &[]));
    assert!(
        text.starts_with("WP_HOME cannot be told from") && text.ends_with("; set wordpress.home instead"),
        "{text}"
    );
    assert!(
        Settings::load(&sources(&[("wordpress.path", path), ("wordpress.home", "https://x.org")], &[]))
            .is_ok()
    );
}

#[test]
fn a_site_without_database_or_without_its_file_is_an_error_that_says_what_to_set() {
    assert_eq!(
        error(&sources(&[], &[])),
        "no database: set wordpress.path to the site's folder, or database.url"
    );
    let folder = tempfile::tempdir().unwrap();
    let text = error(&sources(&[("wordpress.path", folder.path().to_str().unwrap())], &[]));
    assert!(text.starts_with("there is no wp-config.php in "), "{text}");
}

#[test]
fn no_secret_shows_in_debug_output() {
    let folder = site(CONFIG);
    let command_line = [
        ("wordpress.path", folder.path().to_str().unwrap()),
        ("keys.auth_salt", "hush-hush"),
        ("mail.smtp_url", "smtps://u:hush-hush@h"),
        ("limits.redis_url", "redis://:hush-hush@h"),
        ("facebook.app_secret", "hush-hush"),
    ];
    let settings = Settings::load(&sources(&command_line, &[])).unwrap();
    let shown = format!("{settings:?}");
    assert!(!shown.contains("hush-hush") && !shown.contains("from-the-site"), "{shown}");
    let shown = format!("{:?}", Settings::load(&sources(&[URL], &[])).unwrap());
    assert!(!shown.contains("hush-hush"), "{shown}");
}
