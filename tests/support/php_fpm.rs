//! A php-fpm for the folder of a test: its configuration and the command that runs it.
//!
//! Not here: the web server in front, and who ends the process.

#![allow(
    clippy::expect_used,
    reason = "shared by a test crate and the benchmark; a failure here is a failed test"
)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it listens.
pub fn socket(folder: &Path) -> PathBuf {
    folder.join("php.sock")
}

/// Writes the configuration into the folder; the command stays in the foreground.
pub fn command(folder: &Path, children: usize) -> Command {
    let root = fs::metadata(folder).expect("a folder").uid() == 0;
    let pool_user = if root { "user = root\ngroup = root\n" } else { "" };
    // Sites in containers are told of themselves by variables.
    let configuration = format!(
        "[global]\nerror_log = {}\ndaemonize = no\n[www]\n{pool_user}listen = {}\nclear_env = no\npm = static\n\
         pm.max_children = {children}\n",
        folder.join("php.log").display(),
        socket(folder).display(),
    );
    fs::write(folder.join("php-fpm.conf"), configuration).expect("a writable folder");
    let mut command = Command::new(program());
    command.arg("--nodaemonize").arg("--fpm-config").arg(folder.join("php-fpm.conf"));
    if root {
        command.arg("--allow-to-run-as-root");
    }
    command
}

/// Debian names it after PHP's version.
fn program() -> PathBuf {
    let programs = fs::read_dir("/usr/sbin").expect("/usr/sbin");
    let mut found: Vec<PathBuf> = programs
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("php-fpm")))
        .collect();
    found.sort();
    found.pop().expect("php-fpm; script/setup installs it")
}
