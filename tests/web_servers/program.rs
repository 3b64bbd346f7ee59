//! A program that runs as long as a test.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ended politely when this is dropped, so that it ends its own children.
pub struct Program {
    process: Child,
    log: File,
}

impl Program {
    /// Starts it in the foreground; it goes with the test's thread, however that ends.
    #[track_caller]
    pub fn start(command: &Command) -> Self {
        let mut bound = Command::new("setpriv");
        bound.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            bound.env(name, value.expect("a variable that is set"));
        }
        let log = tempfile::tempfile().expect("a temporary file");
        let stderr = log.try_clone().expect("a second handle");
        let process = bound.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn();
        let process = process.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { process, log }
    }

    /// Waits until it listens there.
    #[track_caller]
    pub fn listens_at(mut self, address: SocketAddr) -> Self {
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = self.process.try_wait().expect("a process");
            let waits = ended.is_none() && begun.elapsed() < PATIENCE;
            assert!(waits, "nobody listens at {address}: {ended:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        self
    }

    /// What it wrote so far.
    pub fn log(&mut self) -> String {
        let mut text = Vec::new();
        self.log.rewind().expect("a file");
        self.log.read_to_end(&mut text).expect("a file");
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).stderr(Stdio::null()).status();
        let _ = self.process.wait();
    }
}
