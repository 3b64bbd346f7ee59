//! How the commands come to a live site: a client that takes nothing elsewhere, and where cookies may go at all.

use std::time::Duration;

use reqwest::{Certificate, Client, redirect};
use url::{Host, Url};

use crate::facebook::reason;

/// A client for that address; it trusts the usual authorities and `more` of them.
pub fn client(address: &Url, limit: Duration, more: Vec<Certificate>) -> Result<Client, String> {
    // The one TLS provider of the service; a second call finds it installed and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder();
    // Whoever has told this machine of a proxy does not mean the machine itself, and a proxy would see the cookies.
    let client = if is_local(address) { client.no_proxy() } else { client };
    client
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
    address.scheme() == "http" && !is_local(address) && siteurl.starts_with("https://")
}

fn is_local(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
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
