//! Who calls: address, TLS and User-Agent, with the headers of trusted proxies believed and all others ignored.

use std::net::IpAddr;

use actix_web::http::header::{
    FORWARDED, HeaderMap, HeaderName, USER_AGENT, X_FORWARDED_FOR, X_FORWARDED_PROTO,
};
use ipnet::IpNet;

/// The caller.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address, if the peer has one.
    pub ip: Option<IpAddr>,
    /// The request came over TLS as far as a trusted proxy says.
    pub tls: bool,
    /// The peer is a trusted proxy.
    pub proxied: bool,
    /// A peer that is none, and whether it forwards for others.
    pub unbelieved: Option<(IpAddr, bool)>,
    /// `User-Agent` as sent.
    pub user_agent: Vec<u8>,
}

impl Client {
    /// Reads the headers. Only a trusted peer's forwarding headers count.
    #[must_use]
    pub fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.map(|ip| ip.to_canonical());
        let believes = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        let user_agent = headers.get(USER_AGENT).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        if let Some(stranger) = peer.filter(|ip| !believes(ip)) {
            let forwards = headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
            let unbelieved = Some((stranger, forwards));
            return Self { ip: peer, tls: false, proxied: false, unbelieved, user_agent };
        }
        let forwarded = Forwarded::read(headers);
        // From the nearest hop outwards: the first address that is no proxy of ours is the client.
        let mut ip = peer;
        for hop in forwarded.addresses.iter().rev() {
            let Some(hop) = hop else { break };
            ip = Some(*hop);
            if !believes(hop) {
                break;
            }
        }
        Self { ip, tls: forwarded.tls, proxied: true, unbelieved: None, user_agent }
    }
}

/// What the proxies say, nearest hop last.
struct Forwarded {
    addresses: Vec<Option<IpAddr>>,
    tls: bool,
}

impl Forwarded {
    /// `X-Forwarded-*` hides `Forwarded`: a proxy that sets the former passes the latter on as the client sent it.
    fn read(headers: &HeaderMap) -> Self {
        let standard = elements(headers, &FORWARDED);
        let addresses = elements(headers, &X_FORWARDED_FOR);
        let protocols = elements(headers, &X_FORWARDED_PROTO);
        let addresses = if addresses.is_empty() {
            standard.iter().map(|element| address(&parameter(element, "for").unwrap_or_default())).collect()
        } else {
            addresses.iter().map(|text| address(text)).collect()
        };
        let protocol = match protocols.last() {
            Some(last) => Some(last.clone()),
            None => standard.last().and_then(|element| parameter(element, "proto")),
        };
        Self { addresses, tls: protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("https")) }
    }
}

/// All elements of a list header, in order.
fn elements(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|element| element.trim().to_owned())
        .filter(|element| !element.is_empty())
        .collect()
}

/// A parameter of a `Forwarded` element (RFC 7239).
fn parameter(element: &str, name: &str) -> Option<String> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// An address with or without port and brackets; `unknown` and made-up names are none.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None if text.matches(':').count() == 1 => text.split(':').next().unwrap_or(text),
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn client(peer: &str, headers: &[(&str, &str)]) -> Client {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let trusted =
            ["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        Client::of(Some(peer.parse().unwrap()), &map, &trusted)
    }

    fn ip(client: &Client) -> String {
        client.ip.unwrap().to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address_or_claim_tls() {
        let seen = client("203.0.113.9", &[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")]);
        assert_eq!((ip(&seen).as_str(), seen.tls), ("203.0.113.9", false));
    }

    #[test]
    fn a_trusted_proxy_names_the_client_and_tls() {
        let seen = client("127.0.0.1", &[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]);
        assert_eq!((ip(&seen).as_str(), seen.tls), ("203.0.113.9", true));
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_of_ours_counts() {
        let seen = client("127.0.0.1", &[("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2")]);
        assert_eq!(ip(&seen), "203.0.113.9");
        let seen = client("127.0.0.1", &[("x-forwarded-for", "203.0.113.9, unknown")]);
        assert_eq!(ip(&seen), "127.0.0.1");
    }

    #[test]
    fn the_standard_header_counts_where_the_older_ones_are_absent() {
        let seen = client("::1", &[("forwarded", "for=\"[2001:db8::7]:4711\";proto=https;by=x")]);
        assert_eq!((ip(&seen).as_str(), seen.tls), ("2001:db8::7", true));
        let seen =
            client("::1", &[("forwarded", "for=6.6.6.6;proto=https"), ("x-forwarded-for", "203.0.113.9")]);
        assert_eq!(ip(&seen), "203.0.113.9");
    }

    #[test]
    fn mapped_addresses_are_written_as_the_ones_they_map() {
        assert_eq!(ip(&client("::ffff:203.0.113.9", &[])), "203.0.113.9");
    }
}
