//! Bytes over a socket, and all the answers that come back until the service closes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any of the service's own limits.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer of several on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// What no server takes for a request: a service that waits for another one answers 400 and closes.
const NO_REQUEST: &[u8] = b"\0\0\0\0\r\n\r\n";

/// Sends these bytes and gives every final answer to them. Behind them comes what is no request, so that the service
/// closes; its answer to that is left out.
#[track_caller]
pub fn talk(to: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    let mut found = talk_on(to, [bytes.as_ref(), NO_REQUEST].concat());
    if found.len() > 1 && found.last().is_some_and(|last| last.status == 400 && last.body.is_empty()) {
        found.pop();
    }
    found
}

/// The same without anything behind them: it is the service that has to close.
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
    let mut buffer = [0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("the service says nothing and does not close: {error}"),
        }
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
