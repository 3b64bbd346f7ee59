//! The two ways out: a mail server, or the machine's own `sendmail` program.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{AsyncSendmailTransport, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::GreetError;
use super::compose::{Letter, without_addresses};
use crate::settings::secret::ExposeSecret as _;
use crate::settings::smtp::{SmtpServer, SmtpTls};
use crate::settings::{self, MailTransport};

/// How long the server may take for one step of the talk.
const STEP_LIMIT: Duration = Duration::from_secs(15);

/// How long the server may take to let the service in. The library's own limit does not hold for its greeting.
const GREETING_LIMIT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept for the next mail.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// A way out.
pub(super) enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Sendmail(AsyncSendmailTransport<Tokio1Executor>),
    /// None, and why.
    None(String),
}

/// A failed attempt.
#[derive(Debug)]
pub(super) struct Failure {
    /// Without addresses.
    pub reason: String,
    /// Another attempt may go better.
    pub may_pass: bool,
}

impl Failure {
    pub fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_pass: true }
    }

    fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), may_pass: false }
    }
}

impl Transport {
    /// Must be called within the runtime that will carry the mails: the pool starts a task.
    pub fn new(mail: &settings::Mail, connections: usize) -> Self {
        match &mail.transport {
            MailTransport::Smtp(server) => by_smtp(server, connections),
            MailTransport::Sendmail(program) => {
                Self::Sendmail(AsyncSendmailTransport::new_with_command(program))
            }
            MailTransport::Off => Self::None("mail is switched off".to_owned()),
        }
    }

    /// Whether the server lets this service in. Sends nothing.
    pub async fn greet(&self) -> Result<(), GreetError> {
        match self {
            Self::Smtp(server) => {
                match tokio::time::timeout(GREETING_LIMIT, server.test_connection()).await {
                    Ok(Ok(true)) => Ok(()),
                    Ok(Ok(false)) => {
                        Err(GreetError::Refused("the server does not answer as one should".to_owned()))
                    }
                    Ok(Err(error)) => Err(GreetError::Refused(refused(&error))),
                    Err(_) => Err(GreetError::Silence { seconds: GREETING_LIMIT.as_secs() }),
                }
            }
            Self::Sendmail(_) => Ok(()),
            Self::None(reason) => Err(GreetError::Refused(reason.clone())),
        }
    }

    /// One attempt.
    pub async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        match self {
            // The courier bounds the whole attempt.
            Self::Smtp(server) => match server.send_raw(&letter.envelope, &letter.text).await {
                Ok(_) => Ok(()),
                // What the server refuses for good, it refuses again; all else may be better in a while.
                Err(error) if error.is_permanent() => Err(Failure::lasting(refused(&error))),
                Err(error) => Err(Failure::passing(refused(&error))),
            },
            Self::Sendmail(program) => program
                .send_raw(&letter.envelope, &letter.text)
                .await
                .map_err(|error| Failure::passing(said(&error))),
            Self::None(reason) => Err(Failure::lasting(reason.clone())),
        }
    }
}

fn by_smtp(server: &SmtpServer, connections: usize) -> Transport {
    type Smtp = AsyncSmtpTransport<Tokio1Executor>;
    let builder = match server.tls {
        SmtpTls::Never => Ok(Smtp::builder_dangerous(server.host.clone())),
        SmtpTls::Starttls => Smtp::starttls_relay(&server.host),
        SmtpTls::FromTheStart => Smtp::relay(&server.host),
    };
    let builder = match builder {
        Ok(builder) => builder,
        Err(error) => return Transport::None(said(&error)),
    };
    let pool =
        PoolConfig::new().max_size(u32::try_from(connections).unwrap_or(u32::MAX)).idle_timeout(IDLE_LIMIT);
    let builder = builder.port(server.port).timeout(Some(STEP_LIMIT)).pool_config(pool);
    let builder = match &server.login {
        Some((user, password)) => {
            builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()))
        }
        None => builder,
    };
    Transport::Smtp(builder.build())
}

/// What an SMTP server said or did. Of what is no SMTP at all the library quotes its parser, which helps nobody.
fn refused(error: &smtp::Error) -> String {
    let cause = std::error::Error::source(error);
    let is_no_text = cause
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::InvalidData);
    match cause.map(ToString::to_string) {
        Some(text) if error.is_response() && text == "incomplete response" => {
            "the server hung up in the middle of the talk".to_owned()
        }
        _ if error.is_response() || (is_no_text && !error.is_tls()) => {
            "what answers there does not speak SMTP".to_owned()
        }
        _ => said(error),
    }
}

/// The error in one line, without addresses.
fn said(error: &dyn std::error::Error) -> String {
    without_addresses(&error.to_string())
}
