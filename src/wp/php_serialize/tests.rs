//! WordPress's and PHP's own answers, and what must hold for any bytes.

mod references;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::wp::php_json;
use crate::wp::php_value::{MAX_DEPTH, ObjectForm, PhpArray, PhpKey, PhpObject};

const FILES: [&str; 3] = [
    include_str!("../../../fixtures/vectors/wordpress-6.8.8.json"),
    include_str!("../../../fixtures/vectors/wordpress-6.1.12.json"),
    include_str!("../../../fixtures/vectors/fuzzed-6.8.8.json"),
];

/// The vectors of one list, from all files that have it.
fn vectors(list: &str) -> Vec<Json> {
    let all =
        FILES.iter().filter_map(|file| serde_json::from_str::<Json>(file).unwrap()[list].as_array().cloned());
    let found: Vec<Json> = all.flatten().collect();
    assert!(!found.is_empty(), "{list}");
    found
}

fn base64(case: &Json, field: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(case[field].as_str().unwrap()).unwrap()
}

/// Text as it is, or base64 under the name with that ending.
fn bytes(case: &Json, field: &str) -> Vec<u8> {
    match case[field].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(case, &format!("{field}_base64")),
    }
}

/// Reads and writes again.
fn again(blob: &str) -> Option<String> {
    let value = unserialize(blob.as_bytes()).ok()?;
    Some(String::from_utf8_lossy(&serialize(&value)).into_owned())
}

fn unchanged(blobs: &[&str]) {
    for blob in blobs {
        assert_eq!(again(blob).as_deref(), Some(*blob));
    }
}

#[test]
fn wordpress_s_serialised_values_are_written_back_unchanged() {
    for case in vectors("serialize") {
        let blob = base64(&case, "serialized_base64");
        let value = unserialize(&blob).unwrap();
        assert_eq!(serialize(&value), blob, "{}", case["name"]);
        let stored = maybe_serialize(&value).unwrap_or_default();
        assert_eq!(stored, base64(&case, "maybe_serialize_base64"), "{}", case["name"]);
    }
}

#[test]
fn strings_are_stored_as_wordpress_stores_them() {
    for case in vectors("maybe_serialize") {
        let stored = maybe_serialize(&bytes(&case, "input").into());
        assert_eq!(stored, Some(bytes(&case, "output")), "{case}");
    }
}

#[test]
fn null_is_stored_as_sql_null() {
    assert_eq!(maybe_serialize(&PhpValue::Null), None);
}

#[test]
fn stored_text_is_read_as_wordpress_reads_it() {
    for case in vectors("maybe_unserialize") {
        let input = bytes(&case, "input");
        let json = php_json::encode(&maybe_unserialize(&input), php_json::JsonOptions::default());
        assert_eq!(String::from_utf8(json).unwrap(), case["output_json"].as_str().unwrap(), "{case}");
        assert_eq!(is_serialized(&input, true), case["is_serialized"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn the_look_of_serialised_text_is_judged_as_by_wordpress() {
    for case in vectors("is_serialized") {
        assert_eq!(is_serialized(&bytes(&case, "input"), true), case["output"].as_bool().unwrap(), "{case}");
    }
    for case in vectors("is_serialized_loose") {
        assert_eq!(is_serialized(&bytes(&case, "input"), false), case["output"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn odd_forms_are_read_as_php_reads_them() {
    // Left: what is read; right: what PHP 8.2 writes after reading it.
    for (blob, written) in [
        ("i:+5;", "i:5;"),
        ("i:007;", "i:7;"),
        ("i:-0;", "i:0;"),
        ("i:9223372036854775808;", "i:9223372036854775807;"),
        ("i:-9223372036854775809;", "i:-9223372036854775808;"),
        ("i:00000000000000000000000000000000005;", "i:5;"),
        ("d:.5;", "d:0.5;"),
        ("d:5.;", "d:5;"),
        ("d:+.5E+05;", "d:50000;"),
        ("d:1.e5;", "d:100000;"),
        ("d:1e400;", "d:INF;"),
        ("d:0.10000000000000001;", "d:0.1;"),
        ("d:-0.0;", "d:-0;"),
        ("N;x", "N;"),
        ("s:3:\"abc\";x", "s:3:\"abc\";"),
        ("s:03:\"abc\";", "s:3:\"abc\";"),
        ("S:3:\"a\\62c\";", "s:3:\"abc\";"),
        ("a:00:{}", "a:0:{}"),
        ("a:1:{s:1:\"5\";i:1;}", "a:1:{i:5;i:1;}"),
        ("a:1:{S:1:\"5\";i:1;}", "a:1:{i:5;i:1;}"),
        ("a:3:{i:0;i:1;i:1;i:5;i:0;i:2;}", "a:2:{i:0;i:2;i:1;i:5;}"),
        ("O:1:\"a\"::{}", "O:1:\"a\":0:{}"),
        ("O:1:\"a\":+0:{};", "O:1:\"a\":0:{}"),
        ("O:1:\"a\":2:{s:1:\"a\";i:1;s:1:\"a\";i:2;}", "O:1:\"a\":1:{s:1:\"a\";i:2;}"),
    ] {
        assert_eq!(again(blob).as_deref(), Some(written), "{blob}");
    }
}

#[test]
fn what_php_refuses_is_refused() {
    for blob in [
        "",
        "N",
        "N:",
        "a",
        "i:5",
        "i:;",
        "i: 5;",
        "i:+-5;",
        "i:5\n;",
        "\ni:5;",
        "b:2;",
        "b:10;",
        "b:;",
        "d:;",
        "d:.;",
        "d:+INF;",
        "d:inf;",
        "d:nan;",
        "d:1e;",
        "d:1.5.5;",
        "d:0x1A;",
        "s:3:\"abc\"",
        "s:+1:\"a\";",
        "s:-1:\"\";",
        "s:4:\"abc\";",
        "s:2:\"abc\";",
        "s:99999999999999999999:\"\";",
        "s:9223372036854775807:\"a\";",
        "S:3:\"a\\6\";",
        "S:1:\"\\4G\";",
        "a:-1:{}",
        "a:+1:{i:0;N;}",
        "a:1:{}",
        "a:0:{",
        "a:2:{i:0;N;}",
        "a:0:{i:0;N;}",
        "a:1:{i:0;i:1}",
        "a:1:{d:1;i:1;}",
        "a:1:{N;i:1;}",
        "a:1:{b:1;i:1;}",
        "a:99999999999:{}",
        "a:99999999999999999999:{}",
        "O:0:\"\":0:{}",
        "O:4:\"F-oo\":0:{}",
        "O:3:\"\\Fo\":0:{}",
        "O:1:\"a\":-1:{}",
        "O:1:\"a\":0x:{}",
        "O:1:\"a\";",
        "C:1:\"a\":3:{ab}",
        "C:1:\"a\";2:{ab}",
        "E:3:\"abc\";",
        "r:1;",
        "R:1;",
        "R:0;",
        "m:1;",
        "o:1:{}",
        "}",
        "a:2:{i:0;i:1;i:1;r:2;}",
        "a:1:{i:0;r:1;}",
        "a:1:{i:0;r:2;}",
    ] {
        assert!(unserialize(blob.as_bytes()).is_err(), "{blob}");
    }
}

#[test]
fn an_error_names_the_byte() {
    let error = unserialize(b"a:1:{i:0;b:2;}").unwrap_err();
    assert_eq!(error, UnserializeError::Malformed { offset: 11 });
    assert_eq!(error.to_string(), "not serialised PHP data at byte 11");
}

#[test]
fn objects_stay_data_and_keep_their_hidden_properties() {
    unchanged(&[
        "O:3:\"Foo\":2:{s:4:\"\0*\0b\";i:2;s:6:\"\0Foo\0c\";i:3;}",
        "O:11:\"ArrayObject\":4:{i:0;i:0;i:1;a:0:{}i:2;a:0:{}i:3;N;}",
        "O:8:\"stdClass\":2:{s:1:\"5\";i:1;s:0:\"\";i:2;}",
        "C:3:\"Foo\":2:{ab}",
        "E:7:\"Foo:Bar\";",
        "a:2:{i:0;E:7:\"Foo:Bar\";i:1;r:2;}",
    ]);
    let enumeration = PhpObject {
        class: b"Foo".to_vec(),
        properties: PhpArray::new(),
        form: ObjectForm::Case(b"Bar".to_vec()),
    };
    assert_eq!(unserialize(b"E:7:\"Foo:Bar\";"), Ok(enumeration.into()));
}

#[test]
fn nesting_is_limited_and_safe_on_a_small_stack() {
    let nest = |levels: usize| format!("{}i:1;{}", "a:1:{i:0;".repeat(levels), "}".repeat(levels));
    let work = move || {
        assert_eq!(again(&nest(MAX_DEPTH)), Some(nest(MAX_DEPTH)));
        let error = unserialize(nest(MAX_DEPTH + 1).as_bytes());
        assert!(matches!(error, Err(UnserializeError::TooDeep { .. })));
        assert!(unserialize("a:1:{i:0;".repeat(100_000).as_bytes()).is_err());
        let value = unserialize(nest(MAX_DEPTH).as_bytes()).unwrap();
        assert!(!format!("{value:?}{}", php_json::encode_dev(&value).len()).is_empty());
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_list_of_sessions_survives_being_changed() {
    let mut sessions =
        maybe_unserialize(b"a:1:{s:3:\"abc\";a:1:{s:10:\"expiration\";i:5;}}").into_array().unwrap();
    sessions.insert("def", [("expiration", 6_i64)].into_iter().collect::<PhpArray>());
    sessions.remove("abc");
    assert_eq!(
        maybe_serialize(&sessions.into()).unwrap(),
        b"a:1:{s:3:\"def\";a:1:{s:10:\"expiration\";i:6;}}"
    );
}

/// Any value that PHP could hold, without references.
fn any_value() -> impl Strategy<Value = PhpValue> {
    let scalar = prop_oneof![
        Just(PhpValue::Null),
        any::<bool>().prop_map(PhpValue::from),
        any::<i64>().prop_map(PhpValue::from),
        any::<f64>()
            .prop_filter("NaN is not equal to itself", |float| !float.is_nan())
            .prop_map(PhpValue::from),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(PhpValue::from),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![
            (-5_i64..30).prop_map(PhpKey::Int),
            prop::collection::vec(any::<u8>(), 0..4).prop_map(PhpKey::from),
        ];
        let array = prop::collection::vec((key, inner), 0..20)
            .prop_map(|pairs| pairs.into_iter().collect::<PhpArray>());
        prop_oneof![
            3 => array.clone().prop_map(PhpValue::from),
            1 => array.prop_map(|properties| PhpObject::new("Some\\Class", properties).into()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in any_value()) {
        let blob = serialize(&value);
        let read = unserialize(&blob).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(serialize(&read), blob);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = unserialize(&bytes);
        let _ = maybe_serialize(&maybe_unserialize(&bytes));
    }

    #[test]
    fn nothing_that_looks_nearly_right_makes_it_panic(text in r#"(a:[0-3]:\{|i:[0-3];|s:[0-3]:"[a"]{0,3}";|[RrOCE]:[0-9]|:"|[{};:0-9]|N;){0,20}"#) {
        if let Ok(value) = unserialize(text.as_bytes()) {
            let blob = serialize(&value);
            let read = unserialize(&blob).unwrap();
            prop_assert_eq!(serialize(&read), blob);
        }
    }

    #[test]
    fn what_was_stored_is_read_again(text in r#"\PC{0,8}|[aisOEbd]:[0-9]{1,2}[:;]["{]{0,2}[a-z]{0,3}["};]{0,2}"#) {
        let stored = maybe_serialize(&text.as_str().into()).unwrap();
        prop_assert_eq!(maybe_unserialize(&stored), PhpValue::from(text));
    }
}
