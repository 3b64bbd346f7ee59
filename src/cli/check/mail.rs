//! How mails leave. None is sent.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::finding::Finding;
use crate::mail::Mailer;
use crate::settings::smtp::SmtpTls;
use crate::settings::{Mail, MailTransport};

const NAME: &str = "mail";

pub async fn transport(mail: &Mail) -> Finding {
    match &mail.transport {
        MailTransport::Off => Finding::ok(NAME, "off: nobody gets a mail, and retrieve_password is refused"),
        MailTransport::Sendmail(program) if is_program(program) => {
            Finding::ok(NAME, format!("by {}", program.display()))
        }
        MailTransport::Sendmail(program) => Finding::failed(
            NAME,
            format!("{} is no program that can be run: no mail will leave", program.display()),
            "install one, or set mail.sendmail_path, or mail.transport to smtp with mail.smtp_url, or to off",
        ),
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
                Err(reason) => Finding::failed(
                    NAME,
                    format!("{text}: {reason}"),
                    "correct mail.smtp_url; mails are lost until then",
                ),
            }
        }
    }
}

fn is_program(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
