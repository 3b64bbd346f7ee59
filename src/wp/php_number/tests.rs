//! Expected values are PHP 8.2's: an `int` parameter, the cast, and `is_numeric`.

use proptest::prelude::*;

use super::*;

/// Text, what an `int` parameter makes of it, what the cast makes of it.
const ASKED: &[(&str, Option<i64>, i64)] = &[
    ("2.9", Some(2), 2),
    ("02", Some(2), 2),
    ("+2", Some(2), 2),
    ("2e0", Some(2), 2),
    (" 2 ", Some(2), 2),
    ("\t2\n", Some(2), 2),
    ("\u{b}2\u{c}", Some(2), 2),
    ("2\0", None, 2),
    ("", None, 0),
    ("  ", None, 0),
    (".", None, 0),
    ("5.", Some(5), 5),
    (".5", Some(0), 0),
    ("-.5", Some(0), 0),
    ("-2.9", Some(-2), -2),
    ("-0", Some(0), 0),
    ("1e", None, 1),
    ("1e+", None, 1),
    ("1abc", None, 1),
    ("1 x", None, 1),
    ("0x1a", None, 0),
    ("1_000", None, 1),
    ("1e3abc", None, 1000),
    ("1.e3", Some(1000), 1000),
    (".e3", None, 0),
    ("+.5e1", Some(5), 5),
    ("5..", None, 5),
    ("1.5.5", None, 1),
    ("+ 2", None, 0),
    ("--2", None, 0),
    ("inf", None, 0),
    ("nan", None, 0),
    ("abc", None, 0),
    ("1e-5", Some(0), 0),
    ("00000000000000000000000000000012", Some(12), 12),
    ("1e0000000000000000000005", Some(100_000), 100_000),
    ("0e99999999999999999999", Some(0), 0),
    ("9223372036854774784.0", Some(9_223_372_036_854_774_784), 9_223_372_036_854_774_784),
    ("9007199254740993.0", Some(9_007_199_254_740_992), 9_007_199_254_740_992),
    ("9223372036854775807", Some(i64::MAX), i64::MAX),
    ("9223372036854775808", None, i64::MAX),
    ("99999999999999999999", None, i64::MAX),
    ("9.3e18", None, i64::MAX),
    ("-9223372036854775808", Some(i64::MIN), i64::MIN),
    ("-9223372036854775809", Some(i64::MIN), i64::MIN),
    ("1e1000", None, 0),
    ("-1e1000", None, 0),
];

#[test]
fn numeric_text_is_cut_to_a_whole_number() {
    for (text, whole, _) in ASKED {
        assert_eq!(whole_number(text.as_bytes()), *whole, "{text:?}");
    }
}

#[test]
fn the_cast_takes_the_number_at_the_start() {
    for (text, _, cast) in ASKED {
        assert_eq!(int_cast(text.as_bytes()), *cast, "{text:?}");
    }
}

#[test]
fn text_beyond_64_bits_is_still_numeric() {
    assert!(is_numeric(b"99999999999999999999"));
    assert!(is_numeric(b"1e1000"));
    assert!(!is_numeric(b"1abc"));
    assert!(!is_numeric(b"\xff1"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text: Vec<u8>) {
        let _ = (whole_number(&text), int_cast(&text));
    }

    #[test]
    fn integers_are_read_back(number: i64) {
        let text = number.to_string();
        prop_assert_eq!(whole_number(text.as_bytes()), Some(number));
        prop_assert_eq!(int_cast(text.as_bytes()), number);
    }
}

#[test]
fn the_cast_to_a_number_is_that_of_php() {
    // Right-hand sides printed by PHP 8.2.
    let cases: &[(&[u8], i64)] = &[
        (b"2000000000", 2_000_000_000),
        (b"1e10", 10_000_000_000),
        (b"1.9", 1),
        (b" 12", 12),
        (b"12abc", 12),
        (b"", 0),
        (b"abc", 0),
        (b"99999999999999999999", i64::MAX),
        (b"-99999999999999999999", i64::MIN),
        (b"1e1000", 0),
        (b"+5", 5),
        (b"-7", -7),
        (b"0x1A", 0),
        (b"\n\t\x0B\x0C 8", 8),
        (b"1e", 1),
        (b"1e+", 1),
        (b"1e2x", 100),
        (b".5e3", 500),
        (b"1_0", 1),
        (b"+ 5", 0),
        (b"--5", 0),
        (b"1e-2", 0),
        (b"123456789012345678e3", i64::MAX),
        (b"9007199254740993.0", 9_007_199_254_740_992),
        (b"\0 5", 0),
        (b"1.", 1),
        (b"1.e3", 1000),
        (b".", 0),
        (b"-", 0),
    ];
    for (text, number) in cases {
        assert_eq!(int_cast(text), *number, "{}", text.escape_ascii());
    }
}
