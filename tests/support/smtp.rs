//! A real SMTP server on loopback that keeps what it is given, and misbehaves when it is told to.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use base64::Engine as _;

/// What the server does at one step of the talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What a server usually says.
    Usual,
    /// This line.
    Say(&'static str),
    /// Nothing, until the client has gone.
    Nothing,
}

/// Asked before each answer: with the client's line, `""` for the greeting and `"."` for the end of a mail.
pub type Manner = Box<dyn FnMut(&str) -> Answer + Send>;

/// A mail as it was taken.
#[derive(Clone, Debug)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers, unfolded.
    pub headers: Vec<(String, String)>,
    /// The decoded text, with plain line ends.
    pub body: String,
    /// The whole mail as it came, dots undone.
    pub raw: String,
}

impl Received {
    fn parse(from: String, to: Vec<String>, text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a mail with a head");
        let headers: Vec<(String, String)> = head
            .replace("\r\n ", " ")
            .split("\r\n")
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut mail = Self { from, to, headers, body: String::new(), raw: text.to_owned() };
        mail.body = decode(body, mail.header("Content-Transfer-Encoding")).replace("\r\n", "\n");
        mail
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name} in {:?}", self.headers), |(_, value)| value)
    }

    /// The line of the body that is an address.
    #[track_caller]
    pub fn link(&self) -> String {
        let line = self.body.lines().find(|line| line.contains("wp-login.php?"));
        line.unwrap_or_else(|| panic!("no link in {}", self.body)).to_owned()
    }
}

fn decode(body: &str, encoding: &str) -> String {
    let bytes = match encoding {
        "7bit" | "8bit" => body.as_bytes().to_vec(),
        "base64" => {
            base64::engine::general_purpose::STANDARD.decode(body.replace("\r\n", "")).expect("base64")
        }
        "quoted-printable" => {
            let text = body.replace("=\r\n", "");
            let mut parts = text.split('=');
            let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
            for part in parts {
                bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            bytes
        }
        other => panic!("unknown encoding {other}"),
    };
    String::from_utf8(bytes).expect("UTF-8")
}

#[derive(Default)]
struct Seen {
    mails: Vec<Received>,
    lines: Vec<String>,
}

/// The server. It stops taking connections when the test process ends.
pub struct SmtpSink {
    address: SocketAddr,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    manner: Arc<Mutex<Manner>>,
}

impl SmtpSink {
    /// A server that takes everything.
    pub fn start() -> Self {
        Self::with_manner(|_| Answer::Usual)
    }

    pub fn with_manner(manner: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let sink = Self {
            address: listener.local_addr().expect("an address"),
            seen: Arc::default(),
            manner: Arc::new(Mutex::new(Box::new(manner))),
        };
        let (seen, manner) = (Arc::clone(&sink.seen), Arc::clone(&sink.manner));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, manner) = (Arc::clone(&seen), Arc::clone(&manner));
                // A client may hang up at any moment.
                std::thread::spawn(move || talk(&stream, &seen, &manner));
            }
        });
        sink
    }

    /// `mail.smtp_url`
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn set_manner(&self, manner: impl FnMut(&str) -> Answer + Send + 'static) {
        *self.manner.lock().expect("the manner") = Box::new(manner);
    }

    /// The mails since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.seen.0.lock().expect("the mails").mails)
    }

    /// Waits until so many mails are there.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        let (lock, changed) = &*self.seen;
        let seen = lock.lock().expect("the mails");
        let limit = Duration::from_secs(30);
        let (mut seen, _) =
            changed.wait_timeout_while(seen, limit, |seen| seen.mails.len() < count).expect("the mails");
        assert_eq!(seen.mails.len(), count, "{:?}", seen.mails);
        std::mem::take(&mut seen.mails)
    }

    /// Waits for a mail to this address with this subject.
    #[track_caller]
    pub fn wait_for_mail(&self, to: &str, subject: &str) -> Received {
        let (lock, changed) = &*self.seen;
        let place = |seen: &Seen| {
            seen.mails.iter().position(|mail| mail.to == [to] && mail.header("Subject") == subject)
        };
        let seen = lock.lock().expect("the mails");
        let limit = Duration::from_secs(30);
        let (mut seen, _) =
            changed.wait_timeout_while(seen, limit, |seen| place(seen).is_none()).expect("the mails");
        let place = place(&seen).unwrap_or_else(|| panic!("no {subject} for {to} in {:?}", seen.mails));
        seen.mails.remove(place)
    }

    /// Waits until the client has said this so many times.
    #[track_caller]
    pub fn wait_for_line(&self, start: &str, times: usize) {
        let (lock, changed) = &*self.seen;
        let said = |seen: &Seen| seen.lines.iter().filter(|line| line.starts_with(start)).count();
        let seen = lock.lock().expect("the lines");
        let limit = Duration::from_secs(30);
        let (seen, _) =
            changed.wait_timeout_while(seen, limit, |seen| said(seen) < times).expect("the lines");
        assert!(said(&seen) >= times, "{start} in {:?}", seen.lines);
    }

    /// All lines that clients said.
    pub fn lines(&self) -> Vec<String> {
        self.seen.0.lock().expect("the lines").lines.clone()
    }
}

/// One connection; ends when the client goes.
fn talk(stream: &TcpStream, seen: &(Mutex<Seen>, Condvar), manner: &Mutex<Manner>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut read = || {
        let mut line = Vec::new();
        let count = reader.read_until(b'\n', &mut line).ok()?;
        (count > 0).then(|| String::from_utf8_lossy(&line).into_owned())
    };
    let (mut from, mut to) = (String::new(), Vec::new());
    let mut line = String::new();
    loop {
        let answer = (manner.lock().expect("the manner"))(line.trim_end());
        let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        let usual = match verb.as_str() {
            "" => "220 sink",
            "EHLO" => "250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 welcome",
            "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 ok",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "500 what?",
        };
        let said = match answer {
            Answer::Usual => usual,
            Answer::Say(line) => line,
            Answer::Nothing => {
                while read().is_some() {}
                return None;
            }
        };
        let path = || {
            line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| path.to_owned())
        };
        if said.starts_with('2') {
            match verb.as_str() {
                "MAIL" => (from, to) = (path()?, Vec::new()),
                "RCPT" => to.push(path()?),
                _ => {}
            }
        }
        if said.starts_with("354") {
            writer.write_all(b"354 go on\r\n").ok()?;
            let mut text = String::new();
            loop {
                let line = read()?;
                if line == ".\r\n" {
                    break;
                }
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            let said = match (manner.lock().expect("the manner"))(".") {
                Answer::Usual => "250 taken",
                Answer::Say(line) => line,
                Answer::Nothing => {
                    while read().is_some() {}
                    return None;
                }
            };
            if said.starts_with('2') {
                let mail = Received::parse(std::mem::take(&mut from), std::mem::take(&mut to), &text);
                seen.0.lock().expect("the mails").mails.push(mail);
                seen.1.notify_all();
            }
            writer.write_all(format!("{said}\r\n").as_bytes()).ok()?;
        } else {
            writer.write_all(format!("{said}\r\n").as_bytes()).ok()?;
        }
        line = read()?;
        seen.0.lock().expect("the lines").lines.push(line.trim_end().to_owned());
        seen.1.notify_all();
    }
}
