//! A connection on which a test sends what it likes, when it likes.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::http::{Request, Response};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the service.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    #[track_caller]
    pub fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the service listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self(BufReader::new(stream))
    }

    /// Sends bytes; a service that closed the connection already is no failure here.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.get_mut().write_all(bytes.as_ref()).is_ok()
    }

    /// Sends a request that keeps the connection.
    pub fn send(&mut self, request: &Request) {
        self.write(request.head("Host: service\r\n"));
        self.write(&request.body);
    }

    /// Waits that long for the service to say something or to hang up.
    pub fn has_answer(&mut self, limit: Duration) -> bool {
        self.0.get_ref().set_read_timeout(Some(limit)).expect("a socket");
        let seen = self.0.fill_buf().map(drop);
        self.0.get_ref().set_read_timeout(Some(PATIENCE)).expect("a socket");
        !seen.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// The next answer; `None` when the connection ended instead.
    #[track_caller]
    pub fn answer(&mut self) -> Option<Response> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            match self.0.read_until(b'\n', &mut bytes) {
                Ok(0) if bytes.is_empty() => return None,
                Ok(0) => panic!("half a head: {}", String::from_utf8_lossy(&bytes)),
                Ok(_) => {}
                Err(error) if bytes.is_empty() && error.kind() == ErrorKind::ConnectionReset => {
                    return None;
                }
                Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
            }
        }
        let length = Response::parse(&bytes)
            .header("content-length")
            .map_or(0, |text| text.parse().expect("a length"));
        let head = bytes.len();
        bytes.resize(head + length, 0);
        self.0.read_exact(&mut bytes[head..]).expect("a whole answer");
        Some(Response::parse(&bytes))
    }

    /// Waits until the service closes the connection; false when it says something instead.
    #[track_caller]
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => rest.is_empty(),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it stays open");
                true
            }
        }
    }

    /// Hangs up as a process does that ends: what it did not read makes it a reset, else an orderly end.
    pub fn hang_up(self, manner: HangUp) {
        if manner == HangUp::Reset {
            rustix::net::sockopt::set_socket_linger(self.0.get_ref(), Some(Duration::ZERO))
                .expect("a socket");
        }
        drop(self);
    }
}

/// How a caller leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// FIN.
    Close,
    /// RST.
    Reset,
}
