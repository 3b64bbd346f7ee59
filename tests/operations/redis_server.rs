//! A genuine Redis of a test's own. It keeps nothing on disk and is killed with the test.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::calls::wait_until;
use crate::process::{own_address, signal, tied};

/// Asked for by every client.
const PASSWORD: &str = "redis-Pass-1";

/// The server.
pub struct RedisServer {
    address: SocketAddr,
    process: Child,
}

impl RedisServer {
    #[track_caller]
    pub fn start() -> Self {
        let address = own_address();
        let server = Self { address, process: launch(address) };
        server.wait();
        server
    }

    /// `limits.redis_url`
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@{}/3", self.address)
    }

    /// It ends without a word, and forgets everything.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// It starts anew where it was.
    #[track_caller]
    pub fn restart(&mut self) {
        self.process = launch(self.address);
        self.wait();
    }

    /// It takes connections and requests, and answers nothing.
    pub fn pause(&self) {
        signal(&self.process, "STOP");
    }

    pub fn resume(&self) {
        signal(&self.process, "CONT");
    }

    #[track_caller]
    fn wait(&self) {
        let answers = || -> Option<bool> {
            let mut stream = TcpStream::connect(self.address).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
            stream.write_all(format!("AUTH {PASSWORD}\r\n").as_bytes()).ok()?;
            let mut answer = [0; 3];
            stream.read_exact(&mut answer).ok()?;
            Some(answer == *b"+OK")
        };
        wait_until("Redis answers", || answers() == Some(true));
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(address: SocketAddr) -> Child {
    tied("redis-server")
        .args(["--bind", &address.ip().to_string(), "--port", &address.port().to_string()])
        .args(["--requirepass", PASSWORD, "--save", "", "--appendonly", "no"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server runs; script/setup installs it")
}
