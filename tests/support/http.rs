//! A small HTTP/1.1 client that sends exactly the bytes it is given; nothing is tidied on the way.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query, as they stand in the request line.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST with an urlencoded form.
    pub fn post(target: &str, form: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(form).expect("a form");
        Self::new("POST", target).header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Request line and headers, with more of them in front.
    pub fn head(&self, more: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n{more}", self.method, self.target);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !self.body.is_empty() || self.method == "POST" {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("\r\n");
        head
    }

    /// Sends it and reads the whole answer.
    #[track_caller]
    pub fn send(&self, to: SocketAddr) -> Response {
        let own = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = if own { String::new() } else { format!("Host: {to}\r\n") };
        let head = self.head(&format!("{host}Connection: close\r\n"));
        let mut stream = TcpStream::connect(to).expect("the service listens");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a socket");
        stream.write_all(head.as_bytes()).expect("a request goes out");
        // The service may refuse a body before it has all of it; what is on its way then breaks the connection, behind
        // the answer.
        let written = stream.write_all(&self.body);
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        let broken = !self.body.is_empty() && !bytes.is_empty();
        assert!(read.is_ok() || broken, "no answer comes back: {read:?}, {written:?}, {}", bytes.len());
        Response::parse(&bytes)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// From its bytes, head and body.
    #[track_caller]
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status: status.expect("a status"), headers, body: bytes[end + 4..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
