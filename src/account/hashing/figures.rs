//! What is counted of the queue for hashing.

use std::time::Instant;

use super::{HashError, Hashing};
use crate::telemetry::{Counter, Histogram, Kind, Text};

/// The figures of one queue.
#[derive(Debug, Default)]
pub(super) struct Figures {
    full: Counter,
    late: Counter,
    abandoned: Counter,
    /// Until the turn came, or did not.
    wait: Histogram,
    /// Of one password.
    pub(super) work: Histogram,
}

impl Figures {
    /// There was no place in the queue.
    pub(super) fn was_full(&self) -> HashError {
        self.full.increment();
        HashError::Busy
    }

    /// The turn did not come in time.
    pub(super) fn was_late(&self) -> HashError {
        self.late.increment();
        HashError::Busy
    }

    /// Somebody enters the queue.
    pub(super) fn enter(&self) -> Waiting<'_> {
        Waiting { figures: self, begun: Instant::now(), came: false }
    }
}

/// Somebody in the queue. Dropped before his turn came or his time was up, he hung up.
pub(super) struct Waiting<'a> {
    figures: &'a Figures,
    begun: Instant,
    came: bool,
}

impl Waiting<'_> {
    /// His turn came, or will not come.
    pub(super) fn leave(mut self) {
        self.came = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.figures.wait.observe(self.begun.elapsed());
        if !self.came {
            self.figures.abandoned.increment();
        }
    }
}

impl Hashing {
    /// Writes the figures of the queue.
    pub fn write_figures(&self, text: &mut Text) {
        let figures = &self.figures;
        let working = self.threads.saturating_sub(self.running.available_permits());
        let waiting = self.places.saturating_sub(self.places_left()).saturating_sub(working);
        text.gauge("hashing_threads", "Passwords hashed at a time: hashing.threads.", self.threads);
        text.gauge("hashing_working", "Passwords being hashed.", working);
        text.gauge("hashing_waiting", "Passwords that wait for that.", waiting);
        text.gauge(
            "hashing_queue_max",
            "How many may wait: hashing.queue; +Inf without limits.",
            self.longest(),
        );
        text.figure("hashing_refused_total", Kind::Counter, "Passwords not hashed, answered 503.")
            .sample(&[("reason", "queue_full")], figures.full.get())
            .sample(&[("reason", "waited_too_long")], figures.late.get());
        let help = "Passwords not hashed since the caller hung up while waiting.";
        text.counter("hashing_abandoned_total", help, &figures.abandoned);
        text.histogram("hashing_wait_seconds", "Time from entering the queue to its end.", &figures.wait);
        text.histogram("hashing_work_seconds", "Time of hashing a password.", &figures.work);
    }

    fn longest(&self) -> String {
        match self.patience {
            Some(_) => (self.places - self.threads).to_string(),
            None => "+Inf".to_owned(),
        }
    }
}
