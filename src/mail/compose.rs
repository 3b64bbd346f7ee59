//! From a message to the bytes that a mail server takes, and to the little of it that the log may know.

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Composed};
use sha2::{Digest as _, Sha256};

use super::{MailError, Message, Sender};
use crate::settings;

/// A mail as it goes over the wire.
pub(super) struct Letter {
    pub envelope: Envelope,
    pub text: Vec<u8>,
    pub label: Label,
}

/// What the log is told.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub kind: &'static str,
    /// The start of the address's SHA-256, to tell recipients apart.
    recipient: String,
}

impl Label {
    pub fn of(message: &Message) -> Self {
        let digest = hex::encode(Sha256::digest(message.to.to_lowercase()));
        Self { kind: message.kind, recipient: digest.chars().take(12).collect() }
    }

    /// It is not sent and will not be.
    pub fn log_unsent(&self, attempts: u32, reason: &MailError) {
        let Self { kind, recipient } = self;
        tracing::error!(%kind, %recipient, attempts, %reason, "a mail could not be sent");
    }

    /// It will be tried again.
    pub fn log_delayed(&self, attempts: u32, reason: &str) {
        let Self { kind, recipient } = self;
        tracing::warn!(%kind, %recipient, attempts, reason, "a mail could not be sent yet");
    }
}

/// Headers, encodings, line ends. Nothing in the message can add a header or a recipient.
pub(super) fn compose(message: &Message, mail: &settings::Mail) -> Result<Letter, MailError> {
    let address = |text: &str, what| text.parse::<Address>().map_err(|_| MailError::Unusable(what));
    let to = address(&message.to, "the recipient's address is unusable")?;
    let from = match &mail.from_address {
        Some(text) => address(text, "mail.from_address is unusable")?,
        None => address(&wordpress_at(&message.from), "the site's host gives no sender's address")?,
    };
    let name = one_line(mail.from_name.as_deref().unwrap_or(&message.from.name));
    let name = Some(name).filter(|name| !name.is_empty());
    let mut builder = Composed::builder()
        .from(Mailbox::new(name, from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(&message.subject))
        .message_id(None)
        .date_now()
        // RFC 3834: asks programs that answer mails not to answer this one.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN);
    // Whoever comments chooses this one: an address that is none is left out.
    if let Some(reply_to) = message.reply_to.as_deref().and_then(|text| text.parse::<Address>().ok()) {
        builder = builder.reply_to(Mailbox::new(None, reply_to));
    }
    let unusable = |_| MailError::Unusable("the mail could not be composed");
    let composed = builder.body(clean_text(&message.body)).map_err(unusable)?;
    let envelope =
        Envelope::new(Some(from), vec![to]).map_err(|_| MailError::Unusable("the mail has no recipient"))?;
    Ok(Letter { envelope, text: composed.formatted(), label: Label::of(message) })
}

/// The address that `wp_mail()` chooses.
fn wordpress_at(sender: &Sender) -> String {
    format!("wordpress@{}", sender.host)
}

/// Control characters, line ends among them, become blanks.
fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    text.trim().to_owned()
}

/// Lines stay lines; other control characters go.
fn clean_text(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control())
        .collect()
}

/// What servers say often holds the address; every word with an `@` goes.
pub(super) fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Mail, MailTransport};

    fn settings() -> Mail {
        Mail { transport: MailTransport::Off, from_address: None, from_name: None }
    }

    fn message(subject: &str, body: &str) -> Message {
        Message {
            kind: "test",
            to: "john@example.org".to_owned(),
            from: Sender { name: "WordPress".to_owned(), host: "example.org".to_owned() },
            reply_to: None,
            subject: subject.to_owned(),
            body: body.to_owned(),
        }
    }

    fn text(message: &Message, settings: &Mail) -> String {
        String::from_utf8(compose(message, settings).unwrap().text).unwrap()
    }

    /// Names of all headers, in order.
    fn headers(text: &str) -> Vec<&str> {
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect()
    }

    const HEADERS: [&str; 8] = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Date",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];

    #[test]
    fn a_mail_has_these_headers_and_its_text() {
        let text = text(&message("[Site] Hello", "one\ntwo\r\nthree"), &settings());
        assert_eq!(headers(&text), HEADERS);
        for line in [
            "From: WordPress <wordpress@example.org>\r\n",
            "To: john@example.org\r\n",
            "Subject: [Site] Hello\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.ends_with("\r\n\r\none\r\ntwo\r\nthree"), "{text}");
    }

    #[test]
    fn the_owner_chooses_from() {
        let mail = Mail {
            from_address: Some("a@b.org".into()),
            from_name: Some("Müller, \"M\"".into()),
            ..settings()
        };
        let letter = compose(&message("s", "b"), &mail).unwrap();
        assert_eq!(letter.envelope.from().unwrap().to_string(), "a@b.org");
        let text = String::from_utf8(letter.text).unwrap();
        assert!(text.contains("<a@b.org>\r\n") && !text.contains("wordpress@") && text.is_ascii(), "{text}");
    }

    #[test]
    fn hosts_without_a_dot_and_numbers_send_too() {
        for host in ["localhost", "127.0.0.1", "[::1]", "bücher.example"] {
            let mut message = message("s", "b");
            message.from.host = host.to_owned();
            assert!(compose(&message, &settings()).is_ok(), "{host}");
        }
    }

    #[test]
    fn no_field_can_add_a_header_or_a_recipient() {
        let evil = "x\r\nBcc: eve@example.com\r\n\r\nbody\nCc: eve@example.com\0\u{85}Bcc: e@e";
        let mut sent = message(evil, evil);
        sent.from.name = evil.to_owned();
        sent.reply_to = Some(format!("a@example.org{evil}"));
        let text = text(&sent, &settings());
        assert_eq!(headers(&text), HEADERS);
        for to in [evil, "a@b.org\r\nRCPT TO:<e@e>", "a@b.org, e@e.org", "<a@b.org>", "a b@c.org", ""] {
            sent.to = to.to_owned();
            assert!(compose(&sent, &settings()).is_err(), "{to}");
        }
        let mut sent = message("s", "b");
        sent.from.host = "example.org\r\nBcc: e@e.org".to_owned();
        assert!(compose(&sent, &settings()).is_err());
    }

    #[test]
    fn a_long_subject_in_other_letters_stays_ascii_and_short_lined() {
        let text = text(&message(&"Grüße 🦀 ".repeat(30), "ä\n"), &settings());
        assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 78), "{text}");
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
    }

    #[test]
    fn the_log_learns_no_address() {
        let said = "permanent error (550): 5.1.1 <john@example.org>: no such user john@example.org";
        assert_eq!(without_addresses(said), "permanent error (550): 5.1.1 (address) no such user (address)");
        let label = Label::of(&message("s", "b"));
        assert_eq!((label.kind, label.recipient.len()), ("test", 12));
    }
}
