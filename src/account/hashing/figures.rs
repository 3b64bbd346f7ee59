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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::super::tests::{hashing, occupy};
    use super::*;
    use crate::account::caller::Caller;

    #[track_caller]
    fn assert_figures(hashing: &Hashing, wanted: &[&str]) {
        let mut text = Text::default();
        hashing.write_figures(&mut text);
        let text = text.into_string();
        for figure in wanted {
            assert!(text.contains(&format!("wp_sidecar_hashing_{figure}\n")), "{figure} is not in\n{text}");
        }
    }

    async fn ask(hashing: Hashing, caller: Caller) -> Result<(), HashError> {
        hashing.run(&caller, &AtomicBool::new(false), || ()).await
    }

    /// The thread is done a moment after it told the result.
    async fn rest(hashing: &Hashing) {
        while hashing.running.available_permits() < hashing.threads {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn they_show_who_works_who_waits_and_who_found_the_queue_full() {
        let hashing = hashing(1, 1, Duration::from_hours(1));
        assert_figures(&hashing, &["threads 1", "working 0", "waiting 0", "queue_max 1"]);
        let (release, working) = occupy(&hashing).await;
        assert_figures(&hashing, &["working 1", "waiting 0"]);
        let waiting = tokio::spawn(ask(hashing.clone(), Caller::stays()));
        while hashing.places_left() > 0 {
            tokio::task::yield_now().await;
        }
        assert_figures(&hashing, &["working 1", "waiting 1"]);
        assert_eq!(ask(hashing.clone(), Caller::stays()).await, Err(HashError::Busy));
        assert_figures(
            &hashing,
            &[r#"refused_total{reason="queue_full"} 1"#, r#"refused_total{reason="waited_too_long"} 0"#],
        );
        drop(release);
        assert_eq!(working.await.unwrap(), Ok(()));
        assert_eq!(waiting.await.unwrap(), Ok(()));
        rest(&hashing).await;
        assert_figures(
            &hashing,
            &["working 0", "waiting 0", "wait_seconds_count 2", "work_seconds_count 2", "abandoned_total 0"],
        );
    }

    #[tokio::test]
    async fn who_waited_too_long_and_who_hung_up_waited_and_were_not_hashed() {
        let hashing = hashing(1, 2, Duration::from_millis(10));
        let (release, working) = occupy(&hashing).await;
        assert_eq!(ask(hashing.clone(), Caller::stays()).await, Err(HashError::Busy));
        assert_figures(
            &hashing,
            &[r#"refused_total{reason="waited_too_long"} 1"#, r#"refused_total{reason="queue_full"} 0"#],
        );
        let (line, caller) = Caller::on_line();
        drop(line);
        assert_eq!(ask(hashing.clone(), caller).await, Err(HashError::Abandoned));
        drop(release);
        assert_eq!(working.await.unwrap(), Ok(()));
        rest(&hashing).await;
        assert_figures(
            &hashing,
            &["abandoned_total 1", "waiting 0", "wait_seconds_count 3", "work_seconds_count 1"],
        );
    }
}
