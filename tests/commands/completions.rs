//! Completions, in the shells themselves.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::beside::{run, utf8};

/// A folder with the script of a shell, under the name that the shell looks for.
fn script(shell: &str, file: &str) -> TempDir {
    let done = run(&["completions", shell], "");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{shell}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, done.stdout).expect("a file");
    folder
}

/// What a program prints; it says nothing else, and does not wait for ever.
#[track_caller]
fn output(arguments: &[&str], folder: &TempDir) -> String {
    let done = Command::new("timeout")
        .arg("60")
        .args(arguments)
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .env("TERM", "dumb")
        .current_dir(folder.path())
        .output()
        .expect("timeout is of coreutils");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(done.stdout), text(done.stderr));
    assert!(done.status.success() && stderr.is_empty(), "{arguments:?}: {stderr}\n{stdout}");
    stdout
}

/// What a shell at a terminal of its own makes of lines that end with a tab. What it would run is a function that says
/// how it was called.
#[track_caller]
fn typed(shell: &str, setup: &str, lines: &[&str], folder: &TempDir) -> Vec<String> {
    let program = r#"
        zmodload zsh/zpty
        zpty shell "$1"
        zpty -w shell "$2"
        zpty -w shell 'wp-sidecar() { printf "called with: %s;\n" "$*"; }'
        shift 2
        for line; do
            zpty -w shell "$line"$'\t'
            zpty -r shell text $'*called with: [a-z]*;'
            print -r -- "${text##*called with: }"
        done
        zpty -d shell
    "#;
    let text = output(&[&["zsh", "-f", "-c", program, "zsh", shell, setup], lines].concat(), folder);
    text.lines().map(|line| line.trim_end_matches([' ', ';']).to_owned()).collect()
}

#[test]
fn bash_completes_what_is_typed_before_a_tab() {
    let folder = script("bash", "bash-completion/completions/wp-sidecar");
    fs::write(folder.path().join("settings.toml"), "").expect("a file");
    fs::create_dir(folder.path().join("wordpress")).expect("a folder");
    // bash-completion finds the script by itself, and loads it at the first tab.
    let setup = "source /usr/share/bash-completion/bash_completion";
    for (line, completed) in [
        ("wp-sidecar che", "check"),
        ("wp-sidecar cookie ins", "cookie inspect"),
        ("wp-sidecar sessions end anna --ses", "sessions end anna --session"),
        ("wp-sidecar serve --wp", "serve --wp-path"),
        ("wp-sidecar serve --wp-path w", "serve --wp-path wordpress/"),
        ("wp-sidecar serve --config set", "serve --config settings.toml"),
        ("wp-sidecar serve --log-format h", "serve --log-format human"),
        ("wp-sidecar openapi --format p", "openapi --format postman"),
        ("wp-sidecar completions e", "completions elvish"),
    ] {
        assert_eq!(typed("bash --norc -i", setup, &[line], &folder), [completed]);
    }
}

#[test]
fn fish_completes_commands_with_what_they_do() {
    let folder = script("fish", "fish/completions/wp-sidecar.fish");
    // fish offers nothing for a program that is not there.
    let binary = env!("CARGO_BIN_EXE_wp-sidecar");
    std::os::unix::fs::symlink(binary, folder.path().join("wp-sidecar")).expect("a link");
    let offered = |line: &str| {
        let program = format!("set -p PATH {}; complete -C '{line}'", utf8(folder.path()));
        let text = output(&["fish", "--private", "-c", &program], &folder);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(offered("wp-sidecar sess"), ["sessions\tList or end a user\'s sessions"]);
    assert_eq!(
        offered("wp-sidecar cookie issue --seco"),
        ["--seconds\tHow long it holds; no longer than auth.max_cookie_seconds"]
    );
    assert!(offered("wp-sidecar cookie ").iter().any(|line| line.starts_with("inspect\t")));
}

#[test]
fn zsh_completes_what_is_typed_before_a_tab() {
    let folder = script("zsh", "_wp-sidecar");
    let setup = format!("fpath=({} $fpath); autoload -Uz compinit; compinit -u -D", utf8(folder.path()));
    let lines = [
        "wp-sidecar che",
        "wp-sidecar cookie ins",
        "wp-sidecar serve --wp-p",
        "wp-sidecar serve --log-format=h",
    ];
    assert_eq!(
        typed("zsh -f -i", &setup, &lines, &folder),
        ["check", "cookie inspect", "serve --wp-path", "serve --log-format=human"]
    );
}

#[test]
fn the_scripts_for_other_shells_name_all_commands() {
    for shell in ["elvish", "powershell"] {
        let done = run(&["completions", shell], "");
        assert_eq!(done.code, 0);
        for command in ["serve", "check", "sessions;end"] {
            assert!(done.stdout.contains(&format!("wp-sidecar;{command}")), "{shell}: {command}");
        }
    }
}
