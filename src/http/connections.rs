//! The open connections: how many, whether a request runs on each, and the end of those on which none does.
//!
//! The framework gives a time only to the first head of a connection, and goes on reading a body in chunks that nobody
//! wants. So a connection at rest is cut here.

use std::net::Shutdown;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::http::ConnectionType;
use actix_web::rt::net::TcpStream;
use tokio::time::{Instant, sleep};

/// How often a connection is looked at, to see whether a request runs on it.
const LOOK: Duration = Duration::from_secs(1);

/// How many connections are open.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<AtomicUsize>);

/// A connection's place; it is free again when this is dropped with the connection.
pub(super) struct Place {
    open: Arc<AtomicUsize>,
    /// How many were open when this one came, itself included.
    number: usize,
    requests: Arc<Requests>,
}

/// What a connection is used for.
struct Requests {
    /// The connection's own socket once more, closed with it.
    socket: Option<std::net::TcpStream>,
    running: AtomicUsize,
    /// When the last one ended, or the connection began.
    at_rest_since: Mutex<Instant>,
    /// A request said that it is the last one.
    closing: AtomicBool,
}

/// A request that runs.
pub(super) struct Running(Arc<Requests>);

impl Connections {
    /// Counts a new connection and sees to its end.
    pub(super) fn watch(
        &self,
        stream: &dyn std::any::Any,
        data: &mut Extensions,
        longest_rest: Option<Duration>,
    ) {
        let stream = stream.downcast_ref::<TcpStream>();
        let requests = self.enter(data, stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok()));
        if let Some(longest) = longest_rest {
            actix_web::rt::spawn(cut_when_at_rest(requests, longest));
        }
    }

    fn enter(&self, data: &mut Extensions, socket: Option<OwnedFd>) -> Weak<Requests> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let requests = Arc::new(Requests {
            socket: socket.map(std::net::TcpStream::from),
            running: AtomicUsize::new(0),
            at_rest_since: Mutex::new(Instant::now()),
            closing: AtomicBool::new(false),
        });
        let weak = Arc::downgrade(&requests);
        data.insert(Place { open: Arc::clone(&self.0), number, requests });
        weak
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place {
    /// Whether it is one of the first so many.
    pub(super) fn is_within(&self, most: usize) -> bool {
        self.number <= most
    }

    /// `None` behind a request that was to be the last one: a proxy would not send more, so it is somebody else's.
    pub(super) fn begin(&self, request: &HttpRequest) -> Option<Running> {
        let last = request.head().connection_type() == ConnectionType::Close;
        if self.requests.closing.fetch_or(last, Ordering::Relaxed) {
            return None;
        }
        self.requests.running.fetch_add(1, Ordering::Relaxed);
        Some(Running(Arc::clone(&self.requests)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.at_rest_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends a connection on which no request ran for so long.
async fn cut_when_at_rest(requests: Weak<Requests>, longest: Duration) {
    while let Some(connection) = requests.upgrade() {
        let rest = connection.rest();
        if rest >= longest {
            if let Some(socket) = &connection.socket {
                let _ = socket.shutdown(Shutdown::Both);
            }
            return;
        }
        drop(connection);
        sleep(longest.saturating_sub(rest).min(LOOK)).await;
    }
}

impl Requests {
    /// How long no request has been running.
    fn rest(&self) -> Duration {
        if self.running.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        self.at_rest_since.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}
