//! The manual, as those render it who show it to people.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::beside::{run, utf8};

/// All pages, in a folder.
fn pages() -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("new/man1");
    let done = run(&["man", "--dir", utf8(&target)], "");
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, "", ""));
    let mut pages: Vec<PathBuf> =
        fs::read_dir(&target).expect("pages").map(|entry| entry.expect("a page").path()).collect();
    pages.sort();
    assert!(pages.len() > 10, "{pages:?}");
    (folder, pages)
}

/// The page as a reader of 80 columns sees it; groff has nothing to say against it.
#[track_caller]
fn shown(page: &str) -> String {
    let done = Command::new("man")
        .args(["--warnings", "--local-file", page])
        .envs([("LC_ALL", "C.UTF-8"), ("MANWIDTH", "80"), ("MANROFFSEQ", "")])
        .output()
        .expect("man is of man-db");
    assert!(
        done.status.success() && done.stderr.is_empty(),
        "{page}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).expect("UTF-8")
}

#[test]
fn every_page_renders_without_a_warning_and_has_its_sections() {
    let (_folder, pages) = pages();
    for page in &pages {
        let text = shown(utf8(page));
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
            assert!(text.lines().any(|line| line == section), "{} lacks {section}", page.display());
        }
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(
            text.split_whitespace().collect::<Vec<_>>().join(" ").contains(&format!("NAME {name} - ")),
            "{text}"
        );
        let foot = text.lines().rev().find(|line| !line.is_empty()).expect("lines");
        assert!(foot.starts_with(concat!("wp-sidecar ", env!("CARGO_PKG_VERSION"), " ")), "{foot}");
    }
}

#[test]
fn mandoc_finds_nothing_that_matters() {
    let (_folder, pages) = pages();
    let done = Command::new("mandoc")
        .args(["-T", "lint", "-W", "warning"])
        .args(&pages)
        .output()
        .expect("mandoc runs");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    // Pages without a date are the same on every day; the breaks are the generator's, around possible values.
    let known =
        ["missing date", "skipping paragraph macro: br before sp", "skipping paragraph macro: br after sp"];
    let rest: Vec<&str> =
        text.lines().filter(|line| !known.iter().any(|known| line.contains(known))).collect();
    assert!(text.contains("missing date") && rest.is_empty(), "{rest:#?}");
}

#[test]
fn the_main_page_is_printed_and_tells_of_files_and_variables() {
    let done = run(&["man"], "");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("printed.1");
    fs::write(&page, &done.stdout).expect("a file");
    let text = shown(utf8(&page));
    for told in [
        "WP-SIDECAR(1)",
        "wp-sidecar [--log-format] [-h|--help] [-V|--version] <command>",
        "ENVIRONMENT\n       RUST_LOG\n",
        "       WP_SIDECAR__SECTION__KEY\n",
        "FILES\n       wp-config.php\n",
        "       /etc/wp-sidecar/wp-sidecar.toml\n",
        "           wp-sidecar check --wp-path /var/www/html\n",
        "wp-sidecar-sessions-end(1)",
    ] {
        assert!(text.contains(told), "{told:?} is missing:\n{text}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let done = run(&["man", "--dir", utf8(&file)], "");
    assert_eq!(done.code, 1);
    assert_eq!(done.stderr, format!("wp-sidecar: {}: File exists (os error 17)\n", file.display()));
}
