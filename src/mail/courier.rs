//! The task that carries mails: lanes, attempts, pauses and the end of the service.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span, debug_span};

use super::compose::Letter;
use super::figures::Figures;
use super::transport::{Failure, Transport};
use super::{MailError, Shared};

/// Limits and pauses.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Pauses between the attempts of a queued mail; one attempt more than pauses.
    pub pauses: Vec<Duration>,
    /// How long a sender waits for the hand-over.
    pub deliver_limit: Duration,
    /// How long an attempt at a queued mail may take.
    pub attempt_limit: Duration,
    /// Mails that may wait or be under way at one time.
    pub places: u16,
}

impl Default for Patience {
    /// 16 minutes of attempts: long enough for a mail server's restart, short enough that the log tells the owner
    /// while it still matters. A sender waits less than the minute that web servers usually wait for an answer.
    fn default() -> Self {
        Self {
            pauses: [1, 10, 60, 300, 600].map(Duration::from_secs).to_vec(),
            deliver_limit: Duration::from_secs(20),
            attempt_limit: Duration::from_mins(1),
            places: 1_000,
        }
    }
}

impl Patience {
    pub(super) fn places(&self) -> usize {
        usize::from(self.places)
    }
}

/// How near the service's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It runs.
    No,
    /// One more attempt without a pause.
    Soon,
    /// No attempt any more.
    Now,
}

/// A mail on its way.
pub(super) struct Job {
    pub letter: Letter,
    /// Somebody waits for the answer.
    pub reply: Option<oneshot::Sender<Result<(), MailError>>>,
    /// Given back when the job is done.
    pub place: OwnedSemaphorePermit,
    /// What is logged of it stands within this.
    pub span: Span,
}

/// Connections for mails that somebody waits for.
const URGENT_LANES: usize = 8;

/// Connections for the queue, few enough to leave the server to those who wait.
const QUEUE_LANES: usize = 2;

/// The task's tools.
pub(super) struct Courier {
    transport: Transport,
    patience: Patience,
    urgent: Semaphore,
    queue: Semaphore,
    ending: watch::Receiver<Ending>,
    figures: Arc<Figures>,
}

impl Courier {
    /// Must be called within the runtime that will carry the mails.
    pub fn new(shared: &Shared) -> Arc<Self> {
        Arc::new(Self {
            transport: Transport::new(&shared.settings, URGENT_LANES + QUEUE_LANES),
            patience: shared.patience.clone(),
            urgent: Semaphore::new(URGENT_LANES),
            queue: Semaphore::new(QUEUE_LANES),
            ending: shared.ending.subscribe(),
            figures: Arc::clone(&shared.figures),
        })
    }

    /// Takes jobs until the end of the service.
    pub async fn work(self: Arc<Self>, mut inbox: mpsc::UnboundedReceiver<Job>) {
        let mut jobs = JoinSet::new();
        let mut ending = self.ending.clone();
        loop {
            tokio::select! {
                job = inbox.recv() => match job {
                    Some(job) => {
                        let span = job.span.clone();
                        jobs.spawn(Arc::clone(&self).carry(job).instrument(span));
                    }
                    None => break,
                },
                Some(_) = jobs.join_next() => {}
                () = until(&mut ending, Ending::Now) => break,
            }
        }
        // They say their last words; then the connections close, which they only can while the runtime runs.
        while jobs.join_next().await.is_some() {}
    }

    async fn carry(self: Arc<Self>, job: Job) {
        let Job { letter, reply, place, span: _ } = job;
        match reply {
            Some(mut reply) => {
                let mut ending = self.ending.clone();
                let done = tokio::select! {
                    done = self.attempt(&self.urgent, &letter) => {
                        done.map_err(|failure| MailError::Failed(failure.reason))
                    }
                    () = reply.closed() => return,
                    () = until(&mut ending, Ending::Now) => Err(MailError::Ending),
                };
                let _ = reply.send(done);
            }
            None => self.carry_on(&letter).await,
        }
        drop(place);
    }

    /// Attempts and pauses until it is taken, refused for good, or there is no time left.
    async fn carry_on(&self, letter: &Letter) {
        let mut ending = self.ending.clone();
        let mut pauses = self.patience.pauses.iter();
        for attempts in 1_u32.. {
            let is_last = *ending.borrow() != Ending::No;
            let limited =
                tokio::time::timeout(self.patience.attempt_limit, self.attempt(&self.queue, letter));
            let done = tokio::select! {
                done = limited => done.unwrap_or_else(|_| Err(Failure::passing("it took too long"))),
                () = until(&mut ending, Ending::Now) => {
                    self.figures.failed.increment();
                    letter.label.log_unsent(attempts, &MailError::Ending);
                    return;
                }
            };
            let Err(failure) = done else { return };
            let pause = pauses.next().filter(|_| failure.may_pass && !is_last);
            let Some(pause) = pause else {
                self.figures.failed.increment();
                letter.label.log_unsent(attempts, &MailError::Failed(failure.reason));
                return;
            };
            self.figures.delayed.increment();
            letter.label.log_delayed(attempts, &failure.reason);
            tokio::select! {
                () = tokio::time::sleep(*pause) => {}
                () = until(&mut ending, Ending::Soon) => {}
            }
        }
    }

    async fn attempt(&self, lanes: &Semaphore, letter: &Letter) -> Result<(), Failure> {
        // A closed semaphore would mean no limit; nobody closes it.
        let _lane = lanes.acquire().await;
        let sent =
            self.transport.send(letter).instrument(debug_span!("delivery", kind = letter.label.kind)).await;
        if sent.is_ok() {
            self.figures.sent.increment();
        }
        sent
    }
}

/// Waits for the service's end to be that near.
async fn until(ending: &mut watch::Receiver<Ending>, wanted: Ending) {
    let near = |now: &Ending| *now == wanted || *now == Ending::Now;
    if ending.wait_for(near).await.is_err() {
        // Without a sender there is no end to wait for.
        std::future::pending::<()>().await;
    }
}
