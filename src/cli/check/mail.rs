//! How mails leave. None is sent.

use std::path::Path;

use rustix::fs::Access;

use super::finding::Finding;
use crate::mail::{GreetError, Mailer};
use crate::settings::smtp::{SmtpServer, SmtpTls};
use crate::settings::{Mail, MailTransport, Settings, Sources};

const NAME: &str = "mail";

pub async fn transport(mail: &Mail, sources: &Sources) -> Finding {
    match &mail.transport {
        MailTransport::Off => Finding::ok(NAME, "off: nobody gets a mail, and retrieve_password is refused"),
        MailTransport::Sendmail(program) => sendmail(program, sources),
        MailTransport::Smtp(server) => {
            let tls = match server.tls {
                SmtpTls::Never => "without TLS",
                SmtpTls::Starttls => "STARTTLS",
                SmtpTls::FromTheStart => "TLS",
            };
            let login = if server.login.is_some() { ", with a login" } else { "" };
            let text = format!("SMTP at {}:{}, {tls}{login}", server.host, server.port);
            match Mailer::greet(mail).await {
                Ok(()) => Finding::ok(NAME, format!("{text}: it lets the service in")),
                Err(error) => Finding::failed(NAME, format!("{text}: {error}"), advice(&error, server)),
            }
        }
    }
}

/// A server whose TLS begins at once waits for the client, which waits for a greeting.
fn advice(error: &GreetError, server: &SmtpServer) -> &'static str {
    match (error, server.tls) {
        (GreetError::Silence { .. }, SmtpTls::Never | SmtpTls::Starttls) => {
            "does this port want smtps:// in mail.smtp_url? Mails are lost until then"
        }
        _ => "correct mail.smtp_url; mails are lost until then",
    }
}

fn sendmail(program: &Path, sources: &Sources) -> Finding {
    let at = program.display();
    if !is_program(program) {
        return Finding::failed(
            NAME,
            if program.exists() {
                format!("{at} is no program that the service may run: no mail will leave")
            } else {
                format!("there is no {at}: no mail will leave")
            },
            "install one, or set mail.sendmail_path, or mail.transport to smtp with mail.smtp_url, or to off",
        );
    }
    if has_server(sources) {
        return Finding::warning(
            NAME,
            format!("by {at}: mail.smtp_url is set and not used"),
            "set mail.transport to smtp, or remove mail.smtp_url",
        );
    }
    Finding::ok(NAME, format!("by {at}"))
}

/// The system is asked: some of the bits for running it are another user's.
fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

/// Whether mails could leave by SMTP if the settings said so.
fn has_server(sources: &Sources) -> bool {
    let mut sources = sources.clone();
    sources.command_line.push(("mail.transport".to_owned(), "smtp".to_owned()));
    Settings::load(&sources).is_ok_and(|settings| matches!(settings.mail.transport, MailTransport::Smtp(_)))
}
