//! Bytes over a socket, and all the answers that come back until the service closes.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than any of the service's own limits.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer of several on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// How long a connection on which an answer came stays silent before it is taken to have no more of them.
const SILENCE: Duration = Duration::from_millis(50);

/// Sends these bytes and gives every final answer, until the service closes or no more seem to come.
#[track_caller]
pub fn talk(to: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    let mut stream = send(to, bytes.as_ref());
    let begun = Instant::now();
    let mut heard = read_some(&mut stream);
    assert!(begun.elapsed() < PATIENCE, "the service says nothing and does not close");
    stream.set_read_timeout(Some(SILENCE)).expect("a socket");
    loop {
        let more = read_some(&mut stream);
        if more.is_empty() {
            return answers(&heard);
        }
        heard.extend(more);
    }
}

/// The same where it is the service that has to close.
#[track_caller]
pub fn talk_on(to: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    answers(&read_all(&mut send(to, bytes.as_ref())))
}

#[track_caller]
fn send(to: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to).expect("the service listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.set_write_timeout(Some(PATIENCE)).expect("a socket");
    // It may close before it has everything.
    let _ = stream.write_all(bytes);
    stream
}

/// What comes until the service closes, in order or not; it must.
#[track_caller]
fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let begun = Instant::now();
        let more = read_some(stream);
        assert!(begun.elapsed() < PATIENCE, "the service says nothing and does not close");
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// What there is; nothing when the service closed or is silent for longer than the socket waits.
#[track_caller]
fn read_some(stream: &mut TcpStream) -> Vec<u8> {
    let mut buffer = [0; 16 * 1024];
    match stream.read(&mut buffer) {
        Ok(count) => buffer[..count].to_vec(),
        Err(error) => match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::WouldBlock | ErrorKind::TimedOut => Vec::new(),
            _ => panic!("{error}"),
        },
    }
}

/// Takes answers apart by their Content-Length. Interim answers are left out.
#[track_caller]
pub fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("an answer without a head: {}", text()));
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status =
            head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("an answer without a status: {}", text()));
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
        });
        let rest = &bytes[end + 4..];
        let length: usize = length.unwrap_or(0).min(rest.len());
        let body = String::from_utf8_lossy(&rest[..length]).into_owned();
        bytes = &rest[length..];
        if status >= 200 {
            found.push(Answer { status, head, body });
        }
    }
    found
}
