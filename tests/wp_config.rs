//! `wp-config.php` as the service reads it, held against PHP itself: every constant PHP defines must have the
//! same value here, or be reported as unresolved. Needs the `php` command.

#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of tests fail like the tests themselves")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wp_sidecar::settings::wp_config::{ConstValue, WpConfig};

/// Runs a configuration as WordPress would and prints what it has defined, in a form `written` makes too.
const DRIVER: &str = r#"<?php
error_reporting(0);
function written_form($v) {
    if (is_array($v)) {
        $items = '';
        foreach ($v as $key => $item) { $items .= written_form($key) . '=' . written_form($item) . ';'; }
        return "a($items)";
    }
    if (is_float($v)) { return 'f' . bin2hex(pack('E', $v)); }
    if (is_string($v)) { return 's' . bin2hex($v); }
    if (is_bool($v)) { return $v ? 'b1' : 'b0'; }
    return $v === null ? 'n' : "i$v";
}
register_shutdown_function(function () {
    while (ob_get_level()) { ob_end_clean(); }
    foreach (get_defined_constants(true)['user'] ?? [] as $name => $value) {
        echo "$name ", written_form($value), "\n";
    }
    if (isset($GLOBALS['table_prefix'])) { echo '$table_prefix ', written_form($GLOBALS['table_prefix']), "\n"; }
});
define('ABSPATH', $argv[1] . '/');
chdir($argv[1]);
ob_start();
require $argv[2];
"#;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn written(value: &ConstValue) -> String {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes everything");
            text
        })
    };
    match value {
        ConstValue::Null => "n".to_owned(),
        ConstValue::Bool(value) => format!("b{}", u8::from(*value)),
        ConstValue::Int(value) => format!("i{value}"),
        ConstValue::Float(value) => format!("f{}", hex(&value.to_be_bytes())),
        ConstValue::Str(bytes) => format!("s{}", hex(bytes)),
        ConstValue::Array(items) => {
            let items: Vec<String> =
                items.iter().map(|(key, item)| format!("{}={};", written(key), written(item))).collect();
            format!("a({})", items.concat())
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test finds its programs by the path")]
fn php(abspath: &Path, config: &Path, environment: Pairs) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder for the driver");
    let driver = folder.path().join("driver.php");
    fs::write(&driver, DRIVER).expect("the driver is written");
    let output = Command::new("php")
        .args(["-d", "variables_order=EGPCS", "-d", "display_errors=0", "-d", "log_errors=0"])
        .arg(&driver)
        .args([abspath, config])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment.iter().copied())
        .output()
        .expect("these tests compare with PHP: install the command `php` with mysqli (Debian: php-cli, php-mysql)");
    let text = String::from_utf8(output.stdout).expect("the driver prints ASCII");
    text.lines().filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// Reads the site in `abspath` both ways, compares, and gives the configuration with what is unresolved.
fn compare(abspath: &Path, environment: Pairs) -> (WpConfig, Vec<String>) {
    let abspath = abspath.canonicalize().expect("the site exists");
    let env = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    let config = WpConfig::find(&abspath, &env).expect("there is a wp-config.php");
    let genuine = php(&abspath, config.path(), environment);
    assert!(genuine.len() > 1, "PHP itself cannot run the file");
    for (name, value) in genuine.iter().filter(|(name, _)| !name.starts_with('$')) {
        match config.constant(name) {
            Ok(Some(constant)) => assert_eq!(&written(&constant.value), value, "{name} differs"),
            Ok(None) => panic!("{name} is defined by PHP and missing here"),
            Err(unresolved) => assert_eq!(&unresolved.name, name),
        }
    }
    for name in config.names().filter(|name| matches!(config.constant(name), Ok(Some(_)))) {
        assert!(genuine.contains_key(name), "{name} is defined here and not by PHP");
    }
    let unresolved = config.unresolved().map(|unresolved| unresolved.name.clone()).collect();
    if let Ok(prefix) = config.table_prefix() {
        let prefix = prefix.map(|prefix| written(&ConstValue::Str(prefix.into_bytes())));
        assert_eq!(prefix.as_ref(), genuine.get("$table_prefix"), "the prefix differs");
    }
    (config, unresolved)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wp-config").join(name)
}

/// A site of its own with the text as its configuration.
fn site(text: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the site");
    fs::write(folder.path().join("wp-config.php"), text).expect("the configuration is written");
    fs::write(folder.path().join("wp-settings.php"), "<?php exit;").expect("the stub is written");
    folder
}

fn compare_fixture(name: &str, environment: Pairs) -> (WpConfig, Vec<String>) {
    let text = fs::read(fixture(name)).expect("the fixture is there");
    compare(site(&text).path(), environment)
}

fn string(config: &WpConfig, name: &str) -> String {
    config.string(name).expect("the constant can be told").expect("the constant is defined")
}

#[test]
fn the_installers_file_is_read_as_php_reads_it() {
    let (config, unresolved) = compare_fixture("sample.php", &[]);
    assert_eq!(unresolved, [""; 0]);
    assert_eq!(config.constant("TOO_LATE").expect("nothing is in doubt").map(|constant| constant.line), None);
    assert_eq!(config.constant("DB_NAME").expect("known").expect("defined").line, 10);
    assert!(config.problems().is_empty());
}

#[test]
fn dockers_file_without_environment_gives_the_defaults() {
    let (config, unresolved) = compare_fixture("docker.php", &[]);
    assert_eq!(unresolved, [""; 0]);
    assert_eq!(string(&config, "DB_HOST"), "mysql:3306");
}

#[test]
fn dockers_file_takes_the_environment_secret_files_and_extra_code() {
    let folder = tempfile::tempdir().expect("a folder for the secret");
    let secret = folder.path().join("password");
    fs::write(&secret, "from a file \r\n\n").expect("the secret is written");
    let (config, unresolved) = compare_fixture(
        "docker.php",
        &[
            ("WORDPRESS_DB_NAME", "other"),
            ("WORDPRESS_DB_USER", ""),
            ("WORDPRESS_DB_PASSWORD", "not this one"),
            ("WORDPRESS_DB_PASSWORD_FILE", secret.to_str().expect("a plain path")),
            ("WORDPRESS_DEBUG", "1"),
            ("WORDPRESS_TABLE_PREFIX", "Site7_"),
            (
                "WORDPRESS_CONFIG_EXTRA",
                "define('WP_HOME', 'https://' . DB_NAME . '.test'); $table_prefix .= 'x_';",
            ),
        ],
    );
    assert_eq!(unresolved, [""; 0]);
    assert_eq!(string(&config, "DB_PASSWORD"), "from a file ");
    assert_eq!(config.table_prefix(), Ok(Some("Site7_x_".to_owned())));
}

#[test]
fn a_file_of_environment_variables_is_read_as_php_reads_it() {
    let everything: Pairs = &[
        ("DB_NAME", "name"),
        ("DB_USER", "someone"),
        ("DB_PASSWORD", "p'\"$\\"),
        ("EMPTY", ""),
        ("SITE", "a.test"),
        ("MULTI", "On"),
        ("DAYS", "7 days"),
        ("WP_AUTH_KEY", "key"),
        ("STAGE", "production"),
        ("PREFIX", "p_"),
    ];
    assert_eq!(compare_fixture("environment.php", everything).1, [""; 0]);
    assert_eq!(compare_fixture("environment.php", &[("SITE", "b.test"), ("STAGE", "staging")]).1, [""; 0]);
}

#[test]
fn every_form_of_string_is_read_as_php_reads_it() {
    assert_eq!(compare_fixture("strings.php", &[]).1, [""; 0]);
}

#[test]
fn values_operators_and_functions_are_those_of_php() {
    // Loops that are not run, `try`, and a label that the grammar does not know.
    assert_eq!(compare_fixture("values.php", &[]).1, ["LABELLED", "NEVER", "TRIED"]);
}

#[test]
fn odd_but_legal_php_is_read_as_php_reads_it() {
    // Arrays that are compared, a list with gaps, `print`, a function without name.
    let environment: Pairs = &[("YES", "TRUE"), ("NO", "False"), ("TEXT", "t")];
    assert_eq!(compare_fixture("oddities.php", environment).1, ["O24", "O32", "O67", "O68"]);
}

#[test]
fn what_depends_on_the_request_is_unresolved_and_the_rest_is_not() {
    let (config, unresolved) = compare_fixture("command-line.php", &[]);
    assert_eq!(unresolved, ["WP_HOME"]);
    assert_eq!(config.int("MYSQL_CLIENT_FLAGS"), Ok(Some(2048 | 64)));
    assert_eq!(string(&config, "BEFORE"), "known");
}

#[test]
fn calls_into_a_library_are_reported_one_by_one() {
    let (config, unresolved) =
        compare(&fixture("bedrock/web/wp"), &[("DB_NAME", "x"), ("WP_HOME", "https://a.test")]);
    let expected =
        ["DB_CHARSET", "DB_HOST", "DB_NAME", "DB_PASSWORD", "DISALLOW_FILE_MODS", "WP_HOME", "WP_SITEURL"];
    assert_eq!(unresolved, expected);
    let message = config.constant("DB_NAME").expect_err("the library is not run").to_string();
    assert!(message.starts_with("DB_NAME cannot be told from "), "{message}");
    assert!(message.contains("application.php line 12") && message.contains("Config::define()"), "{message}");
    assert_eq!(string(&config, "WP_ENV"), "production");
    assert_eq!(config.table_prefix(), Ok(Some("site_".to_owned())));
}
