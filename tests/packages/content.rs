//! What the package holds.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::package::{output, package, unpacked};

fn field(name: &str) -> String {
    output(Command::new("dpkg-deb").arg("--field").arg(package()).arg(name)).trim_end().to_owned()
}

#[test]
fn it_says_what_it_is_and_what_it_needs() {
    assert_eq!(field("Package"), "wp-sidecar");
    assert_eq!(field("Version"), concat!(env!("CARGO_PKG_VERSION"), "-1"));
    assert_eq!(field("Description").lines().next(), Some(env!("CARGO_PKG_DESCRIPTION")));
    let depends = field("Depends");
    let names: Vec<&str> = depends.split(", ").map(|word| word.split(' ').next().unwrap()).collect();
    // adduser is for the maintainer's script, the others are what the binary is linked with.
    assert!(names.contains(&"adduser") && names.contains(&"libc6"), "{depends}");
    assert!(names.iter().all(|name| ["adduser", "libc6", "libgcc-s1"].contains(name)), "{depends}");
}

#[test]
fn its_files_lie_where_they_are_looked_for_and_belong_to_root() {
    let list = output(Command::new("dpkg-deb").arg("--contents").arg(package()));
    let mode_of = |path: &str| {
        let line = list.lines().find(|line| line.ends_with(&format!(" .{path}")));
        line.unwrap_or_else(|| panic!("no {path} in\n{list}")).split(' ').next().expect("a mode")
    };
    assert_eq!(mode_of("/usr/bin/wp-sidecar"), "-rwxr-xr-x");
    assert_eq!(mode_of("/etc/wp-sidecar/wp-sidecar.toml"), "-rw-r-----");
    for path in [
        "/usr/lib/systemd/system/wp-sidecar.service",
        "/usr/share/bash-completion/completions/wp-sidecar",
        "/usr/share/zsh/vendor-completions/_wp-sidecar",
        "/usr/share/fish/vendor_completions.d/wp-sidecar.fish",
        "/usr/share/man/man1/wp-sidecar.1.gz",
        "/usr/share/man/man1/wp-sidecar-sessions-end.1.gz",
        "/usr/share/doc/wp-sidecar/copyright",
        "/usr/share/doc/wp-sidecar/changelog.gz",
        "/usr/share/doc/wp-sidecar/README.md",
        "/usr/share/doc/wp-sidecar/docs/install.md",
        "/usr/share/doc/wp-sidecar/examples/wp-sidecar.toml",
    ] {
        assert_eq!(mode_of(path), "-rw-r--r--", "{path}");
    }
    for line in list.lines() {
        assert_eq!(line.split_whitespace().nth(1), Some("0/0"), "{line}");
    }
    let conffiles = output(Command::new("dpkg-deb").arg("--info").arg(package()).arg("conffiles"));
    assert_eq!(conffiles.trim(), "/etc/wp-sidecar/wp-sidecar.toml");
}

#[test]
fn lintian_has_nothing_to_say_against_it() {
    let said = output(
        Command::new("lintian")
            .args(["--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0"])
            .arg(package()),
    );
    assert_eq!(said, "");
}

#[test]
fn the_settings_in_it_are_understood_those_too_that_are_commented_out() {
    let content = unpacked();
    let binary = content.path().join("usr/bin/wp-sidecar");
    let first_finding = |config: &Path| {
        let done = Command::new(&binary).args(["check", "--json", "--config"]).arg(config).output();
        let report: serde_json::Value =
            serde_json::from_slice(&done.expect("the packed binary runs").stdout).expect("JSON");
        report["findings"][0].clone()
    };
    let config = content.path().join("etc/wp-sidecar/wp-sidecar.toml");
    // The site of the example is not there; that is what is found first, since the settings themselves are right.
    let found = first_finding(&config);
    assert_eq!((&found["check"], &found["status"]), (&"wp-config".into(), &"failed".into()), "{found}");
    let text = fs::read_to_string(&config).expect("the settings");
    let (mut section, mut tried) = ("", 0);
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let Some(setting) = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')) else { continue };
        let alone = content.path().join("alone.toml");
        let site = if section == "[wordpress]" { "" } else { "[wordpress]\npath = \"/nowhere\"\n" };
        fs::write(&alone, format!("{site}{section}\n{setting}\n")).expect("a file");
        let found = first_finding(&alone);
        assert_eq!(found["check"], "wp-config", "{setting}: {found}");
        tried += 1;
    }
    assert_eq!(tried, 4);
}

#[test]
fn packing_leaves_nothing_beside_the_package() {
    let folder = package().parent().expect("a folder");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    assert_eq!(files.collect::<Vec<_>>(), [package()]);
}
