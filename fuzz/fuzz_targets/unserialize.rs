//! Values of the database: any bytes get a value or an error, and what was read is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wp_sidecar::wp::php_serialize::{
    is_serialized, maybe_serialize, maybe_unserialize, serialize, unserialize,
};
use wp_sidecar::wp::sessions::{NewSession, Sessions};

fuzz_target!(|bytes: &[u8]| {
    let _ = is_serialized(bytes, false);
    if let Ok(value) = unserialize(bytes) {
        // The first writing may tidy: spellings of numbers, keys that came twice. From then on nothing changes.
        let written = serialize(&value);
        let again = unserialize(&written).expect("our own writing reads");
        assert_eq!(serialize(&again), written);
    }
    let value = maybe_unserialize(bytes);
    if let Some(stored) = maybe_serialize(&value) {
        let again = maybe_serialize(&maybe_unserialize(&stored));
        assert_eq!(again.as_deref(), Some(&stored[..]));
    }

    if let Ok(mut sessions) = Sessions::parse(Some(bytes)) {
        let session = NewSession { token: "t", expiration: 2_000, ip: None, user_agent: bytes, login: 1_000 };
        sessions.add(session, 100);
        let sessions = Sessions::parse(Some(&sessions.serialize())).expect("our own writing reads");
        assert!(sessions.is_live(b"t", 2_000));
    }
});
