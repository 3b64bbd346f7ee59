//! The unit, as systemd's own tools see it.

use std::fs;
use std::process::Command;

use crate::package::{output, project, unpacked};

/// How exposed the service may be, in tenths: systemd's own sum of what a unit leaves open, from 0 to 100. What is left
/// is the network, unix sockets, the site's files and the service's own priorities.
const EXPOSURE: &str = "20";

#[test]
fn systemd_understands_every_line_with_the_paths_of_the_package() {
    let content = unpacked();
    let unit = content.path().join("usr/lib/systemd/system/wp-sidecar.service");
    // systemd-analyze looks for the program, and asks man for the page that the unit names.
    let program = content.path().join("usr/bin/wp-sidecar");
    let text = fs::read_to_string(&unit).expect("the unit");
    let text = text.replace("ExecStart=/usr/bin/wp-sidecar ", &format!("ExecStart={} ", program.display()));
    assert!(text.contains(program.to_str().expect("UTF-8")));
    fs::write(&unit, text).expect("the unit");
    let said = output(
        Command::new("systemd-analyze")
            .args(["verify", "--recursive-errors=no"])
            .arg(&unit)
            .env("MANPATH", content.path().join("usr/share/man")),
    );
    assert_eq!(said, "");
}

#[test]
fn systemd_finds_it_no_more_exposed_than_is_written_down() {
    let said = output(
        Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE])
            .arg(project("packaging/systemd/wp-sidecar.service")),
    );
    assert!(said.contains("Overall exposure level for wp-sidecar.service: "), "{said}");
}

#[test]
fn it_may_open_as_many_files_as_the_largest_setting_needs() {
    let unit = fs::read_to_string(project("packaging/systemd/wp-sidecar.service")).expect("the unit");
    let limit = unit.lines().find_map(|line| line.strip_prefix("LimitNOFILE=1024:")).expect("the limit");
    // Two for each connection, and those besides; limits.connections is 100000 at most.
    assert!(limit.parse::<u64>().expect("a number") >= 2 * 100_000 + 1024);
}
