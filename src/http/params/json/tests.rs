//! JSON bodies are an addition; arrays inside follow PHP 8.2's `json_decode($text, true)`.

use proptest::prelude::*;

use super::*;
use crate::http::params::Body;
use crate::http::params::tests::read as shown;

fn read_text(body: &str) -> String {
    shown("", Body::Json(body.as_bytes()))
}

#[test]
fn scalars_become_the_text_a_form_would_send() {
    assert_eq!(
        read_text(
            r#"{"a":"x\u00e9\n","b":1.50,"c":-2e+3,"d":123456789012345678901234567890,"e":true,"f":false,"g":null}"#
        ),
        r"a=x\xc3\xa9\n;b=1.50;c=-2e+3;d=123456789012345678901234567890;e=1;f=;g=;"
    );
}

#[test]
fn lists_and_objects_become_arrays() {
    assert_eq!(
        read_text(r#" { "a" : [ 1 , [ ] , {"k":2,"5":3,"05":4,"":5,"a.b":6} ] , "b":{} } "#),
        "a={#0=1;#1={}#2={k=2;#5=3;05=4;=5;a.b=6;}}b={}"
    );
}

#[test]
fn member_names_are_read_as_in_a_form() {
    assert_eq!(
        read_text(r#"{"a.b":1,"c[x]":2,"c[y]":[3],"7":4,"":5,"d":1,"d":2,"e\u0000f":6}"#),
        "a_b=1;c={x=2;y={#0=3;}}#0=4;d=2;e=6;"
    );
}

#[test]
fn it_wins_over_the_query() {
    assert_eq!(shown("a=1&b=2", Body::Json(br#"{"b":3}"#)), "a=1;b=3;");
}

#[test]
fn anything_but_one_object_is_ignored() {
    for body in [
        "",
        " ",
        "[1]",
        "1",
        "\"a\"",
        "null",
        "{",
        "{}}",
        "{} {}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":.5}",
        "{\"a\":5.}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"x}",
        "{\"a\":truex}",
        "{\"a\":True}",
        "{'a':1}",
        "\u{feff}{}",
        "{\"a\":1}\0",
        "{\"a\":1 \"b\":2}",
        "{\"a\":NaN}",
    ] {
        assert_eq!(read_text(body), "", "{body}");
        assert_eq!(shown("q=1", Body::Json(body.as_bytes())), "q=1;", "{body}");
    }
    assert_eq!(shown("", Body::Json(b"{\"a\":\"\xff\"}")), "");
}

#[test]
fn nesting_is_bounded_as_in_a_form() {
    let limit = "A variable in the query or body is nested deeper than 64.";
    let nested =
        |name: &str, levels: usize| format!(r#"{{"{name}":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(read_text(&nested("a", 64)).ends_with(&"}".repeat(64)));
    assert_eq!(read_text(&nested("a", 65)), limit);
    assert_eq!(read_text(&nested("a[x]", 64)), limit);
    assert_eq!(read_text(&format!("{{\"a\":{}", "[".repeat(1_000_000))), limit);
    assert_eq!(read_text(&"{\"a\":".repeat(1_000_000)), limit);
}

#[test]
fn the_number_of_values_is_bounded() {
    let list = |count: usize| format!(r#"{{"a":[{}]}}"#, vec!["[]"; count].join(","));
    assert!(read_text(&list(999)).ends_with("#998={}}"));
    assert_eq!(read_text(&list(1000)), "More than 1000 variables in the query or body.");
}

proptest! {
    #[test]
    fn it_takes_what_serde_json_takes(
        body in r#"\{("a"|"b\\""|"\\u00e9"|:|:|,|,|\[|\]|\{|\}|"x"|1|-0|0\.5|1e2|true|null| |\n){0,12}\}"#,
    ) {
        let taken = Reader { rest: body.as_bytes(), variables: 0 }.document().is_ok();
        let expected = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&body).is_ok();
        prop_assert_eq!(taken, expected, "{}", body);
    }

    #[test]
    fn strings_arrive_whole(value: String) {
        let body = serde_json::json!({ "a": value, "b": "end" }).to_string();
        let table = read(body.as_bytes()).unwrap().into_params();
        prop_assert_eq!(table.first().and_then(|(_, param)| param.as_text()), Some(value.as_bytes()));
    }
}
