//! Cookies of requests: any bytes are read without harm, nobody forges one, and ours stand only as they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wp_sidecar::wp::auth_cookie::{AuthCookie, generate};
use wp_sidecar::wp::version::WpVersion;

const SALT: &[u8] = b"a salt that the fuzzer does not see";
const PASS: &[u8] = b"$P$B0123456789abcdefghijklmnopqrst";

fuzz_target!(|bytes: &[u8]| {
    let parts = bytes.split(|byte| *byte == b'|').count();
    for version in [WpVersion::OLDEST_KNOWN, WpVersion::NEWEST_KNOWN] {
        for cookie in [AuthCookie::parse(bytes), AuthCookie::parse_unslashed(bytes)] {
            assert_eq!(cookie.is_some(), parts == 4);
            let Some(cookie) = cookie else { continue };
            assert!(!cookie.verify(PASS, SALT, version));
            let _ = cookie.verify(bytes, bytes, version);
            // Grace lets no cookie end that would live without it.
            assert!(cookie.is_expired(0, false) || !cookie.is_expired(0, true));
            let _ = (cookie.session_token(), cookie.token(), cookie.login());
        }

        let own = generate("john", PASS, 2_000_000_000, "TOKENtoken", SALT, version);
        let valid =
            |cookie: &[u8]| AuthCookie::parse(cookie).is_some_and(|read| read.verify(PASS, SALT, version));
        assert!(valid(own.as_bytes()));
        // The input as changes of a true cookie: a place and what stands there instead.
        let mut changed = own.clone().into_bytes();
        for pair in bytes.chunks_exact(2) {
            let place = usize::from(pair[0]) % changed.len();
            changed[place] = pair[1];
        }
        assert_eq!(valid(&changed), changed == own.as_bytes());
    }
});
