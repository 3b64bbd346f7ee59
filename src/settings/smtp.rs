//! `mail.smtp_url`: a mail server, with the promise that a password never crosses a network in the clear.

use percent_encoding::percent_decode_str;
use url::Url;

use super::secret::{SecretString, secret};

/// A mail server and how to talk to it.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// When the talk is encrypted.
    pub tls: SmtpTls,
    /// User name and password.
    pub login: Option<(String, SecretString)>,
}

/// When the talk with a mail server is encrypted. The certificate is checked wherever there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// `smtp://`, port 25: never. Taking TLS where it is offered would break local servers, whose certificates are
    /// seldom real, and would not hinder anybody who can change what is offered.
    Never,
    /// `smtp+starttls://`, port 587: before anything is said; a server that lacks it gets nothing.
    Starttls,
    /// `smtps://`, port 465: from the first byte.
    FromTheStart,
}

impl SmtpServer {
    /// Reads `scheme://user:password@host:port`; user and password are percent-encoded. Without TLS a password is
    /// taken only for a server on the same machine.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let (tls, usual_port) = match url.scheme() {
            "smtp" => (SmtpTls::Never, 25),
            "smtp+starttls" => (SmtpTls::Starttls, 587),
            "smtps" => (SmtpTls::FromTheStart, 465),
            _ => return None,
        };
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let has_more = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
        if host.is_empty() || has_more {
            return None;
        }
        let decode = |text: &str| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return None,
            (user, Some(password)) => Some((decode(user)?, secret(&decode(password)?))),
        };
        if login.is_some() && tls == SmtpTls::Never && !is_this_machine(&host) {
            return None;
        }
        Some(Self { host, port: url.port().unwrap_or(usual_port), tls, login })
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::secret::ExposeSecret as _;
    use super::*;

    fn parts(text: &str) -> Option<(String, u16, SmtpTls)> {
        SmtpServer::parse(text).map(|server| (server.host, server.port, server.tls))
    }

    #[test]
    fn the_scheme_says_how_and_where() {
        assert_eq!(parts("smtp://mail.lan"), Some(("mail.lan".into(), 25, SmtpTls::Never)));
        assert_eq!(parts("smtp+starttls://m.example"), Some(("m.example".into(), 587, SmtpTls::Starttls)));
        assert_eq!(
            parts("smtps://[2001:db8::1]:2465/"),
            Some(("2001:db8::1".into(), 2465, SmtpTls::FromTheStart))
        );
    }

    #[test]
    fn user_and_password_are_decoded() {
        let server = SmtpServer::parse("smtps://me%40example.org:p%3A%2F%40ss@mail.example.org").unwrap();
        let (user, password) = server.login.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("me@example.org", "p:/@ss"));
    }

    #[test]
    fn a_password_in_the_clear_stays_on_this_machine() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(SmtpServer::parse(&format!("smtp://u:p@{host}")).is_some(), "{host}");
        }
        assert!(SmtpServer::parse("smtp://u:p@mail.example.org").is_none());
        assert!(SmtpServer::parse("smtp+starttls://u:p@mail.example.org").is_some());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "mail.example.org",
            "http://m",
            "smtp://",
            "smtps://u@m",
            "smtps://:p@m",
            "smtp://m/x",
            "smtp://m?tls=no",
        ] {
            assert!(SmtpServer::parse(text).is_none(), "{text}");
        }
    }
}
