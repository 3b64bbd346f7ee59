//! The section `mail.*`.

use std::path::PathBuf;

use super::read::Reader;
use super::smtp::SmtpServer;
use super::{Mail, MailTransport, SettingsError};
use crate::wp::sanitize::is_email;

/// A transport comes with all it needs, or the settings are refused.
pub(super) fn read(reader: &Reader<'_>) -> Result<Mail, SettingsError> {
    // An empty text is a value nobody gave.
    let given = |text: &str, accept: fn(&str) -> bool| match text {
        "" => Some(None),
        text => accept(text).then(|| Some(text.to_owned())),
    };
    let server = reader.with("mail.smtp_url", |text| match text {
        "" => Some(None),
        text => SmtpServer::parse(text).map(Some),
    })?;
    let program =
        reader.with("mail.sendmail_path", |text| (!text.is_empty()).then(|| PathBuf::from(text)))?;
    let transport = reader.with("mail.transport", |text| match text {
        "smtp" => server.flatten().map(MailTransport::Smtp),
        "sendmail" => program.map(MailTransport::Sendmail),
        "off" => Some(MailTransport::Off),
        _ => None,
    })?;
    let address = |text: &str| is_email(text.as_bytes());
    let name = |text: &str| !text.contains(char::is_control);
    Ok(Mail {
        transport: transport.unwrap_or(MailTransport::Off),
        from_address: reader.with("mail.from_address", |text| given(text, address))?.flatten(),
        from_name: reader.with("mail.from_name", |text| given(text, name))?.flatten(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, Sources};
    use super::*;

    fn mail(settings: &[(&str, &str)]) -> Result<Mail, String> {
        let named = [("database.url", "mysql://u@h/d")].iter().chain(settings);
        let command_line = named.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let sources = Sources { command_line, ..Sources::default() };
        Settings::load(&sources).map(|settings| settings.mail).map_err(|error| error.to_string())
    }

    #[test]
    fn mails_go_to_the_local_program_when_nothing_is_said() {
        let mail = mail(&[]).unwrap();
        assert!(matches!(mail.transport, MailTransport::Sendmail(path) if path.ends_with("sendmail")));
        assert_eq!((mail.from_address, mail.from_name), (None, None));
    }

    #[test]
    fn a_transport_comes_with_what_it_needs() {
        let smtp = mail(&[("mail.transport", "smtp"), ("mail.smtp_url", "smtps://m.example.org")]).unwrap();
        assert!(matches!(smtp.transport, MailTransport::Smtp(server) if server.port == 465));
        let error = mail(&[("mail.transport", "smtp")]).unwrap_err();
        assert!(error.contains("mail.transport = \"smtp\"") && error.contains("mail.smtp_url"), "{error}");
        assert!(mail(&[("mail.sendmail_path", "")]).is_err());
        assert!(mail(&[("mail.transport", "pigeon")]).is_err());
    }

    #[test]
    fn nonsense_is_refused_and_a_password_is_not_repeated() {
        let error = mail(&[("mail.smtp_url", "smtp://me:secret@mail.example.org")]).unwrap_err();
        assert!(error.contains("mail.smtp_url") && !error.contains("secret"), "{error}");
        assert!(mail(&[("mail.from_address", "nobody")]).is_err());
        assert!(mail(&[("mail.from_name", "two\nlines")]).is_err());
        let mail = mail(&[("mail.from_address", "a@b.org"), ("mail.from_name", "")]).unwrap();
        assert_eq!((mail.from_address.as_deref(), mail.from_name), (Some("a@b.org"), None));
    }
}
