//! Mail: from a message to the server or program that takes it.
//!
//! A mail is either queued, and then tried again for a while, or delivered while its sender waits. Both run in one
//! task, [`Mailer::run`], so that connections live where the service lives and not with a worker of the HTTP server.
//! What could not be sent is logged with its kind, a digest of the recipient and the reason; never with an address or
//! the text. What the mails say is the templates' business (`mail/`), who gets one is `http`'s.

pub mod comment;
mod compose;
mod courier;
mod figures;
mod new_user;
mod password_reset;
mod site_names;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, TryAcquireError, mpsc, oneshot, watch};
use tracing::Span;

pub use courier::Patience;
pub use new_user::{new_user, new_user_admin};
pub use password_reset::password_reset;
pub use site_names::SiteNames;

use crate::settings::{self, MailTransport};
use courier::{Courier, Ending, Job};
use figures::Figures;
use transport::Transport;

/// A plain-text mail. No field can start a header of its own: control characters become blanks.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// For the log: what kind of mail it is.
    pub kind: &'static str,
    /// The recipient's address.
    pub to: String,
    /// Who it says it is from.
    pub from: Sender,
    /// Where an answer goes, if not to From.
    pub reply_to: Option<String>,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Address and text, which may hold a key, stay hidden.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({})", self.kind)
    }
}

/// From as the site would choose it. `mail.from_name` and `mail.from_address` override it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name, `WordPress` for most mails.
    pub name: String,
    /// What stands behind `wordpress@`: the host of the site's home without `www.`.
    pub host: String,
}

/// Why a mail could not be handed over. No text holds an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// `mail.transport = off`
    #[error("mail is switched off")]
    Off,
    /// An address that no mail can go to or come from.
    #[error("{0}")]
    Unusable(&'static str),
    /// Too many wait already.
    #[error("the queue of mails is full")]
    Full,
    /// The service ends.
    #[error("the service is ending")]
    Ending,
    /// Nobody took it in time.
    #[error("the mail was not taken in time")]
    TimedOut,
    /// What server or program said.
    #[error("{0}")]
    Failed(String),
}

/// Why a mail server does not let the service in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GreetError {
    /// It takes the connection and says nothing, or too little.
    #[error("nothing is heard within {seconds} seconds")]
    Silence {
        /// The limit.
        seconds: u64,
    },
    /// What it said, or why it cannot be asked.
    #[error("{0}")]
    Refused(String),
}

/// Hands mails over. Clones share one queue.
#[derive(Clone, Debug)]
pub struct Mailer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: settings::Mail,
    patience: Patience,
    /// One for each mail that waits or is under way.
    places: Arc<Semaphore>,
    jobs: mpsc::UnboundedSender<Job>,
    inbox: Mutex<Option<mpsc::UnboundedReceiver<Job>>>,
    ending: watch::Sender<Ending>,
    figures: Arc<Figures>,
    /// Mails that stay here, for tests that look at them.
    kept: Option<Mutex<Vec<Message>>>,
}

impl Mailer {
    /// A mailer of these settings. Nothing leaves before [`Mailer::run`] runs.
    #[must_use]
    pub fn new(mail: &settings::Mail) -> Self {
        Self::with_patience(mail, Patience::default())
    }

    /// The same with other limits and pauses.
    #[must_use]
    pub fn with_patience(mail: &settings::Mail, patience: Patience) -> Self {
        Self::build(mail, patience, None)
    }

    /// A mailer that keeps what it gets, for tests.
    #[must_use]
    pub fn keeping(mail: &settings::Mail) -> Self {
        Self::build(mail, Patience::default(), Some(Mutex::default()))
    }

    /// The mails kept since the last call.
    #[must_use]
    pub fn take_kept(&self) -> Vec<Message> {
        let kept = self.0.kept.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default()
    }

    fn build(mail: &settings::Mail, patience: Patience, kept: Option<Mutex<Vec<Message>>>) -> Self {
        // The places bound the channel.
        let (jobs, inbox) = mpsc::unbounded_channel();
        Self(Arc::new(Shared {
            settings: mail.clone(),
            places: Arc::new(Semaphore::new(patience.places())),
            patience,
            jobs,
            inbox: Mutex::new(Some(inbox)),
            ending: watch::Sender::new(Ending::No),
            figures: Arc::default(),
            kept,
        }))
    }

    /// True when no mail leaves.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.kept.is_none() && matches!(self.0.settings.transport, MailTransport::Off)
    }

    /// Hands a mail over soon; the caller does not wait. A failure that may pass is tried again, at longer and longer
    /// intervals; what cannot be sent is logged with its reason.
    pub fn queue(&self, message: Message) {
        self.queue_within(message, Span::none());
    }

    /// The same; what is logged of it stands within a span, which lives until the mail has left or was given up.
    #[expect(clippy::needless_pass_by_value, reason = "the mail is given away")]
    pub fn queue_within(&self, message: Message, span: Span) {
        let _within = span.enter();
        let label = compose::Label::of(&message);
        match self.accept(&message, None, &span) {
            Ok(()) => {}
            Err(MailError::Off) => tracing::debug!(kind = label.kind, "mail is switched off"),
            Err(error) => {
                self.0.figures.failed.increment();
                label.log_unsent(0, &error);
            }
        }
    }

    /// Hands a mail over now, once, and says how it went. Whoever stops waiting stops the attempt.
    pub async fn deliver(&self, message: Message) -> Result<(), MailError> {
        let label = compose::Label::of(&message);
        let (reply, answer) = oneshot::channel();
        let done = match self.accept(&message, Some(reply), &Span::current()) {
            Ok(()) => match tokio::time::timeout(self.0.patience.deliver_limit, answer).await {
                Ok(Ok(done)) => done,
                Ok(Err(_)) => Err(MailError::Ending),
                Err(_) => Err(MailError::TimedOut),
            },
            Err(error) => Err(error),
        };
        if let Err(error) = &done {
            self.0.figures.failed.increment();
            label.log_unsent(1, error);
        }
        done
    }

    fn accept(
        &self,
        message: &Message,
        reply: Option<oneshot::Sender<Result<(), MailError>>>,
        span: &Span,
    ) -> Result<(), MailError> {
        if let Some(kept) = &self.0.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
            return reply.map_or(Ok(()), |reply| reply.send(Ok(())).map_err(|_| MailError::Ending));
        }
        if self.is_off() {
            return Err(MailError::Off);
        }
        let letter = compose::compose(message, &self.0.settings)?;
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => MailError::Full,
            TryAcquireError::Closed => MailError::Ending,
        })?;
        self.0.jobs.send(Job { letter, reply, place, span: span.clone() }).map_err(|_| MailError::Ending)
    }

    /// Whether the mail server lets this service in; the reason if not. Sends nothing, and asks nothing of a local
    /// program.
    pub async fn greet(mail: &settings::Mail) -> Result<(), GreetError> {
        Transport::new(mail, 1).greet().await
    }

    /// Works until [`Mailer::drain`] is done. Runs once a mailer; a second call returns at once.
    pub async fn run(self) {
        let inbox = self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(inbox) = inbox {
            let courier = Courier::new(&self.0);
            courier.work(inbox).await;
        }
    }

    /// Waits until nothing is left to send, at most for `limit`; pauses between attempts are cut short. What is left
    /// then is logged. No mail is taken afterwards.
    pub async fn drain(&self, limit: Duration) {
        /// For the tasks to log what they still hold.
        const LAST_WORDS: Duration = Duration::from_secs(1);
        let shared = &self.0;
        let all = u32::try_from(shared.patience.places()).unwrap_or(u32::MAX);
        shared.ending.send_replace(Ending::Soon);
        let drained = tokio::time::timeout(limit, shared.places.acquire_many(all)).await.is_ok();
        shared.ending.send_replace(Ending::Now);
        if !drained {
            let _ = tokio::time::timeout(LAST_WORDS, shared.places.acquire_many(all)).await;
        }
        shared.places.close();
    }
}
