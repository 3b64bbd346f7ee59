//! The rooms and their law: who may use whom, read off the `use` paths and every other path in the code.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a failure here is a failed test, in helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use.
const LAW: &[(&str, &[&str])] = &[
    ("wp", &[]),
    ("ambient", &[]),
    ("settings", &["wp"]),
    ("telemetry", &[]),
    ("store", &["telemetry", "settings", "wp"]),
    ("mail", &["telemetry", "settings", "wp", "ambient"]),
    ("facebook", &["settings"]),
    ("limits", &["telemetry", "settings"]),
    ("account", &["telemetry", "limits", "store", "settings", "ambient", "wp"]),
    ("app", &["telemetry", "account", "facebook", "limits", "mail", "store", "settings", "ambient", "wp"]),
    (
        "http",
        &["telemetry", "app", "account", "facebook", "limits", "mail", "store", "settings", "ambient", "wp"],
    ),
    (
        "cli",
        &[
            "telemetry",
            "http",
            "app",
            "account",
            "facebook",
            "limits",
            "mail",
            "store",
            "settings",
            "ambient",
            "wp",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Crates that one room alone may use.
const HOMES: &[(&str, &str)] = &[
    ("sqlx", "store"),
    ("actix_web", "http"),
    ("actix_web", "cli"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
    ("anyhow", "cli"),
    ("config", "settings"),
    ("toml", "settings"),
    ("lettre", "mail"),
    ("reqwest", "facebook"),
    ("reqwest", "cli"),
    ("governor", "limits"),
    ("redis", "limits"),
    ("opentelemetry", "telemetry"),
    ("opentelemetry_otlp", "telemetry"),
    ("opentelemetry_sdk", "telemetry"),
    ("tracing_opentelemetry", "telemetry"),
    ("tracing_subscriber", "telemetry"),
    ("tracing_subscriber", "cli"),
];

/// Crates that would bring I/O, time, randomness or threads into WordPress's algorithms.
const NOT_IN_WP: &[&str] = &[
    "tokio",
    "actix_web",
    "sqlx",
    "tracing",
    "getrandom",
    "std::fs",
    "std::net",
    "std::time",
    "std::thread",
    "std::env",
    "std::process",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("src") {
        let path = entry.expect("src").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        // Modules of tests may read files and run threads.
        if matches!(name.as_str(), "tests" | "vectors") {
            continue;
        }
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The room of a file: its first folder, or its own name.
fn room(file: &Path) -> String {
    let inner = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("a file of src");
    let first = inner.components().next().expect("a path").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code without comments and without the tests at its end.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The names that stand behind each `prefix::` in the code.
fn names_behind(code: &str, prefix: &str) -> Vec<String> {
    let pattern = format!("{prefix}::");
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for (at, _) in code.match_indices(&pattern) {
        if code[..at].ends_with(word) || code[..at].ends_with("::") {
            continue;
        }
        let rest = &code[at + pattern.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let inner = list.split('}').next().unwrap_or_default();
            names.extend(
                inner.split(',').map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()),
            );
        } else {
            names.push(rest.split(|c| !word(c)).next().unwrap_or_default().to_owned());
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn every_room_uses_only_the_rooms_below_it() {
    let mut looked_at = 0;
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let room = room(&file);
        let (_, allowed) = LAW.iter().find(|(known, _)| *known == room).unwrap_or_else(|| {
            panic!("{} is in no known room; give it a line in this law and in src/lib.rs", file.display())
        });
        let code = code(&file);
        for prefix in ["crate", "wp_sidecar"] {
            for used in names_behind(&code, prefix) {
                let is_room = LAW.iter().any(|(known, _)| *known == used);
                assert!(
                    !is_room || used == room || allowed.contains(&used.as_str()),
                    "{}: the room {room} may not use {used}",
                    file.display()
                );
            }
        }
        looked_at += 1;
    }
    assert!(looked_at > 50, "only {looked_at} files were read");
}

#[test]
fn crates_stay_in_the_rooms_that_are_their_homes() {
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let (room, code) = (room(&file), code(&file));
        for (name, _) in HOMES {
            let at_home = HOMES.iter().any(|(known, home)| known == name && *home == room);
            let used = code.contains(&format!("{name}::")) && !code.contains(&format!("::{name}::"));
            assert!(at_home || !used, "{}: {name} belongs elsewhere", file.display());
        }
    }
}

#[test]
fn wordpresss_algorithms_ask_nothing_of_the_world() {
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wp")) {
        let code = code(&file);
        for name in NOT_IN_WP {
            assert!(!code.contains(&format!("{name}::")), "{} uses {name}", file.display());
        }
        assert!(!code.contains("async "), "{} is not synchronous", file.display());
    }
}
