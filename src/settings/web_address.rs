//! Addresses of the site, as WordPress keeps them in `home` and `siteurl`.

use url::Url;

/// Whether `text` is an `http://` or `https://` URL with a host, to which a path can be added.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    // The parser alone would take `http:example.org` and blanks at the ends for what was meant.
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && Url::parse(text)
            .is_ok_and(|url| url.has_host() && url.query().is_none() && url.fragment().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_has_a_scheme_of_the_web_and_a_host() {
        for text in
            ["https://example.org", "http://127.0.0.1:8080/blog/", "HTTP://[::1]", "https://bücher.example"]
        {
            assert!(is_web_address(text), "{text}");
        }
        for text in [
            "",
            "foo",
            "example.org",
            "ftp://x",
            "http:x",
            "http://",
            "https:///",
            "javascript:alert(1)",
            "javascript://x",
            "http://a b",
            " http://a",
            "http://a/?x",
            "http://a/#x",
            "http://a:99999",
        ] {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
