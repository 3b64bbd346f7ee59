//! A process of the service, beside a site's wp-config.php.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::Request;
use crate::wordpress::RealWordPress;

/// How long a process may take to be ready on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Killed when this is dropped.
pub struct Process {
    child: Child,
    folder: TempDir,
    pub address: SocketAddr,
}

impl Process {
    #[track_caller]
    pub fn beside(wordpress: &RealWordPress, more: &[&str]) -> Self {
        // Another process may take the port between our asking for it and the service's.
        for _ in 0..3 {
            if let Some(process) = Self::try_beside(wordpress, more) {
                return process;
            }
        }
        panic!("the service found no port for itself");
    }

    /// `None` when the port was taken meanwhile.
    fn try_beside(wordpress: &RealWordPress, more: &[&str]) -> Option<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free loopback port");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = File::create(folder.path().join("log")).expect("a writable temporary folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_wp-sidecar"));
        command.args(["serve", "--listen", &address.to_string(), "--wp-path"]).arg(wordpress.path());
        for setting in ["limits.enabled=false", "mail.transport=off"].iter().chain(more) {
            command.args(["--set", setting]);
        }
        let child = command
            .env_clear()
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let mut process = Self { child, folder, address };
        let begun = Instant::now();
        while !process.is_ready() {
            if process.child.try_wait().expect("a child").is_some() {
                assert!(process.log().contains("in use"), "the service ended: {}", process.log());
                return None;
            }
            assert!(begun.elapsed() < START_LIMIT, "the service is not ready: {}", process.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(process)
    }

    fn is_ready(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
            && Request::get("/health/ready").send(self.address).status == 200
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("log of {}:\n{}", self.address, self.log());
        }
    }
}

/// Posts to `controller/method` and gives the whole answer, also one that refuses.
#[track_caller]
pub fn call(to: SocketAddr, method: &str, form: &[(&str, &str)]) -> Value {
    Request::post(&format!("/api/{method}/?insecure=cool"), form).send(to).json()
}

/// The text of an answer that refuses; `None` for one that does not.
pub fn refusal(answer: &Value) -> Option<&str> {
    (answer["status"] != "ok").then(|| answer["error"].as_str().expect("an error's text"))
}
