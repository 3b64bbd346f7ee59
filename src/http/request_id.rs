//! A name for each request, in the answer's header and in the log.

use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::ambient;

/// The header, in and out.
pub const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name taken over from a proxy.
const LONGEST: usize = 64;

/// Letters, digits, `.`, `_` and `-` only.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

/// The name that a trusted proxy gave the request, or a new one.
#[must_use]
pub fn of(headers: &HeaderMap, proxied: bool) -> RequestId {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if let Some(given) = headers.get(NAME).filter(|given| proxied && is_plain(given.as_bytes())) {
        return RequestId(given.clone());
    }
    let number = u64::from(ambient::process_mark()) << 32 | u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
    // Hexadecimal digits are always a header's value.
    RequestId(HeaderValue::try_from(format!("{number:016x}")).unwrap_or(HeaderValue::from_static("0")))
}

fn is_plain(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=LONGEST).contains(&text.len()) && text.iter().all(plain)
}

impl RequestId {
    /// As in the log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As in the answer.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(value: &str, proxied: bool) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(NAME, HeaderValue::from_str(value).unwrap());
        of(&headers, proxied).as_str().to_owned()
    }

    #[test]
    fn a_trusted_proxy_names_the_request_and_nobody_else() {
        assert_eq!(named("a1-B2._x", true), "a1-B2._x");
        assert_ne!(named("a1-B2._x", false), "a1-B2._x");
    }

    #[test]
    fn a_name_that_could_disturb_the_log_is_replaced() {
        for odd in ["", "a b", "a\"b", "{x}", "é", &"x".repeat(65)] {
            let name = named(odd, true);
            assert!(name != odd && is_plain(name.as_bytes()), "{odd:?} became {name:?}");
        }
    }

    #[test]
    fn every_request_has_a_name_of_its_own() {
        assert_ne!(of(&HeaderMap::new(), true).as_str(), of(&HeaderMap::new(), true).as_str());
    }
}
