//! How the commands come to a live site: a client that takes nothing elsewhere, and where cookies may go at all.

use std::time::Duration;

use reqwest::{Certificate, Client, redirect};
use url::{Host, Url};

use crate::facebook::reason;

/// A client; it trusts the usual authorities and `more` of them.
pub fn client(limit: Duration, more: Vec<Certificate>) -> Result<Client, String> {
    // The one TLS provider of the service; a second call finds it installed and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(limit)
        // A redirect would take cookies elsewhere.
        .redirect(redirect::Policy::none())
        .tls_certs_merge(more)
        .user_agent(concat!("wp-sidecar/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(reason)
}

/// A cookie would cross a network readable, which the site itself does not ask of anybody.
pub fn exposes(address: &Url, siteurl: &str) -> bool {
    let is_local = match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    address.scheme() == "http" && !is_local && siteurl.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_an_https_site_crosses_no_network_readable() {
        for (url, siteurl, exposed) in [
            ("http://a.test", "https://a.test", true),
            ("https://a.test", "https://a.test", false),
            ("http://a.test", "http://a.test", false),
            ("http://127.0.0.1:8080", "https://a.test", false),
            ("http://[::1]", "https://a.test", false),
            ("http://localhost", "https://a.test", false),
        ] {
            assert_eq!(exposes(&Url::parse(url).unwrap(), siteurl), exposed, "{url} {siteurl}");
        }
    }
}
