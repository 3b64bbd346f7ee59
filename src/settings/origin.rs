//! A web origin, as browsers send it: scheme, host, port.

use std::str::FromStr;

/// An origin, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Whether the value of an `Origin` header is this one.
    #[must_use]
    pub fn matches(&self, origin: &[u8]) -> bool {
        self.0 == "*" || self.0.as_bytes() == origin
    }
}

impl FromStr for Origin {
    type Err = ();

    /// `https://app.example.org`, `http://localhost:8100`, `capacitor://localhost`, or `*`. Browsers send them in lower
    /// case and without a slash at the end, so nothing else could ever match.
    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let (scheme, host) = text.split_once("://").ok_or(())?;
        let word = |text: &str, more: &[u8]| {
            let allowed =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(&byte);
            !text.is_empty() && text.bytes().all(allowed)
        };
        (word(scheme, b"+-.") && word(host, b"-.:[]")).then(|| Self(text.to_owned())).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_taken_as_browsers_write_them() {
        for text in
            ["https://app.example.org", "http://localhost:8100", "capacitor://localhost", "http://[::1]:80"]
        {
            assert!(text.parse::<Origin>().unwrap().matches(text.as_bytes()), "{text}");
        }
        assert!("*".parse::<Origin>().unwrap().matches(b"null"));
        let origin: Origin = "https://app.example.org".parse().unwrap();
        for other in [
            "https://app.example.org.evil.net",
            "http://app.example.org",
            "https://app.example.org:444",
            "null",
        ] {
            assert!(!origin.matches(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for text in [
            "",
            "app.example.org",
            "https://App.example.org",
            "https://app.example.org/",
            "https://",
            "a b://c",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(()), "{text}");
        }
    }
}
