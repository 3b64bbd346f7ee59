//! `wp-sidecar demo` and the command line as a person meets them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a failure here is a failed test, in helpers too"
)]

#[path = "support/http.rs"]
mod http;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use http::Request;

const BINARY: &str = env!("CARGO_BIN_EXE_wp-sidecar");

/// The demo, killed when the test fails.
struct Demo {
    process: Child,
    site: String,
    text: String,
}

impl Demo {
    fn start(temporary: &std::path::Path) -> Self {
        let mut process = Command::new(BINARY)
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", temporary)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut text = String::new();
        // The look-up of a user is the last thing it says.
        while !text.contains("user_id=1") {
            text.push_str(&lines.next().expect("more output").expect("text"));
            text.push('\n');
        }
        let site = &text[text.find("http://").expect("an address")..];
        let site = site.split(' ').next().expect("an address").to_owned();
        Self { process, site, text }
    }

    fn stop(&mut self, signal: &str) -> std::process::ExitStatus {
        let told = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        self.process.wait().expect("it ends")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_demo_serves_what_it_prints_and_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM"] {
        let temporary = tempfile::tempdir().expect("a folder");
        let mut demo = Demo::start(temporary.path());
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
        // The printed lines work as they stand in a shell.
        let lines: Vec<&str> = demo.text.lines().filter(|line| line.starts_with("  ")).collect();
        let script = lines.join("\n");
        let run = Command::new("bash").args(["-ec", &script]).output().expect("bash and curl");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        for expected in [
            "\"cookie_admin\": \"anna|",
            "{\"status\":\"ok\",\"valid\":true}",
            "\"displayname\": \"Ada Admin\"",
            "\"username\":\"carl\"",
            "{\"status\":\"ok\",\"color\":[\"green\"]}",
            "\"Location\":\"Oslo\"",
            "{\"status\":\"ok\",\"comment_id\":",
        ] {
            assert!(printed.contains(expected), "{expected} is missing in {printed}");
        }
        let address = demo.site.trim_start_matches("http://").parse().expect("an address");
        assert_eq!(Request::get("/health/ready").send(address).text(), "ready\n");
        assert!(demo.stop(signal).success(), "{signal}");
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn a_killed_demo_takes_its_server_along() {
    let temporary = tempfile::tempdir().expect("a folder");
    let mut demo = Demo::start(temporary.path());
    demo.stop("-KILL");
    let folder = temporary.path().to_str().unwrap().to_owned();
    let serves = || {
        let found = Command::new("pgrep").args(["-f", &format!("datadir={folder}")]).status();
        found.expect("pgrep runs").success()
    };
    let waited = (0..100).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        !serves()
    });
    assert!(waited.is_some(), "the server outlived its demo");
}

#[test]
fn what_is_wrong_is_said_in_one_line_and_fails() {
    let say = |arguments: &[&str]| {
        let done = Command::new(BINARY).args(arguments).output().expect("the binary runs");
        assert!(!done.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    assert_eq!(
        say(&["serve"]),
        "wp-sidecar: no database: set wordpress.path to the site's folder, or database.url\n"
    );
    assert_eq!(
        say(&["serve", "--set", "server.listn=x"]),
        "wp-sidecar: command line: unknown setting server.listn; did you mean server.listen?\n"
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = say(&["serve", "--set", "database.url=mysql://u@127.0.0.1/d", "--listen", &address]);
    assert!(text.starts_with(&format!("wp-sidecar: server.listen = {address}: ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}
