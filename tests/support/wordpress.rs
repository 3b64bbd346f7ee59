//! A genuine WordPress to ask: Debian's package of a suite, on a database of its own, driven through
//! the PHP command line. BuddyPress and the JSON API plugins are not to be had; dumps of
//! `fixtures/sql` name them as active, and WordPress passes over what is not there.
//!
//! Not here: what is asked of it.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::{Server, cached};

/// The Debian suites whose WordPress `script/fetch` fetches: today 6.1, 6.8 and 7.1.
pub const SUITES: [&str; 3] = ["bookworm", "trixie", "sid"];

/// The keys and salts of the recorded sites (`fixtures/README.md`), so that recorded cookies validate.
pub const KEYS: [(&str, &str); 8] = [
    ("AUTH_KEY", "k1-auth-Zq!8f(3)s9#rT"),
    ("SECURE_AUTH_KEY", "k2-secure-auth-^7Hn&x_2Lw"),
    ("LOGGED_IN_KEY", "k3-logged-in-0Pv|%m5+Yb"),
    ("NONCE_KEY", "k4-nonce-]u3Rj~4Kd{e"),
    ("AUTH_SALT", "s1-auth-d;8Gf?1Qa,t"),
    ("SECURE_AUTH_SALT", "s2-secure-auth-w@6Mz=9Xc"),
    ("LOGGED_IN_SALT", "s3-logged-in-h$2Bn*0Ek"),
    ("NONCE_SALT", "s4-nonce-r:5Vl<7Ju"),
];

/// The administrator that `wp_install()` makes.
pub const ADMIN: (&str, &str, &str) = ("admin", "admin-Pass-1", "admin@example.org");

/// What runs a snippet inside WordPress; see its first lines.
const RUNNER: &str = include_str!("run.php");

/// Keeps mail and HTTP requests of WordPress from leaving.
const SINK: &str = include_str!("sink.php");

/// How a site is to be, before it starts.
#[must_use]
pub struct Site {
    suite: String,
    prefix: String,
    url: String,
    dump: Option<PathBuf>,
    constants: Vec<(String, String)>,
    server_variables: Vec<(String, String)>,
}

impl Site {
    /// Turns the tables' prefix from `wp_` to another. Not with a dump.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The options `siteurl` and `home` of a freshly installed site. A dump brings its own.
    pub fn url(mut self, url: &str) -> Self {
        self.url = url.into();
        self
    }

    /// Loads a dump in place of installing.
    pub fn dump(mut self, dump: &Path) -> Self {
        self.dump = Some(dump.into());
        self
    }

    /// Defines a constant in wp-config.php; `value` is PHP (`"'text'"`, `"true"`).
    pub fn constant(mut self, name: &str, value: &str) -> Self {
        set(&mut self.constants, name, value);
        self
    }

    /// Leaves a constant out, such as a key, which WordPress then takes from the database.
    pub fn without_constant(mut self, name: &str) -> Self {
        self.constants.retain(|(known, _)| known != name);
        self
    }

    /// Sets an entry of `$_SERVER` for all calls, such as `HTTPS` to `on`.
    pub fn server_variable(mut self, name: &str, value: &str) -> Self {
        set(&mut self.server_variables, name, value);
        self
    }

    /// Makes the site: its folder, its database, its tables.
    #[track_caller]
    pub fn start(self, server: &'static Server) -> RealWordPress {
        let folder = server.temporary_folder();
        let site = folder.path().join("wordpress");
        lay_out(&package(&self.suite), &site);
        fs::write(folder.path().join("run.php"), RUNNER).expect("a writable temporary folder");

        let database = server.create_database();
        let mut constants = vec![
            ("DB_NAME".into(), quoted(&database)),
            ("DB_USER".into(), quoted(server.user())),
            ("DB_PASSWORD".into(), quoted(server.password())),
            ("DB_HOST".into(), quoted(&format!("{}:{}", server.host(), server.port()))),
            ("DB_CHARSET".into(), quoted("utf8mb4")),
            ("DB_COLLATE".into(), quoted("")),
        ];
        constants.extend(self.constants);
        let wordpress = RealWordPress {
            folder,
            site,
            server,
            database,
            prefix: self.prefix,
            constants,
            server_variables: self.server_variables,
        };
        wordpress.write_config();
        match self.dump {
            Some(dump) => server.load_sql(&wordpress.database, &dump),
            None => wordpress.install(&self.url),
        }
        wordpress
    }
}

/// A site that runs until this value is dropped; its database goes with the test process.
pub struct RealWordPress {
    folder: TempDir,
    site: PathBuf,
    server: &'static Server,
    database: String,
    prefix: String,
    constants: Vec<(String, String)>,
    server_variables: Vec<(String, String)>,
}

impl RealWordPress {
    /// A site of this suite's WordPress, to be adjusted and then started.
    pub fn site(suite: &str) -> Site {
        let mut constants: Vec<(String, String)> =
            KEYS.iter().map(|(name, value)| ((*name).into(), quoted(value))).collect();
        for name in ["DISABLE_WP_CRON", "WP_HTTP_BLOCK_EXTERNAL", "AUTOMATIC_UPDATER_DISABLED"] {
            constants.push((name.into(), "true".into()));
        }
        Site {
            suite: suite.into(),
            prefix: "wp_".into(),
            url: "http://127.0.0.1:8080".into(),
            dump: None,
            constants,
            server_variables: [
                ("HTTP_HOST", "127.0.0.1:8080"),
                ("SERVER_NAME", "127.0.0.1"),
                ("SERVER_PORT", "8080"),
                ("SERVER_PROTOCOL", "HTTP/1.1"),
                ("REQUEST_METHOD", "GET"),
                ("REQUEST_URI", "/"),
                ("PHP_SELF", "/index.php"),
                ("REMOTE_ADDR", "127.0.0.1"),
                ("HTTP_USER_AGENT", "wp-sidecar tests"),
            ]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        }
    }

    /// A freshly installed site of this suite's WordPress, with one user ([`ADMIN`]).
    #[track_caller]
    pub fn open(suite: &str, server: &'static Server) -> Self {
        Self::site(suite).start(server)
    }

    /// A site of this suite's WordPress on a dump's tables.
    #[track_caller]
    pub fn from_dump(suite: &str, server: &'static Server, dump: &Path) -> Self {
        Self::site(suite).dump(dump).start(server)
    }

    /// The folder with wp-config.php and wp-includes/version.php.
    pub fn path(&self) -> &Path {
        &self.site
    }

    /// The name of its database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The URL of its database.
    pub fn database_url(&self) -> String {
        self.server.url(&self.database)
    }

    /// The prefix of its tables.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The server that its database is on.
    pub fn server(&self) -> &'static Server {
        self.server
    }

    /// `$wp_version` of wp-includes/version.php.
    #[track_caller]
    pub fn version(&self) -> String {
        let path = self.site.join("wp-includes/version.php");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.split_once("$wp_version = '")
            .and_then(|(_, rest)| rest.split_once('\''))
            .unwrap_or_else(|| panic!("{} has no $wp_version", path.display()))
            .0
            .to_owned()
    }

    /// Runs the text of a PHP function body inside this WordPress, in a process of its own, and gives
    /// what it returns. Anything PHP complains of is a failure.
    #[track_caller]
    pub fn php(&self, code: &str) -> Value {
        self.php_with(code, Value::Null)
    }

    /// The same, with `args` as the variable `$args` (objects become arrays).
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!({..}) in place")]
    pub fn php_with(&self, code: &str, args: Value) -> Value {
        let answer = self.run(code, &args, None);
        let problems = answer["problems"].as_array().expect("the runner's problems");
        assert!(
            problems.is_empty(),
            "WordPress {} on {} complains:\n{}\nprinted: {}\nrunning: {code}",
            self.version(),
            self.server.name(),
            problems
                .iter()
                .map(|problem| problem.as_str().unwrap_or_default())
                .collect::<Vec<_>>()
                .join("\n"),
            answer["output"]
        );
        answer["result"].clone()
    }

    /// The mails sent since the last call: objects with `to`, `subject`, `message`, `headers`.
    #[track_caller]
    pub fn take_mails(&self) -> Vec<Value> {
        let path = self.site.join("wp-content/mails");
        let text = fs::read_to_string(&path).unwrap_or_default();
        if !text.is_empty() {
            fs::remove_file(&path).expect("the file of mails");
        }
        text.lines().map(|line| serde_json::from_str(line).expect("a mail as JSON")).collect()
    }

    /// Defines or changes a constant of wp-config.php; `value` is PHP.
    pub fn set_constant(&mut self, name: &str, value: &str) {
        set(&mut self.constants, name, value);
        self.write_config();
    }

    /// Removes constants from wp-config.php.
    pub fn remove_constants(&mut self, names: &[&str]) {
        self.constants.retain(|(known, _)| !names.contains(&known.as_str()));
        self.write_config();
    }

    /// Removes all eight keys and salts: WordPress then makes its own and keeps them in the options.
    pub fn remove_keys(&mut self) {
        self.remove_constants(&KEYS.map(|(name, _)| name));
    }

    /// Puts another suite's code in the place of this site's, as an update does before anybody visits wp-admin.
    #[track_caller]
    pub fn update_to(&self, suite: &str) {
        for entry in fs::read_dir(&self.site).expect("the site's folder") {
            let path = entry.expect("the site's folder").path();
            if !path.ends_with("wp-content") && !path.ends_with("wp-config.php") {
                fs::remove_file(&path).expect("a file or link of the site");
            }
        }
        fs::remove_file(self.site.join("wp-content/themes")).expect("the link to the themes");
        lay_out(&package(suite), &self.site);
    }

    fn write_config(&self) {
        let mut config = String::from("<?php\n");
        for (name, value) in &self.constants {
            let _ = writeln!(config, "define( '{name}', {value} );");
        }
        let _ = writeln!(config, "\n$table_prefix = {};\n", quoted(&self.prefix));
        config.push_str(
            "if ( ! defined( 'ABSPATH' ) ) {\n\tdefine( 'ABSPATH', __DIR__ . '/' );\n}\n\
             require_once ABSPATH . 'wp-settings.php';\n",
        );
        fs::write(self.site.join("wp-config.php"), config).expect("a writable site folder");
    }

    #[track_caller]
    fn install(&self, url: &str) {
        let code = "
            require_once ABSPATH . 'wp-admin/includes/upgrade.php';
            wp_install( 'Sidecar Site', $args['login'], $args['email'], true, '', wp_slash( $args['password'] ) );
            return $GLOBALS['wpdb']->last_error;
        ";
        let (login, password, email) = ADMIN;
        let args = json!({ "login": login, "password": password, "email": email });
        let answer = self.run(code, &args, Some(url));
        assert!(answer["problems"] == json!([]) && answer["result"] == "", "wp_install: {answer}");
        self.take_mails();
    }

    #[track_caller]
    fn run(&self, code: &str, args: &Value, install_at: Option<&str>) -> Value {
        let variables: serde_json::Map<String, Value> =
            self.server_variables.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let call = json!({
            "wordpress": self.site,
            "server": variables,
            "install_at": install_at,
            "code": code,
            "args": args,
        });
        let call_file = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a temporary file");
        serde_json::to_writer(&call_file, &call).expect("a writable temporary file");
        let mut php = Command::new("php");
        if let Some(cache) = self.server.scratch("opcache") {
            // WordPress's files are compiled once a test process, not once a call.
            php.args(["-d", "opcache.enable_cli=1", "-d", "opcache.file_cache_only=1", "-d"])
                .arg(format!("opcache.file_cache={}", cache.display()));
        }
        let output = php
            .args(["-d", "display_errors=0", "-d", "log_errors=0", "-d", "max_execution_time=120"])
            .arg(self.folder.path().join("run.php"))
            .stdin(Stdio::from(fs::File::open(call_file.path()).expect("the call's file")))
            .output()
            .expect("php runs; script/setup installs it");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "PHP ended with {} and no answer ({error}): {}{}\nrunning: {code}",
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }
}

/// Where a suite's WordPress lies.
fn package(suite: &str) -> PathBuf {
    cached(&format!("wordpress/{suite}/usr/share/wordpress"))
}

/// The package's files as links, except those that find the site by their own place, and a wp-content
/// of the site's own.
fn lay_out(package: &Path, site: &Path) {
    let content = site.join("wp-content");
    for folder in ["mu-plugins", "plugins", "uploads"] {
        fs::create_dir_all(content.join(folder)).expect("a writable temporary folder");
    }
    fs::write(content.join("mu-plugins/sink.php"), SINK).expect("a writable temporary folder");
    symlink(package.join("wp-content/themes"), content.join("themes")).expect("a new link");
    for entry in fs::read_dir(package).expect("the unpacked package") {
        let path = entry.expect("the unpacked package").path();
        let name = path.file_name().expect("a folder's entry");
        if name == "wp-content" || name == "wp-config.php" {
            continue;
        }
        if path.is_file() && path.extension().is_some_and(|extension| extension == "php") {
            fs::copy(&path, site.join(name)).expect("a writable temporary folder");
        } else {
            symlink(&path, site.join(name)).expect("a new link");
        }
    }
}

fn set(list: &mut Vec<(String, String)>, name: &str, value: &str) {
    match list.iter_mut().find(|(known, _)| known == name) {
        Some(entry) => entry.1 = value.into(),
        None => list.push((name.into(), value.into())),
    }
}

/// A PHP string literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
