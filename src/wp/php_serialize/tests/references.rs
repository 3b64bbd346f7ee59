//! References and repeated objects: unchanged when nothing changes, numbered anew when something does.

use super::*;

#[test]
fn references_are_written_back_unchanged() {
    // All of these are what PHP writes.
    unchanged(&[
        "a:2:{i:0;i:1;i:1;R:2;}",
        "a:3:{i:0;i:7;i:1;R:2;i:2;R:2;}",
        "a:2:{i:0;a:1:{i:0;i:5;}i:1;R:3;}",
        "a:3:{i:0;O:1:\"a\":0:{}i:1;r:2;i:2;R:2;}",
        "a:4:{i:0;O:1:\"a\":0:{}i:1;r:2;i:2;i:5;i:3;R:4;}",
        "O:1:\"a\":2:{s:1:\"a\";i:1;s:1:\"b\";R:2;}",
        "O:1:\"a\":1:{s:1:\"s\";r:1;}",
        "a:1:{i:0;O:1:\"a\":1:{s:1:\"s\";r:2;}}",
        "a:1:{i:0;O:1:\"a\":1:{s:1:\"s\";R:2;}}",
        "a:1:{i:0;a:1:{i:0;R:2;}}",
    ]);
}

#[test]
fn a_mention_of_a_mention_means_the_object_itself() {
    let blob = "a:4:{i:0;O:1:\"a\":0:{}i:1;r:2;i:2;r:3;i:3;r:4;}";
    assert_eq!(again(blob).as_deref(), Some("a:4:{i:0;O:1:\"a\":0:{}i:1;r:2;i:2;r:2;i:3;r:2;}"));
}

#[test]
fn references_are_numbered_anew_when_entries_come_and_go() {
    let blob = b"a:4:{s:1:\"x\";a:2:{i:0;i:1;i:1;i:2;}s:1:\"o\";O:1:\"a\":1:{s:1:\"s\";r:5;}s:1:\"p\";r:5;s:1:\"q\";R:3;}";
    let read = || unserialize(blob).unwrap().into_array().unwrap();

    let mut array = read();
    array.insert("new", PhpArray::from(vec!["v"]));
    let mut front: PhpArray = [("new", 1_i64)].into_iter().collect();
    front.extend(read());
    assert_eq!(
        String::from_utf8(serialize(&front.into())).unwrap(),
        "a:5:{s:3:\"new\";i:1;s:1:\"x\";a:2:{i:0;i:1;i:1;i:2;}s:1:\"o\";O:1:\"a\":1:{s:1:\"s\";r:6;}s:1:\"p\";r:6;s:1:\"q\";R:4;}"
    );

    // Without the place that carried the value, the next mention carries it.
    let mut array = read();
    array.remove("x");
    array.remove("o");
    assert_eq!(
        String::from_utf8(serialize(&array.into())).unwrap(),
        "a:2:{s:1:\"p\";O:1:\"a\":1:{s:1:\"s\";r:2;}s:1:\"q\";i:1;}"
    );
}

#[test]
fn after_a_change_references_are_what_php_makes_of_them() {
    // Right: PHP 8.2 after removing the first entry.
    for (blob, without_first) in [
        // The value's first place was a reference too.
        (
            "a:3:{i:0;a:2:{i:1;i:72;s:1:\"n\";R:3;}i:5;R:3;i:6;R:2;}",
            "a:2:{i:5;i:72;i:6;a:2:{i:1;R:2;s:1:\"n\";R:2;}}",
        ),
        // A reference of one place is none.
        ("a:3:{i:0;O:1:\"a\":0:{}i:1;r:2;i:2;R:2;}", "a:2:{i:1;O:1:\"a\":0:{}i:2;r:2;}"),
        ("a:3:{i:0;i:7;i:1;R:2;i:2;R:2;}", "a:2:{i:1;i:7;i:2;R:2;}"),
        ("a:2:{i:0;i:7;i:1;R:2;}", "a:1:{i:1;i:7;}"),
    ] {
        let mut array = unserialize(blob.as_bytes()).unwrap().into_array().unwrap();
        array.remove(0);
        assert_eq!(String::from_utf8(serialize(&array.into())).unwrap(), without_first, "{blob}");
    }
}

#[test]
fn a_mention_of_the_whole_is_null_once_the_whole_has_changed() {
    let mut array = unserialize(b"a:2:{i:0;R:1;i:1;i:5;}").unwrap().into_array().unwrap();
    array.push(6_i64);
    assert_eq!(serialize(&array.into()), b"a:3:{i:0;N;i:1;i:5;i:2;i:6;}");
}

#[test]
fn a_shared_value_can_be_looked_at_from_every_place() {
    let array = unserialize(b"a:2:{i:0;a:1:{i:0;i:5;}i:1;R:2;}").unwrap();
    let array = array.as_array().unwrap();
    assert_eq!(array.get(1), array.get(0));
    assert_eq!(array.get(1).unwrap().as_array().unwrap().get(0), Some(&PhpValue::Int(5)));
}

#[test]
fn references_that_cannot_be_kept_right_are_refused() {
    for blob in [
        "a:3:{i:0;i:1;i:0;i:2;i:1;R:2;}",
        "a:3:{i:0;C:1:\"a\":0:{}i:1;i:1;i:2;R:3;}",
        "a:1:{i:0;C:1:\"a\":6:{x:r:1;}}",
    ] {
        assert!(matches!(unserialize(blob.as_bytes()), Err(UnserializeError::Unsupported { .. })), "{blob}");
    }
}

#[test]
fn references_cannot_multiply_without_end() {
    // Each array mentions the one before it twice: followed, that is 2^60 values.
    let mut blob = String::from("a:60:{i:0;a:1:{i:0;i:1;}");
    let mut number = 2;
    for level in 1..60 {
        use std::fmt::Write;
        write!(blob, "i:{level};a:2:{{i:0;R:{number};i:1;R:{number};}}").unwrap();
        number = if level == 1 { 4 } else { number + 1 };
    }
    blob.push('}');
    assert!(matches!(unserialize(blob.as_bytes()), Err(UnserializeError::TooManyReferences { .. })));
}

#[test]
fn references_cannot_stack_up_more_levels_than_allowed() {
    // The second nest holds the first one at its bottom.
    let nest =
        |levels: usize, core: &str| format!("{}{core}{}", "a:1:{i:0;".repeat(levels), "}".repeat(levels));
    let blob = |levels| format!("a:2:{{i:0;{}i:1;{}}}", nest(levels, "i:1;"), nest(levels, "R:2;"));
    assert!(unserialize(blob(250).as_bytes()).is_ok());
    assert!(matches!(unserialize(blob(300).as_bytes()), Err(UnserializeError::TooDeep { .. })));
}

#[test]
fn an_object_that_knows_itself_is_stored_unchanged() {
    let blob = b"O:1:\"a\":1:{s:4:\"self\";r:1;}";
    assert_eq!(maybe_serialize(&maybe_unserialize(blob)).unwrap(), blob);
}
