//! The real binary as a process: its log, its figures, its end.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::app::dump;
use crate::calls::wait_until;
use crate::http::{Request, Response};
use crate::server::Server;
pub use crate::server::own_address;
use crate::wordpress::KEYS;

/// How long anything may take that takes moments on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command that is killed when the thread that started it ends, however it ends.
pub fn tied(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// How the service is to be started.
pub struct Setup {
    settings: Vec<(String, String)>,
    format: &'static str,
    open_files: Option<String>,
    no_new_privileges: bool,
    variables: Vec<(&'static str, String)>,
}

impl Setup {
    /// With the keys of the recorded sites; limits are on, mails are off.
    pub fn on(database_url: &str) -> Self {
        let keys =
            KEYS.iter().map(|(name, value)| (format!("keys.{}", name.to_lowercase()), (*value).to_owned()));
        Self::with(keys.collect())
            .set("database.url", database_url)
            .set("wordpress.version", "6.8")
            .set("server.listen", "127.0.0.1:0")
            .set("mail.transport", "off")
    }

    /// With what the site's own wp-config.php says; limits are on, mails are off.
    pub fn beside(wordpress: &Path) -> Self {
        Self::with(Vec::new())
            .set("wordpress.path", wordpress.to_str().expect("a plain path"))
            .set("server.listen", "127.0.0.1:0")
            .set("mail.transport", "off")
    }

    fn with(settings: Vec<(String, String)>) -> Self {
        let (open_files, no_new_privileges) = (None, false);
        Self { settings, format: "json", open_files, no_new_privileges, variables: Vec::new() }
    }

    /// One more setting; the last of a name wins.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The log for people instead of JSON.
    pub fn human(mut self) -> Self {
        self.format = "human";
        self
    }

    /// `RUST_LOG`
    pub fn log(self, filter: &str) -> Self {
        self.variable("RUST_LOG", filter)
    }

    /// An environment variable.
    pub fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// How many files it may open at first, and in the end.
    pub fn open_files(mut self, soft: u32, hard: u32) -> Self {
        self.open_files = Some(format!("--nofile={soft}:{hard}"));
        self
    }

    /// Nothing that it starts may gain rights.
    pub fn no_new_privileges(mut self) -> Self {
        self.no_new_privileges = true;
        self
    }

    fn command(&self) -> Command {
        let binary = env!("CARGO_BIN_EXE_wp-sidecar");
        let mut command = match &self.open_files {
            Some(limits) => {
                let mut command = tied("prlimit");
                command.args([limits, binary]);
                command
            }
            None if self.no_new_privileges => {
                let mut command = tied("setpriv");
                command.args(["--no-new-privs", binary]);
                command
            }
            None => tied(binary),
        };
        command.args(["serve", "--log-format", self.format]).env_remove("RUST_LOG").stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        for (name, value) in &self.settings {
            command.args(["--set", &format!("{name}={value}")]);
        }
        command
    }

    /// Runs it where it is to fail at once.
    pub fn run(&self) -> Output {
        self.command().output().expect("the binary runs; setpriv is of util-linux")
    }

    /// Starts it and waits until it listens.
    #[track_caller]
    pub fn start_unready(self) -> Service {
        let metrics = own_address();
        let setup = self.set("metrics.listen", &metrics.to_string());
        let mut process = setup
            .command()
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs; setpriv is of util-linux");
        let stderr = BufReader::new(process.stderr.take().expect("its log"));
        let log = Arc::new(Log::default());
        std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in stderr.split(b'\n').map_while(Result::ok) {
                    log.lines.lock().expect("the log").push(line);
                    log.changed.notify_all();
                }
            }
        });
        let mut service = Service {
            process,
            log,
            address: ([127, 0, 0, 1], 0).into(),
            metrics,
            json: setup.format == "json",
        };
        let line = service.wait_for_line("listening");
        let mark = if service.json { "\"listen\":\"" } else { "listen=" };
        let (_, address) = line.split_once(mark).expect("an address");
        let end =
            address.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(address.len());
        service.address = address[..end].parse().expect("an address");
        service
    }

    /// Starts it and waits until it has read the site.
    #[track_caller]
    pub fn start(self) -> Service {
        let service = self.start_unready();
        wait_until("the service is ready", || service.get("/health/ready").status == 200);
        service
    }
}

/// What it wrote so far, by line.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<Vec<u8>>>,
    changed: Condvar,
}

/// The running service, killed when the test is over.
pub struct Service {
    process: Child,
    log: Arc<Log>,
    pub address: SocketAddr,
    /// `metrics.listen`
    pub metrics: SocketAddr,
    json: bool,
}

impl Service {
    /// On a fresh copy of the recorded site, with the database's name.
    #[track_caller]
    pub fn recorded(server: &'static Server, set: impl FnOnce(Setup) -> Setup) -> (Self, String) {
        let database = server.database_from(&dump("6.8"));
        (set(Setup::on(&server.url(&database))).start(), database)
    }

    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.address)
    }

    #[track_caller]
    pub fn get(&self, target: &str) -> Response {
        self.send(&Request::get(target))
    }

    /// `/metrics`
    #[track_caller]
    pub fn figures(&self) -> String {
        let answer = Request::get("/metrics").send(self.metrics);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        answer.text()
    }

    /// A figure of `/metrics`, with its labels as they are written; `None` when it is not there.
    #[track_caller]
    pub fn figure(&self, name: &str) -> Option<f64> {
        let text = self.figures();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|number| number.parse().expect("a number"))
    }

    /// The log as it is now.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.log.lines.lock().expect("the log");
        lines.iter().map(|line| String::from_utf8(line.clone()).expect("a log of UTF-8")).collect()
    }

    /// Waits for a line with that text.
    #[track_caller]
    pub fn wait_for_line(&self, text: &str) -> String {
        let begun = Instant::now();
        let mut lines = self.log.lines.lock().expect("the log");
        loop {
            let found =
                lines.iter().map(|line| String::from_utf8_lossy(line)).find(|line| line.contains(text));
            if let Some(found) = found {
                return found.into_owned();
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            assert!(
                !left.is_zero(),
                "{text} is not in the log:\n{}",
                String::from_utf8_lossy(&lines.join(&b'\n'))
            );
            lines = self.log.changed.wait_timeout(lines, left).expect("the log").0;
        }
    }

    /// All events, each line one of them.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let parse =
            |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.lines().iter().map(parse).collect()
    }

    /// The events of that name.
    #[track_caller]
    pub fn events_of(&self, event: &str) -> Vec<Value> {
        self.events().into_iter().filter(|found| found["event"] == event).collect()
    }

    /// Processor time that threads of that name took so far, in hundredths of a second.
    pub fn busy_ticks(&self, name: &str) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("its threads");
        let ticks = |task: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
            let (head, rest) = stat.rsplit_once(") ")?;
            // Fields 14 and 15 of proc(5).
            let times = rest.split(' ').skip(11).take(2).map(|number| number.parse::<u64>().expect("ticks"));
            head.split_once('(')?.1.starts_with(name).then(|| times.sum::<u64>())
        };
        tasks.flatten().filter_map(ticks).sum()
    }

    /// How many files it may open.
    pub fn open_files_allowed(&self) -> u64 {
        let limits =
            std::fs::read_to_string(format!("/proc/{}/limits", self.process.id())).expect("its limits");
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("the limit");
        line.split_whitespace().next().expect("a number").parse().expect("a number")
    }

    pub fn signal(&self, name: &str) {
        signal(&self.process, name);
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("a process") {
                return status;
            }
            assert!(begun.elapsed() < limit, "it still runs:\n{}", self.lines().join("\n"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process of the test's own.
#[track_caller]
pub fn signal(process: &Child, name: &str) {
    let told = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
    assert!(told.expect("kill runs").success());
}
