//! `database.url`, parsed when the settings are read: what the driver would drop or refuse later is refused here.
//!
//! The driver itself belongs to `store`, which is handed the text. No error quotes a value of the URL.

use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

use super::keys;
use super::secret::{SecretString, secret};

/// The parameters that have an effect. The driver would drop all others without a word.
const PARAMETERS: [&str; 8] = [
    "ssl-mode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "charset",
    "collation",
    "socket",
    "statement-cache-capacity",
];

/// The values of `ssl-mode`, in lower case.
const SSL_MODES: [&str; 5] = ["disabled", "preferred", "required", "verify_ca", "verify_identity"];

/// A URL that names a database, and that the driver takes.
#[derive(Clone, Debug)]
pub struct DatabaseUrl {
    url: SecretString,
    charset: Option<String>,
    collation: Option<String>,
}

/// What is wrong with the URL, as a clause about it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// `postgres://`, or none at all.
    #[error("it begins neither with mysql:// nor with mariadb://")]
    Scheme,
    /// A `#`, `/` or `?` ended the part before the host too early.
    #[error("special characters in it are to be percent-encoded: %23 for #, %2F for /, %3F for ?, %40 for @")]
    SpecialCharacter,
    /// `:99999`
    #[error("its port is no number from 1 to 65535")]
    Port,
    /// `mysql:///name`
    #[error("it names no host")]
    NoHost,
    /// `mysql://user@host`
    #[error("it names no database")]
    NoDatabase,
    /// `%FF`
    #[error("what is percent-encoded in it is no UTF-8 text")]
    Encoding,
    /// `?ssl_mode=REQUIRED`
    #[error("its parameter {name} is unknown{}", nearest.map(|name| format!(", did you mean {name}?")).unwrap_or_default())]
    UnknownParameter {
        /// Its name; never its value.
        name: String,
        /// The known one nearest to it.
        nearest: Option<&'static str>,
    },
    /// `?ssl-mode=bogus`
    #[error("its parameter {name} must be {allowed}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// In words.
        allowed: &'static str,
    },
    /// Anything else.
    #[error("it is no URL")]
    NoUrl,
}

impl DatabaseUrl {
    /// Reads `mysql://user:password@host:port/name?parameters`.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(DatabaseUrlError::Scheme)?;
        if !matches!(scheme, "mysql" | "mariadb") {
            return Err(DatabaseUrlError::Scheme);
        }
        // An @ behind the host: then what was taken for the host is a part of user and password.
        let behind = rest.find(['/', '?', '#']).and_then(|at| rest.get(at..)).unwrap_or_default();
        if behind.contains(['@', '#']) {
            return Err(DatabaseUrlError::SpecialCharacter);
        }
        let url = Url::parse(text).map_err(|error| match error {
            ParseError::InvalidPort => DatabaseUrlError::Port,
            ParseError::EmptyHost => DatabaseUrlError::NoHost,
            _ => DatabaseUrlError::NoUrl,
        })?;
        // Before the parameters, whose names are told: without a database they may be a part of the password.
        match url.path().trim_start_matches('/') {
            "" if url.host_str().unwrap_or_default().is_empty() => return Err(DatabaseUrlError::NoHost),
            "" => return Err(DatabaseUrlError::NoDatabase),
            name if name.contains('/') => return Err(DatabaseUrlError::SpecialCharacter),
            _ => {}
        }
        let mut found = Self { url: secret(text), charset: None, collation: None };
        let mut has_socket = false;
        for (name, value) in url.query_pairs() {
            match known(&name)? {
                "charset" => found.charset = Some(word("charset", &value)?),
                "collation" => found.collation = Some(word("collation", &value)?),
                "socket" => has_socket = path("socket", &value)?,
                "ssl-mode" if !SSL_MODES.contains(&value.to_ascii_lowercase().as_str()) => {
                    let allowed = "disabled, preferred, required, verify_ca or verify_identity";
                    return Err(DatabaseUrlError::Parameter { name: "ssl-mode", allowed });
                }
                "statement-cache-capacity" if value.parse::<u16>().is_err() => {
                    let allowed = "a number from 0 to 65535";
                    return Err(DatabaseUrlError::Parameter { name: "statement-cache-capacity", allowed });
                }
                _ => {}
            }
        }
        // Of a server on a socket, host and port do not matter.
        if !has_socket && url.host_str().unwrap_or_default().is_empty() {
            return Err(DatabaseUrlError::NoHost);
        }
        if url.port() == Some(0) {
            return Err(DatabaseUrlError::Port);
        }
        let parts = [url.username(), url.password().unwrap_or_default(), url.path()];
        if parts.iter().any(|part| percent_decode_str(part).decode_utf8().is_err()) {
            return Err(DatabaseUrlError::Encoding);
        }
        Ok(found)
    }

    /// The text, for the driver.
    #[must_use]
    pub fn text(&self) -> &SecretString {
        &self.url
    }

    /// The parameter `charset`.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }

    /// The parameter `collation`.
    #[must_use]
    pub fn collation(&self) -> Option<&str> {
        self.collation.as_deref()
    }
}

/// The parameter of that name; the driver takes `sslmode` and its like as well.
fn known(name: &str) -> Result<&'static str, DatabaseUrlError> {
    let same =
        |known: &&&str| **known == name || (known.starts_with("ssl-") && known.replace('-', "") == name);
    if let Some(known) = PARAMETERS.iter().find(same) {
        return Ok(known);
    }
    // What does not look like a name may be anything.
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(DatabaseUrlError::SpecialCharacter);
    }
    let nearest = keys::nearest_of(&PARAMETERS, &name.to_ascii_lowercase());
    Err(DatabaseUrlError::UnknownParameter { name: name.to_owned(), nearest })
}

fn word(name: &'static str, value: &str) -> Result<String, DatabaseUrlError> {
    let is_word = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let refused = DatabaseUrlError::Parameter { name, allowed: "letters, digits and _" };
    is_word.then(|| value.to_owned()).ok_or(refused)
}

fn path(name: &'static str, value: &str) -> Result<bool, DatabaseUrlError> {
    let refused = DatabaseUrlError::Parameter { name, allowed: "a path that begins with /" };
    value.starts_with('/').then_some(true).ok_or(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_the_driver_takes_are_taken() {
        for text in [
            "mysql://u@h/d",
            "mariadb://u:p%23%2F%3F%40@h:3307/d",
            "mysql://u:p@[::1]:3306/d?ssl-mode=VERIFY_CA&ssl-ca=/etc/ca.pem",
            "mysql://u:p@h/d?sslmode=disabled&statement-cache-capacity=0",
            "mysql://root@localhost/d?socket=%2Frun%2Fmysqld.sock",
            "mysql:///d?socket=/run/mysqld.sock",
            "mysql://u:p@x@h/d",
        ] {
            assert!(DatabaseUrl::parse(text).is_ok(), "{text}: {:?}", DatabaseUrl::parse(text));
        }
        let url = DatabaseUrl::parse("mysql://u@h/d?charset=latin1&collation=latin1_bin").unwrap();
        assert_eq!((url.charset(), url.collation()), (Some("latin1"), Some("latin1_bin")));
    }

    #[test]
    fn what_the_driver_would_drop_or_refuse_later_is_told_apart() {
        use DatabaseUrlError::{Encoding, NoDatabase, NoHost, Port, Scheme, SpecialCharacter};
        for (text, expected) in [
            ("u@h/d", Scheme),
            ("postgres://u@h/d", Scheme),
            ("mysql://", NoHost),
            ("mysql:///d", NoHost),
            ("mysql://u:p@h:99999/d", Port),
            ("mysql://u:p@h:0/d", Port),
            ("mysql://u:p@h", NoDatabase),
            ("mysql://u:1?TOPSECRET", NoDatabase),
            ("mysql://u:p@h:3306/", NoDatabase),
            ("mysql://u:a#TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:1#TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:a/TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:1/TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:a?TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:1?TOPSECRET@h/d", SpecialCharacter),
            ("mysql://u:p@h/d/e", SpecialCharacter),
            ("mysql://u:%FF@h/d", Encoding),
        ] {
            assert_eq!(DatabaseUrl::parse(text).map(drop), Err(expected), "{text}");
        }
    }

    #[test]
    fn unknown_parameters_are_refused_by_name_and_values_by_what_is_allowed() {
        let error = |query: &str| {
            DatabaseUrl::parse(&format!("mysql://u:p@h/d?{query}")).map(drop).unwrap_err().to_string()
        };
        assert_eq!(error("ssl_mode=REQUIRED"), "its parameter ssl_mode is unknown, did you mean ssl-mode?");
        assert_eq!(error("parseTime=true"), "its parameter parseTime is unknown");
        for query in
            ["ssl-mode=TOPSECRET", "charset=TOP%20SECRET", "socket=TOPSECRET", "statement-cache-capacity=-1"]
        {
            let text = error(query);
            assert!(text.contains(" must be ") && !text.contains("SECRET"), "{text}");
        }
    }
}
