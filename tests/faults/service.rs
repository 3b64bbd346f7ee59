//! The binary itself, as a service manager starts it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::http::{Request, Response};
use crate::server::free_port;
use crate::wordpress::KEYS;

/// How long the process may take to listen. It is there at once; a busy machine gets more.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How many lines of its log a failed test shows.
const LAST_LINES: usize = 40;

/// A running service; it ends when this is dropped.
pub struct Service {
    process: Child,
    pub address: SocketAddr,
    /// Its log is in there.
    folder: TempDir,
}

impl Service {
    /// Starts it and waits until it is alive.
    #[track_caller]
    pub fn start(database_url: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"));
        command.args(["serve", "--listen", &address.to_string()]);
        let mut set = |name: &str, value: &str| {
            command.args(["--set", &format!("{name}={value}")]);
        };
        set("database.url", database_url);
        set("wordpress.version", "6.1");
        set("mail.transport", "off");
        set("limits.enabled", "false");
        for (name, value) in KEYS {
            set(&format!("keys.{}", name.to_lowercase()), value);
        }
        for (name, value) in settings {
            set(name, value);
        }
        let log = File::create(folder.path().join("log")).expect("a writable temporary folder");
        let errors = log.try_clone().expect("a file");
        let process = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        let service = Self { process: process.expect("the binary runs"), address, folder };
        within(START_LIMIT, "it does not listen", || TcpStream::connect(address).is_ok());
        service
    }

    /// Sends a request.
    #[track_caller]
    pub fn get(&self, target: &str) -> Response {
        Request::get(target).send(self.address)
    }

    /// Whether it says that it can work.
    #[track_caller]
    pub fn is_ready(&self) -> bool {
        self.get("/health/ready").status == 200
    }

    /// The nonce that registrations need.
    #[track_caller]
    pub fn register_nonce(&self) -> String {
        let answer = self.get("/api/get_nonce/?controller=user&method=register");
        answer.json()["nonce"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
    }
}

/// Waits for something and gives the time that it took.
#[track_caller]
pub fn within(limit: Duration, otherwise: &str, mut done: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < limit, "{otherwise}");
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(LAST_LINES);
            println!("the service's last words:\n{}", lines[last..].join("\n"));
        }
    }
}
