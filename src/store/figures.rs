//! What is counted of the database: connections, waits, statements, errors, work done again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::pool::{Pool, Shared};
use super::{Db, StoreError};
use crate::telemetry::{Counter, Histogram, Kind, Text};

/// The figures of one pool.
#[derive(Debug, Default)]
pub(super) struct Figures {
    errors: [Counter; ErrorKind::ALL.len()],
    opened: Counter,
    /// The last attempt to connect failed, for whatever reason but a server that is full.
    unreached: AtomicBool,
    wait: Histogram,
    statement: Histogram,
    retries: Counter,
}

/// How the database failed; each is a label's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorKind {
    Connect,
    NoAnswer,
    PoolExhausted,
    ServerFull,
    ConnectionLost,
    Timeout,
    Conflict,
    ReadOnly,
    Refused,
    Other,
}

impl ErrorKind {
    const ALL: [Self; 10] = [
        Self::Connect,
        Self::NoAnswer,
        Self::PoolExhausted,
        Self::ServerFull,
        Self::ConnectionLost,
        Self::Timeout,
        Self::Conflict,
        Self::ReadOnly,
        Self::Refused,
        Self::Other,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::NoAnswer => "no_answer",
            Self::PoolExhausted => "pool_exhausted",
            Self::ServerFull => "server_full",
            Self::ConnectionLost => "connection_lost",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::ReadOnly => "read_only",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }

    fn of(error: &StoreError) -> Self {
        match error {
            StoreError::NoConnection => Self::NoAnswer,
            StoreError::NoConnectionFree => Self::PoolExhausted,
            // ER_STATEMENT_TIMEOUT (MariaDB), ER_QUERY_TIMEOUT (MySQL).
            StoreError::Deadline { .. } => Self::Timeout,
            _ if matches!(error.number(), Some(1969 | 3024)) => Self::Timeout,
            _ if error.is_retryable() => Self::Conflict,
            _ if error.is_read_only() => Self::ReadOnly,
            _ if error.is_server_full() => Self::ServerFull,
            _ if error.is_broken() => Self::ConnectionLost,
            _ if error.number().is_some() => Self::Refused,
            _ => Self::Other,
        }
    }

    /// What kept a connection from being made.
    fn of_connecting(error: &StoreError) -> Self {
        match Self::of(error) {
            Self::ConnectionLost | Self::Refused | Self::Other => Self::Connect,
            other => other,
        }
    }
}

impl Figures {
    /// A statement failed.
    pub(super) fn failed(&self, error: &StoreError) {
        self.count(ErrorKind::of(error));
    }

    /// A connection was not to be had.
    pub(super) fn refused(&self, error: &StoreError) {
        if !matches!(error, StoreError::Closed) {
            self.count(ErrorKind::of_connecting(error));
        }
    }

    /// A connection was made.
    pub(super) fn opened(&self) {
        self.opened.increment();
        self.unreached.store(false, Ordering::Relaxed);
    }

    /// None was made. A server that is full is there, and lets others of this service in.
    pub(super) fn not_opened(&self, error: &StoreError) {
        if !error.is_server_full() {
            self.unreached.store(true, Ordering::Relaxed);
        }
    }

    /// The last attempt to connect failed.
    pub(super) fn is_unreached(&self) -> bool {
        self.unreached.load(Ordering::Relaxed)
    }

    /// Somebody waits for a connection.
    pub(super) fn wait(&self) -> Timed<'_> {
        Timed::begin(&self.wait)
    }

    /// A statement begins.
    pub(super) fn statement(&self) -> Timed<'_> {
        Timed::begin(&self.statement)
    }

    /// What the server rolled back is done again.
    pub(super) fn retried(&self) {
        self.retries.increment();
    }

    fn count(&self, kind: ErrorKind) {
        let place = ErrorKind::ALL.iter().position(|known| *known == kind);
        if let Some(counter) = place.and_then(|place| self.errors.get(place)) {
            counter.increment();
        }
    }
}

/// What takes time, and counts when this is dropped: callers hang up first where it takes long.
#[must_use]
pub(super) struct Timed<'a> {
    histogram: &'a Histogram,
    begun: Instant,
}

impl<'a> Timed<'a> {
    fn begin(histogram: &'a Histogram) -> Self {
        Self { histogram, begun: Instant::now() }
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.histogram.observe(self.begun.elapsed());
    }
}

impl Db {
    /// Writes the figures of the database.
    pub fn write_figures(&self, text: &mut Text) {
        self.pool.write_figures(text);
    }
}

impl Pool {
    fn write_figures(&self, text: &mut Text) {
        let shared: &Shared = self.shared();
        let figures = &shared.figures;
        let (idle, in_use, waiting) = self.counts();
        let up = u8::from(!figures.is_unreached());
        text.gauge("database_up", "0 when the last attempt to connect to the database failed, else 1.", up);
        text.figure("database_connections", Kind::Gauge, "Connections to the database, resting or in use.")
            .sample(&[("state", "idle")], idle)
            .sample(&[("state", "used")], in_use);
        let max = shared.places.size();
        text.gauge("database_connections_max", "The most there may be: database.max_connections.", max);
        text.gauge("database_connections_waiting", "Who waits for a connection to become free.", waiting);
        text.counter("database_connections_opened_total", "Connections made.", &figures.opened);
        text.histogram(
            "database_connection_wait_seconds",
            "Time until there was a connection, or none, or the caller hung up.",
            &figures.wait,
        );
        text.histogram(
            "database_statement_seconds",
            "Time of statements, failed and abandoned ones too.",
            &figures.statement,
        );
        text.figure(
            "database_errors_total",
            Kind::Counter,
            "Failed statements and attempts to get a connection.",
        );
        for (kind, counter) in ErrorKind::ALL.iter().zip(&figures.errors) {
            text.sample(&[("kind", kind.label())], counter.get());
        }
        text.counter(
            "database_retries_total",
            "Work done again that the server rolled back.",
            &figures.retries,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        let io = || StoreError::from(sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into()));
        assert_eq!(ErrorKind::of(&io()), ErrorKind::ConnectionLost);
        assert_eq!(ErrorKind::of_connecting(&io()), ErrorKind::Connect);
        assert_eq!(ErrorKind::of_connecting(&StoreError::NoConnection), ErrorKind::NoAnswer);
        assert_eq!(ErrorKind::of_connecting(&StoreError::NoConnectionFree), ErrorKind::PoolExhausted);
        assert_eq!(ErrorKind::of(&StoreError::Deadline { seconds: 1 }), ErrorKind::Timeout);
        assert_eq!(ErrorKind::of(&StoreError::Overtaken), ErrorKind::Conflict);
        assert_eq!(ErrorKind::of(&sqlx::Error::RowNotFound.into()), ErrorKind::Other);
    }
}
