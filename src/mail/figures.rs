//! What is counted of the mails.

use super::Mailer;
use crate::telemetry::{Counter, Text};

/// The figures of one mailer.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Taken by server or program.
    pub(super) sent: Counter,
    /// Given up.
    pub(super) failed: Counter,
    /// An attempt failed and there is to be another.
    pub(super) delayed: Counter,
}

impl Mailer {
    /// Writes the figures of the mails.
    pub fn write_figures(&self, text: &mut Text) {
        let shared = &self.0;
        let most = shared.patience.places();
        let queued = most.saturating_sub(shared.places.available_permits());
        text.gauge("mail_queue", "Mails that wait or are under way.", queued);
        text.gauge("mail_queue_max", "The most there may be; one more is not taken.", most);
        text.counter("mail_sent_total", "Mails taken by the mail server or program.", &shared.figures.sent);
        text.counter("mail_failed_total", "Mails given up.", &shared.figures.failed);
        text.counter(
            "mail_retries_total",
            "Attempts that failed and are to be made again.",
            &shared.figures.delayed,
        );
    }
}
