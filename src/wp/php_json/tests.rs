//! PHP's and WordPress's own answers.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;

use super::*;
use crate::wp::php_serialize::unserialize;
use crate::wp::php_value::{MAX_DEPTH, PhpArray, PhpObject};

fn json(value: impl Into<PhpValue>, bits: i64) -> String {
    String::from_utf8(encode(&value.into(), JsonOptions::from_bits(bits))).unwrap()
}

fn read(blob: &str) -> PhpValue {
    unserialize(blob.as_bytes()).unwrap()
}

#[test]
fn every_value_of_the_vectors_is_encoded_as_by_php() {
    let text = include_str!("../../../fixtures/vectors/wordpress-6.8.8.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    for case in vectors["serialize"].as_array().unwrap() {
        let blob = BASE64_STANDARD.decode(case["serialized_base64"].as_str().unwrap()).unwrap();
        let value = unserialize(&blob).unwrap();
        assert_eq!(json(value.clone(), 0), case["json"].as_str().unwrap(), "{}", case["name"]);
        if let Some(api) = case["json_api_json"].as_str() {
            let wrapped: PhpArray = [("v", value)].into_iter().collect();
            assert_eq!(json(wrapped, 0), api, "{}", case["name"]);
        }
    }
}

#[test]
fn each_option_does_what_php_does_with_it() {
    // The right side is what PHP 8.2 prints.
    let text = "\u{7f}\u{1f}\u{2028}\u{2029}'\"<>&/é";
    assert_eq!(json(text, 0), "\"\u{7f}\\u001f\\u2028\\u2029'\\\"<>&\\/\\u00e9\"");
    assert_eq!(json(text, 256), "\"\u{7f}\\u001f\\u2028\\u2029'\\\"<>&\\/é\"");
    assert_eq!(
        json(text, 256 | 2048 | 15 | 64),
        "\"\u{7f}\\u001f\u{2028}\u{2029}\\u0027\\u0022\\u003C\\u003E\\u0026/é\""
    );
    let list = || PhpArray::from(vec!["12", " 1e3", "x", "1e400"]);
    assert_eq!(json(list(), 16), r#"{"0":"12","1":" 1e3","2":"x","3":"1e400"}"#);
    assert_eq!(json(list(), 32), r#"[12,1000,"x","1e400"]"#);
    assert_eq!(json(list(), 32 | 1024), r#"[12,1000.0,"x","1e400"]"#);
    assert_eq!(json(3.0, 0), "3");
    assert_eq!(json(-0.0, 1024), "-0.0");
    assert_eq!(json(1e17, 1024), "1.0e+17");
}

#[test]
fn pretty_print_uses_four_blanks_and_keeps_empty_ones_on_one_line() {
    let value = read("a:3:{i:0;a:0:{}i:1;a:2:{i:0;i:1;i:1;a:0:{}}i:2;O:8:\"stdClass\":0:{}}");
    let pretty = "[\n    [],\n    [\n        1,\n        []\n    ],\n    {}\n]";
    assert_eq!(json(value, 128), pretty);
    let members = read("O:8:\"stdClass\":3:{s:0:\"\";i:1;s:1:\"5\";i:2;s:1:\"a\";O:8:\"stdClass\":0:{}}");
    assert_eq!(json(members, 128), "{\n    \"\": 1,\n    \"5\": 2,\n    \"a\": {}\n}");
    assert_eq!(json(PhpArray::new(), 128 | 16), "{}");
}

#[test]
fn the_dev_form_uses_two_blanks_and_ends_with_a_line_break() {
    let value = read("a:3:{s:6:\"status\";s:2:\"ok\";s:1:\"a\";a:1:{i:0;s:3:\"x/y\";}s:1:\"b\";a:0:{}}");
    let dev = "{\n  \"status\": \"ok\",\n  \"a\": [\n    \"x\\/y\"\n  ],\n  \"b\": []\n}\n";
    assert_eq!(String::from_utf8(encode_dev(&value)).unwrap(), dev);
}

#[test]
fn an_array_is_a_list_only_with_the_keys_from_0_in_order() {
    assert_eq!(json(read("a:2:{i:0;i:7;i:1;i:8;}"), 0), "[7,8]");
    assert_eq!(json(read("a:2:{i:1;i:7;i:0;i:8;}"), 0), r#"{"1":7,"0":8}"#);
    assert_eq!(json(PhpArray::new(), 0), "[]");
}

#[test]
fn only_public_properties_are_shown() {
    let value = read("O:3:\"Foo\":3:{s:1:\"a\";i:1;s:4:\"\0*\0b\";i:2;s:6:\"\0Foo\0c\";i:3;}");
    assert_eq!(json(value, 0), r#"{"a":1}"#);
    // In an array such a key is a key like any other.
    assert_eq!(json(read("a:1:{s:2:\"\0b\";i:1;}"), 0), r#"{"\u0000b":1}"#);
    assert_eq!(json(PhpObject::new("stdClass", PhpArray::new()), 0), "{}");
    assert_eq!(json(read("E:7:\"Foo:Bar\";"), 0), "false");
    assert_eq!(json(read("C:3:\"Foo\":2:{ab}"), 0), "{}");
}

#[test]
fn bytes_that_are_not_utf8_become_the_replacement_character() {
    assert_eq!(json(b"a\xffb".as_slice(), 0), r#""a\ufffdb""#);
    assert_eq!(json(b"a\xffb".as_slice(), 256), "\"a\u{fffd}b\"");
    let keyed: PhpArray = [(b"k\xf0\x9f".as_slice(), true)].into_iter().collect();
    assert_eq!(json(keyed, 0), r#"{"k\ufffd":true}"#);
}

#[test]
fn emoji_and_control_characters_stay_whole_without_unicode_escapes() {
    let text = "\u{1f40e}\u{1}\\u00e9\u{2028}";
    let out = encode(&text.into(), JsonOptions::ALL_UNICODE);
    assert_eq!(String::from_utf8(out).unwrap(), "\"\u{1f40e}\\u0001\\\\u00e9\u{2028}\"");
}

#[test]
fn numbers_that_json_lacks_are_zero() {
    assert_eq!(json(f64::INFINITY, 1024), "0");
    assert_eq!(json(f64::NAN, 0), "0");
}

#[test]
fn levels_beyond_512_are_null() {
    let nest =
        |levels: usize| (0..levels).fold(PhpValue::Int(1), |value, _| PhpArray::from(vec![value]).into());
    assert_eq!(encode(&nest(MAX_DEPTH), JsonOptions::default()).len(), 1025);
    assert!(json(nest(MAX_DEPTH + 1), 0).contains("[[null]]"));
}

#[test]
fn a_value_inside_itself_is_null() {
    let value = read("a:1:{i:0;O:1:\"a\":2:{s:4:\"self\";r:2;s:1:\"x\";i:1;}}");
    assert_eq!(json(value, 0), r#"[{"self":null,"x":1}]"#);
}

proptest! {
    #[test]
    fn what_is_written_is_json_and_says_the_same(bytes in prop::collection::vec(any::<u8>(), 0..60), bits in 0_i64..4096) {
        let bits = bits & !32;
        let out = encode(&bytes.as_slice().into(), JsonOptions::from_bits(bits));
        let read: String = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(read, String::from_utf8_lossy(&bytes));
    }
}
