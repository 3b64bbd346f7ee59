//! What the image and the compose file say, as far as it shows without a container engine: linted, read by compose, and
//! held against the project. `tests/web_servers` runs the same arrangement without containers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn project(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn text(file: &str) -> String {
    fs::read_to_string(project(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The compose file as compose itself understands it.
fn composed() -> Value {
    let done = Command::new("docker-compose")
        .args(["--file", "docker-compose.yml", "config"])
        .current_dir(project(""))
        .env_remove("SITE_PORT")
        .env_remove("MAIL_PORT")
        .output()
        .expect("docker-compose runs; script/setup installs it");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), &done.stdout).expect("a temporary file");
    let done = Command::new("/usr/bin/python3")
        .args(["-c", script])
        .arg(file.path())
        .output()
        .expect("Debian's Python; script/setup installs its yaml");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// What the Dockerfile copies out of the project.
fn copied() -> Vec<String> {
    let dockerfile = text("Dockerfile");
    let lines = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY "));
    let sources = lines.filter(|line| !line.contains("--from=")).flat_map(|line| {
        let mut words: Vec<_> =
            line.split(' ').filter(|word| !word.starts_with("--")).map(str::to_owned).collect();
        words.pop();
        words
    });
    sources.collect()
}

#[test]
fn the_linter_has_nothing_to_say_about_the_dockerfile() {
    #[expect(clippy::disallowed_methods, reason = "a test finds its programs by the environment")]
    let cache = std::env::var_os("WP_SIDECAR_TEST_CACHE").map_or_else(|| project(".cache"), PathBuf::from);
    let done = Command::new(cache.join("hadolint/bin/hadolint"))
        .arg(project("Dockerfile"))
        .output()
        .expect("script/fetch brings hadolint");
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn the_image_gets_all_that_is_built_in_and_nothing_that_is_kept_from_it() {
    let (copied, ignored) = (copied(), text(".dockerignore"));
    let lines: Vec<&str> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines[0], "*");
    let allowed: Vec<&str> = lines[1..].iter().filter_map(|line| line.strip_prefix('!')).collect();
    assert_eq!(allowed.len(), lines.len() - 1);
    for source in &copied {
        assert!(project(source).exists(), "{source} is copied and not there");
        assert!(allowed.contains(&source.as_str()), "{source} is copied and ignored");
    }
    // The demo's database is part of the binary; what tests include is not built.
    let demo = text("src/cli/demo.rs");
    let included: Vec<&str> = demo
        .split("include_str!(\"../../")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .collect();
    assert_eq!(included.len(), 2, "{included:?}");
    for file in included {
        assert!(copied.iter().any(|source| source == file), "{file} is built in and not copied");
    }
}

#[test]
fn the_image_runs_as_nobody_in_particular_and_tells_its_health() {
    let dockerfile = text("Dockerfile");
    let last = |word: &str| {
        let line = dockerfile.lines().rfind(|line| line.starts_with(word));
        line.unwrap_or_else(|| panic!("no {word}")).to_owned()
    };
    let user: u32 = last("USER ")
        .trim_start_matches("USER ")
        .split(':')
        .next()
        .expect("a user")
        .parse()
        .expect("a number");
    assert!(user > 1000);
    assert!(last("FROM ").contains("-slim"));
    for word in ["EXPOSE 8080", "STOPSIGNAL SIGTERM", "HEALTHCHECK ", "ENTRYPOINT "] {
        let _ = last(word);
    }
}

#[test]
fn everything_that_goes_on_running_is_watched_and_no_port_is_open_to_others() {
    let file = composed();
    let services = file["services"].as_object().expect("services");
    let mut names: Vec<&str> = services.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["install", "mail", "mysql", "web", "wordpress", "wp-sidecar"]);
    for (name, service) in services {
        // It ends; who waits for it says so.
        assert_eq!(service["healthcheck"]["test"].is_null(), name == "install", "{name}");
        for port in service["ports"].as_array().into_iter().flatten() {
            let own = port
                .as_str()
                .map_or_else(|| port["host_ip"] == "127.0.0.1", |text| text.starts_with("127.0.0.1:"));
            assert!(own, "{name} opens {port}");
        }
    }
    assert!(services["wp-sidecar"]["ports"].is_null(), "the service is reached through the web server alone");
    assert_eq!(
        services["wp-sidecar"]["depends_on"]["install"]["condition"],
        "service_completed_successfully"
    );
}

#[test]
fn who_reads_wp_config_php_has_the_environment_that_it_asks() {
    let file = composed();
    let asked = |service: &str| {
        let variables = file["services"][service]["environment"].as_object().expect("variables").clone();
        variables.into_iter().filter(|(name, _)| name.starts_with("WORDPRESS_")).collect::<Vec<_>>()
    };
    assert_eq!(asked("wordpress").len(), 4);
    for service in ["install", "wp-sidecar"] {
        assert_eq!(asked(service), asked("wordpress"), "{service}");
    }
}

#[test]
fn the_service_and_the_web_server_may_not_write_to_the_site() {
    let file = composed();
    for service in ["wp-sidecar", "web"] {
        let volumes = file["services"][service]["volumes"].as_array().expect("volumes");
        let reads = volumes.iter().all(|volume| {
            volume["read_only"] == true || volume.as_str().is_some_and(|text| text.ends_with(":ro"))
        });
        assert!(reads && !volumes.is_empty(), "{service}: {volumes:?}");
    }
}

#[test]
fn the_tests_database_is_where_the_header_says() {
    let header = text("docker-compose.yml");
    assert!(header.contains("TEST_DATABASE_URL=mysql://root:wp-sidecar-tests@127.0.0.1:33060 "));
    let file = composed();
    let mysql = &file["services"]["mysql"];
    assert_eq!(mysql["image"], "mysql:8.4");
    assert_eq!(mysql["environment"]["MYSQL_ROOT_PASSWORD"], "wp-sidecar-tests");
    assert!(mysql["ports"].to_string().contains("33060"), "{}", mysql["ports"]);
    // `up mysql` starts nothing else.
    assert!(mysql["depends_on"].is_null());
}
