//! Open connections: how many there are, and an end for those on which nothing runs.
//!
//! The framework watches a connection's first head and the pause before the next one, but not that next head: once its
//! first byte came, it could take for ever. Nor does it end a body in chunks that nobody wants any more.

use std::any::Any;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::http::ConnectionType;
use actix_web::rt::net::TcpStream;
use rustix::net::Shutdown;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::telemetry::{Gauge, Held};

/// The open connections of the service.
#[derive(Clone)]
pub struct Connections {
    open: Gauge,
    /// How long a connection may be without a request; `None` for ever.
    patience: Option<Duration>,
}

/// A connection's place; it is free again when this is dropped with the connection.
pub struct Place {
    /// Counts it among those that are open.
    _held: Held,
    /// How many were open when this one came, itself included.
    number: usize,
    use_: Arc<Use>,
    watch: Option<AbortHandle>,
}

/// What a connection is used for.
struct Use {
    /// Since when it has had no request; `None` while one runs.
    rest: Mutex<Option<Instant>>,
    /// A request said that it is the last one.
    closing: AtomicBool,
}

/// A request that runs; over when this is dropped.
pub struct Busy(Option<Arc<Use>>);

/// The request stands behind one that was to be the last: a proxy would not send it, so it is somebody else's.
#[derive(Debug)]
pub struct BehindTheLast;

impl Connections {
    /// Counted there.
    #[must_use]
    pub fn new(patience: Option<Duration>, open: Gauge) -> Self {
        Self { open, patience }
    }

    /// Counts a new connection and watches it.
    pub fn enter(&self, stream: &dyn Any, data: &mut Extensions) {
        let (held, number) = self.open.hold();
        let use_ = Arc::new(Use { rest: Mutex::new(Some(Instant::now())), closing: AtomicBool::new(false) });
        let socket =
            stream.downcast_ref::<TcpStream>().and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        let watch = self.patience.zip(socket).map(|(patience, socket)| {
            actix_web::rt::spawn(cut(socket, Arc::clone(&use_), patience)).abort_handle()
        });
        data.insert(Place { _held: held, number, use_, watch });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

/// Notes that a request runs on its connection.
pub fn begin(request: &HttpRequest) -> Result<Busy, BehindTheLast> {
    let Some(place) = request.conn_data::<Place>() else {
        return Ok(Busy(None));
    };
    let last = request.head().connection_type() == ConnectionType::Close;
    if place.use_.closing.fetch_or(last, Ordering::Relaxed) {
        return Err(BehindTheLast);
    }
    *place.use_.rest() = None;
    Ok(Busy(Some(Arc::clone(&place.use_))))
}

/// Whether the request's connection is one more than `most`.
#[must_use]
pub fn is_beyond(request: &HttpRequest, most: usize) -> bool {
    request.conn_data::<Place>().is_some_and(|place| place.number > most)
}

impl Use {
    fn rest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(use_) = &self.0 {
            *use_.rest() = Some(Instant::now());
        }
    }
}

/// Ends a connection that has been without a request for too long.
async fn cut(socket: OwnedFd, use_: Arc<Use>, patience: Duration) {
    loop {
        let since = use_.rest().unwrap_or_else(Instant::now);
        if since.elapsed() >= patience {
            // Whoever reads from the connection finds its end.
            let _ = rustix::net::shutdown(&socket, Shutdown::Both);
            return;
        }
        tokio::time::sleep_until(since + patience).await;
    }
}
