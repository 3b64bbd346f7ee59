//! Expected tables are what PHP 8.2 printed for `array_merge($_GET, $_POST)`.

use proptest::prelude::*;

use super::*;

/// A table in one line: `a=1;` for text, `b={…}` for an array, `#` before keys that are numbers.
fn shown<'a>(entries: &mut dyn Iterator<Item = (&'a ParamKey, &'a Param)>) -> String {
    let one = |(key, param): (&ParamKey, &Param)| {
        let key = match key {
            ParamKey::Int(number) => format!("#{number}"),
            ParamKey::Str(name) => name.escape_ascii().to_string(),
        };
        match param {
            Param::Text(text) => format!("{key}={};", text.escape_ascii()),
            Param::Array(elements) => {
                let elements = shown(&mut elements.iter().map(|(key, param)| (key, param)));
                format!("{key}={{{elements}}}")
            }
        }
    };
    entries.map(one).collect::<Vec<_>>().concat()
}

pub(super) fn read(query: &str, body: Body<'_>) -> String {
    match Params::parse(query.as_bytes(), body) {
        Ok(params) => shown(&mut params.iter()),
        Err(limit) => limit.to_string(),
    }
}

fn params(query: &str, form: &str) -> Params {
    Params::parse(query.as_bytes(), Body::Urlencoded(form.as_bytes())).unwrap()
}

#[test]
fn the_body_wins_in_the_place_of_the_query_and_numbers_are_counted_anew() {
    let both = |query, form: &str| read(query, Body::Urlencoded(form.as_bytes()));
    assert_eq!(both("5=a&x=1&9=b", "x=2&7=c&y=3"), "#0=a;x=2;#1=b;#2=c;y=3;");
    assert_eq!(both("0=q", "0=b"), "#0=q;#1=b;");
    assert_eq!(both("a[x]=1&b=1", "a[y]=2"), "a={y=2;}b=1;");
}

#[test]
fn of_a_repeated_name_the_last_value_counts_in_the_first_place() {
    assert_eq!(read("a=1&b=2&a=3", Body::None), "a=3;b=2;");
    assert_eq!(read("a=1&a[]=2", Body::None), "a={#0=2;}");
    assert_eq!(read("a[]=2&a=1", Body::None), "a=1;");
}

#[test]
fn values_are_decoded_bytes_and_bad_escapes_stay() {
    assert_eq!(read("u=%ff+%00&a=%zz%4&b=%41%&c=x=y", Body::None), r"u=\xff \x00;a=%zz%4;b=A%;c=x=y;");
}

#[test]
fn a_variable_without_a_value_is_empty_and_one_without_a_name_is_none() {
    assert_eq!(read("a&&b=&=c&&", Body::Urlencoded(b"&d&&=e&")), "a=;b=;d=;");
}

#[test]
fn nested_arrays_are_built_as_php_builds_them() {
    assert_eq!(read("a[x][y]=1&a[]=2&a[x][]=3", Body::None), "a={x={y=1;#0=3;}#0=2;}");
    assert_eq!(read("a[01]=1&a[1]=2&a[-5]=3&a[]=4&a[-0]=5", Body::None), "a={01=1;#1=2;#-5=3;#2=4;-0=5;}");
    assert_eq!(read("a[-5]=1&a[]=2", Body::None), "a={#-5=1;#-4=2;}");
    assert_eq!(read("a[-1]=1&a[]=2", Body::None), "a={#-1=1;#0=2;}");
}

#[test]
fn nothing_follows_the_largest_number() {
    assert_eq!(
        read("a[9223372036854775807]=1&a[]=2&a[][]=3&a[x]=4", Body::None),
        "a={#9223372036854775807=1;x=4;}"
    );
    assert_eq!(
        read("a[-9223372036854775808]=1&a[]=2&a[9223372036854775808]=3", Body::None),
        "a={#-9223372036854775808=1;#-9223372036854775807=2;9223372036854775808=3;}"
    );
}

#[test]
fn a_key_that_php_refuses_leaves_an_empty_array() {
    let params = params("a[__Host-x][b]=1&b[]=1&b[__Secure-x]=2", "");
    assert_eq!(shown(&mut params.iter()), "a={}b={#0=1;}");
    assert!(params.is_missing("a"));
}

#[test]
fn missing_is_what_php_calls_false() {
    let params = params("a=&b=0&c=00&d[]=&e=+", "");
    for name in ["a", "b", "absent"] {
        assert!(params.is_missing(name), "{name}");
    }
    for name in ["c", "d", "e"] {
        assert!(!params.is_missing(name), "{name}");
    }
}

#[test]
fn an_array_is_no_text() {
    let params = params("a[]=1&b=2.9&5=x", "");
    assert_eq!(params.text("a"), None);
    assert_eq!(params.get("a").and_then(Param::as_array).map(<[_]>::len), Some(1));
    assert_eq!(params.text("b"), Some(b"2.9".as_slice()));
    assert_eq!(params.whole_number("b"), Some(2));
    assert_eq!(params.whole_number("a"), None);
    assert_eq!(params.get("5"), None);
}

#[test]
fn an_empty_value_does_not_steer() {
    let text = |params: &Params| params.steering("json").and_then(Param::as_text).map(<[u8]>::to_vec);
    assert_eq!(text(&params("json=user/info", "json=0")), Some(b"user/info".to_vec()));
    assert_eq!(text(&params("json=user/info", "json=a")), Some(b"a".to_vec()));
    assert_eq!(text(&params("json=", "json=")), None);
}

#[test]
fn a_json_body_does_not_steer() {
    let params = Params::parse(b"json=user/info", Body::Json(br#"{"json":"x"}"#)).unwrap();
    assert_eq!(params.text("json"), Some(b"x".as_slice()));
    assert_eq!(params.from_form("json"), None);
    assert_eq!(params.steering("json").and_then(Param::as_text), Some(b"user/info".as_slice()));
}

#[test]
fn the_1001st_variable_is_refused_in_query_and_body_apart() {
    let thousand = "a[]=1&".repeat(1000);
    let limit = "More than 1000 variables in the query or body.";
    assert!(read(&thousand, Body::Urlencoded(thousand.as_bytes())).starts_with("a={#0=1;"));
    assert_eq!(read(&(thousand.clone() + "b=1"), Body::None), limit);
    assert_eq!(read("", Body::Urlencoded((thousand + "b=1").as_bytes())), limit);
    // Empty pieces count in a body only.
    assert_eq!(read(&"&".repeat(2000), Body::None), "");
    assert_eq!(read("", Body::Urlencoded("&".repeat(1000).as_bytes())), "");
    assert_eq!(read("", Body::Urlencoded("&".repeat(1001).as_bytes())), limit);
}

#[test]
fn the_65th_bracket_is_refused() {
    let nested = |levels: usize| format!("a{}=1", "[x]".repeat(levels));
    assert!(read(&nested(64), Body::None).ends_with(&"}".repeat(64)));
    assert_eq!(read(&nested(65), Body::None), "A variable in the query or body is nested deeper than 64.");
}

#[test]
fn the_body_is_picked_by_method_and_type() {
    let pick = |method, content_type: &'static str| Body::pick(method, Some(content_type.as_bytes()), b"x");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(pick("POST", form), Body::Urlencoded(b"x"));
    assert_eq!(pick("POST", "APPLICATION/X-www-form-urlencoded,x"), Body::Urlencoded(b"x"));
    assert_eq!(pick("POST", "application/json; charset=utf-8"), Body::Json(b"x"));
    let multipart = "Multipart/Form-Data; boundary=B";
    let expected = Body::Multipart { content_type: multipart.as_bytes(), bytes: b"x" };
    assert_eq!(pick("POST", multipart), expected);
    assert_eq!(Body::pick("POST", None, b"x"), Body::None);
    for (method, content_type) in [
        ("POST", "text/plain"),
        ("POST", "application/x-www-form-urlencoded\tx"),
        ("POST", "application/jsonp"),
        ("POST", ""),
        ("PUT", form),
        ("post", form),
        ("GET", form),
    ] {
        assert_eq!(pick(method, content_type), Body::None, "{method} {content_type}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(query: Vec<u8>, content_type: Vec<u8>, body: Vec<u8>) {
        for body in [
            Body::Urlencoded(&body),
            Body::Json(&body),
            Body::Multipart { content_type: &content_type, bytes: &body },
        ] {
            let _ = Params::parse(&query, body);
        }
    }

    #[test]
    fn no_names_make_it_panic(query in r"([a1 .=&\[\]_+-]|%00|%5B|\[x\]|\[\]|__Host-){0,40}") {
        let params = Params::parse(query.as_bytes(), Body::Urlencoded(query.as_bytes())).unwrap();
        // Query and body are equal, so the names are those of the query.
        let query_alone = Params::parse(query.as_bytes(), Body::None).unwrap();
        let names = |params: &Params| {
            params.iter().filter_map(|(key, _)| key.as_name().map(<[u8]>::to_vec)).collect::<Vec<_>>()
        };
        prop_assert_eq!(names(&params), names(&query_alone));
    }
}
