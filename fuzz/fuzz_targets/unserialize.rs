//! Values of the database: any bytes get a value or an error, and what was read is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wp_sidecar::wp::php_serialize::{
    is_serialized, maybe_serialize, maybe_unserialize, serialize, unserialize,
};
use wp_sidecar::wp::php_value::{MAX_DEPTH, PhpValue};
use wp_sidecar::wp::sessions::{NewSession, Sessions};
use wp_sidecar_fuzz::memory::bounded;

fuzz_target!(|bytes: &[u8]| {
    let _ = is_serialized(bytes, false);
    // Arrays may claim more than they hold, at each level.
    let bound = (4 << 20) + 512 * bytes.len();
    let read = bounded(bound, 2 * bound, || unserialize(bytes));
    if let Ok(value) = &read {
        let mut size = 0;
        follow(value, 0, &mut size);
        // What is there, and what references may add.
        assert!(size <= 17 * bytes.len() + (1 << 20), "{size} bytes");

        // The first writing may tidy: spellings of numbers, keys that came twice. From then on nothing changes.
        let written = serialize(value);
        assert_eq!(serialize(&unserialize(bytes).expect("it was read before")), written);
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

/// Walks a value through its references, as whoever shows it does.
fn follow(value: &PhpValue, depth: usize, size: &mut usize) {
    assert!(depth <= MAX_DEPTH);
    *size += match value.resolve() {
        PhpValue::Str(bytes) => bytes.len(),
        _ => 1,
    };
    let entries = match value.resolve() {
        PhpValue::Array(array) => array,
        PhpValue::Object(object) => &object.properties,
        _ => return,
    };
    for value in entries.values() {
        follow(value, depth + 1, size);
    }
}
