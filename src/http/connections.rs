//! Open connections: how many there are, and an end for those that only seem to send their next request.
//!
//! The framework watches a connection's first head and the pause before the next one, but not that next head: once its
//! first byte came, it could take for ever.

use std::any::Any;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use rustix::net::Shutdown;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// The open connections of the service.
#[derive(Clone)]
pub struct Connections {
    open: Arc<AtomicUsize>,
    /// How long a connection may be without a request; `None` for ever.
    patience: Option<Duration>,
}

/// A connection's place; it is free again when this is dropped with the connection.
pub struct Place {
    open: Arc<AtomicUsize>,
    /// How many were open when this one came, itself included.
    pub number: usize,
    pace: Arc<Pace>,
    watch: Option<AbortHandle>,
}

/// Since when a connection has had no request; `None` while one runs.
struct Pace(Mutex<Option<Instant>>);

impl Connections {
    /// None yet.
    #[must_use]
    pub fn new(patience: Option<Duration>) -> Self {
        Self { open: Arc::default(), patience }
    }

    /// Counts a new connection and watches it.
    pub fn enter(&self, stream: &dyn Any, data: &mut Extensions) {
        let number = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        let pace = Arc::new(Pace(Mutex::new(Some(Instant::now()))));
        let socket =
            stream.downcast_ref::<TcpStream>().and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        let watch = self.patience.zip(socket).map(|(patience, socket)| {
            actix_web::rt::spawn(cut(socket, Arc::clone(&pace), patience)).abort_handle()
        });
        data.insert(Place { open: Arc::clone(&self.open), number, pace, watch });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

impl Pace {
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection that has been without a request for too long.
async fn cut(socket: OwnedFd, pace: Arc<Pace>, patience: Duration) {
    loop {
        let since = pace.lock().unwrap_or_else(Instant::now);
        if since.elapsed() >= patience {
            // Whoever reads from the connection finds its end.
            let _ = rustix::net::shutdown(&socket, Shutdown::Both);
            return;
        }
        tokio::time::sleep_until(since + patience).await;
    }
}

/// Notes that a request runs.
pub async fn note(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
    let _busy = request.conn_data::<Place>().map(|place| Busy::begin(&place.pace));
    next.call(request).await
}

/// A request that runs; over when this is dropped.
struct Busy(Arc<Pace>);

impl Busy {
    fn begin(pace: &Arc<Pace>) -> Self {
        *pace.lock() = None;
        Self(Arc::clone(pace))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.lock() = Some(Instant::now());
    }
}
