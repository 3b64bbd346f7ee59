//! Notices when all clients look like one: a proxy stands in front that is not trusted, so every limit by address
//! counts all clients together.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// So many requests in a row from one peer that forwards for others, and nobody else, before it is said.
const REQUESTS: u32 = 50;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct ProxyWatch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    peer: Option<IpAddr>,
    requests: u32,
    /// Said already, or never to be said: another peer came.
    done: bool,
}

impl ProxyWatch {
    /// Looks at a request's peer; `forwards` when it names somebody else as the client and is not believed. The peer to
    /// warn of, once.
    pub fn see(&self, peer: IpAddr, forwards: bool) -> Option<IpAddr> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.done {
            return None;
        }
        if !forwards || seen.peer.is_some_and(|first| first != peer) {
            seen.done = true;
            return None;
        }
        seen.peer = Some(peer);
        seen.requests += 1;
        seen.done = seen.requests >= REQUESTS;
        seen.done.then_some(peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    #[test]
    fn a_lone_proxy_is_named_once() {
        let watch = ProxyWatch::default();
        let said: Vec<_> = (0..1000).filter_map(|_| watch.see(PROXY, true)).collect();
        assert_eq!(said, [PROXY]);
    }

    #[test]
    fn other_peers_and_plain_clients_are_no_reason_to_warn() {
        let watch = ProxyWatch::default();
        assert!((0..REQUESTS - 1).all(|_| watch.see(PROXY, true).is_none()));
        assert_eq!(watch.see("192.0.2.1".parse().unwrap(), true), None);
        assert!((0..1000).all(|_| watch.see(PROXY, true).is_none()));
        let watch = ProxyWatch::default();
        assert!((0..1000).all(|_| watch.see(PROXY, false).is_none()));
    }
}
