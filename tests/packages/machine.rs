//! A machine that is thrown away: a systemd of its own as process 1, on a copy of this machine's file system.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::package::project;

/// What goes into the machine as `/shared`, and its program.
pub struct Machine {
    shared: TempDir,
}

impl Machine {
    pub fn new() -> Self {
        Self { shared: tempfile::tempdir().expect("a folder") }
    }

    pub fn shared(&self) -> &Path {
        self.shared.path()
    }

    /// Runs a program of bash as root and gives what it printed; it succeeds. A unix socket comes along as the
    /// database's. `None` where no machine comes up: within a container the kernel lets nobody mount or boot.
    #[track_caller]
    pub fn run(&self, program: &str, socket: Option<&Path>) -> Option<String> {
        fs::write(self.shared().join("program"), program).expect("a file");
        // Mounting takes root.
        let mut command = if rustix::process::geteuid().is_root() {
            Command::new("unshare")
        } else {
            let mut command = Command::new("sudo");
            command.args(["--non-interactive", "unshare"]);
            command
        };
        command.args(["--mount", "--propagation", "private", "bash"]);
        command.arg(project("tests/packages/machine.sh")).arg(self.shared()).args(socket);
        let done = command.output().expect("unshare is of util-linux");
        let read = |file| fs::read_to_string(self.shared().join(file)).unwrap_or_default();
        let (output, code) = (read("output"), read("code"));
        let told = String::from_utf8_lossy(&done.stderr);
        if !self.shared().join("booted").exists() {
            // Past the tests' own capture: whoever reads the log is to know.
            let _ = writeln!(io::stderr(), "NOT TRIED, no machine comes up here: {told}{}", read("console"));
            return None;
        }
        assert!(
            done.status.success() && code == "0\n",
            "{}, code {code}:\n{output}\n{}\n{}",
            done.status,
            read("console"),
            told
        );
        Some(output)
    }
}
