//! Expected tables are what PHP 8.2 printed for these bodies. `~` stands for CR LF.

use proptest::prelude::*;

use super::*;
use crate::http::params::Body;
use crate::http::params::tests::read as shown;

const TYPE: &str = "multipart/form-data; boundary=B";

fn read_as(content_type: &str, body: &str) -> String {
    let bytes = body.replace('~', "\r\n").into_bytes();
    shown("", Body::Multipart { content_type: content_type.as_bytes(), bytes: &bytes })
}

/// The disposition of a part after its boundary.
fn part(disposition: &str, value: &str) -> String {
    format!("--B~Content-Disposition: form-data; {disposition}~~{value}~")
}

fn parts(parts: &[(&str, &str)]) -> String {
    let parts: String = parts.iter().map(|(disposition, value)| part(disposition, value)).collect();
    read_as(TYPE, &(parts + "--B--~"))
}

#[test]
fn names_stand_as_they_are_and_nest() {
    assert_eq!(parts(&[(r#"name="a%5Bx%5D+""#, "1+%41")]), "a%5Bx%5D+=1+%41;");
    assert_eq!(parts(&[(r#"name="a[x][]""#, "1"), (r#"name="a[]""#, "2")]), "a={x={#0=1;}#0=2;}");
    assert_eq!(parts(&[(r#"name="b.c d""#, "\0\u{e9}")]), r"b_c_d=\x00\xc3\xa9;");
}

#[test]
fn a_part_with_a_filename_is_no_parameter() {
    assert_eq!(parts(&[(r#"name="a"; filename="x""#, "1"), ("name=c", "2")]), "c=2;");
    assert_eq!(parts(&[(r#"name="a"; filename="""#, "1"), ("name=c", "2")]), "c=2;");
    assert_eq!(parts(&[(r#"filename="x""#, "1"), ("name=c", "2")]), "c=2;");
}

#[test]
fn quotes_are_read_as_php_reads_them() {
    assert_eq!(parts(&[(r#"name="a\"b\\c\d""#, "1")]), r#"a\"b\\c\\d=1;"#);
    assert_eq!(parts(&[("name='q;r'", "1")]), "q;r=1;");
    assert_eq!(parts(&[(r"name=un\\quoted tail", "1")]), r"un\\quoted=1;");
    assert_eq!(parts(&[(r#"name="a"; name="b""#, "1")]), "b=1;");
}

#[test]
fn header_names_ignore_case_and_lines_fold() {
    assert_eq!(read_as(TYPE, "--B~content-disposition:form-data;~ NAME=\"a\"~~1~--B--"), "a=1;");
    assert_eq!(read_as(TYPE, "--B~Content-Disposition : form-data; name=a~~1~--B--"), "");
}

#[test]
fn bare_line_feeds_do() {
    assert_eq!(read_as(TYPE, "--B\nContent-Disposition: form-data; name=\"a\"\n\n1\n--B--"), "a=1;");
}

#[test]
fn a_preamble_is_skipped_and_an_epilogue_is_read_on() {
    let body = format!("preamble~{}--B--~epilogue~{}", part("name=a", "1"), part("name=late", "2"));
    assert_eq!(read_as(TYPE, &body), "a=1;late=2;");
}

#[test]
fn a_nested_multipart_is_text() {
    let inner = "--i~Content-Disposition: form-data; name=z~~1~--i--";
    let body = format!(
        "--B~Content-Disposition: form-data; name=a~Content-Type: multipart/mixed; boundary=i~~{inner}~--B--"
    );
    assert_eq!(read_as(TYPE, &body), r"a=--i\r\nContent-Disposition: form-data; name=z\r\n\r\n1\r\n--i--;");
}

#[test]
fn a_broken_body_gives_what_came_before() {
    let first = part("name=a", "1");
    let last = part("name=c", "3") + "--B--";
    // A disposition without a name ends the reading, a part without a disposition does not.
    assert_eq!(read_as(TYPE, &format!("{first}{}{last}", part("foo=1", "2"))), "a=1;");
    assert_eq!(read_as(TYPE, &format!("{first}--B~X: y~~2~{last}")), "a=1;c=3;");
    assert_eq!(
        read_as(TYPE, &format!("{first}--B ~Content-Disposition: form-data; name=b~~2~{last}")),
        "a=1;c=3;"
    );
    let cut = |end: &str| read_as(TYPE, &format!("--B~Content-Disposition: form-data; name=a{end}"));
    assert_eq!(cut(""), "");
    assert_eq!(cut("~"), "a=;");
    assert_eq!(cut("~~unfinished"), "a=unfinished;");
    assert_eq!(cut("~~unfinished\r"), r"a=unfinished\r;");
    assert_eq!(cut("~~unfinished~--"), "a=unfinished;");
    assert_eq!(read_as(TYPE, ""), "");
}

#[test]
fn a_value_ends_at_the_boundary_even_if_more_follows_on_its_line() {
    let body = part("name=a", "v~--Bx") + &part("name=c", "3");
    assert_eq!(read_as(TYPE, &body), "a=v;c=3;");
    assert_eq!(parts(&[("name=a", "--B~x")]), r"a=--B\r\nx;");
}

#[test]
fn the_first_line_of_a_file_is_no_boundary_unless_php_skips_the_file() {
    let inner = "--B~Content-Disposition: form-data; name=a~~1";
    assert_eq!(parts(&[(r#"name="f"; filename="x""#, inner)]), "");
    assert_eq!(parts(&[(r#"name="f["; filename="x""#, inner)]), "a=1;");
    assert_eq!(parts(&[(r#"name="f"; filename="""#, inner)]), "a=1;");
}

#[test]
fn the_boundary_is_found_as_php_finds_it() {
    let body = part("name=a", "1") + "--B--";
    for content_type in [
        "multipart/form-data; boundary=\"B\"; charset=x",
        "Multipart/Form-Data, BOUNDARY=B,x",
        "multipart/form-data;xboundary =B;",
    ] {
        assert_eq!(read_as(content_type, &body), "a=1;", "{content_type}");
    }
    for content_type in
        ["multipart/form-data", "multipart/form-data; boundary=\"B", "multipart/form-data; boundary=B x"]
    {
        assert_eq!(read_as(content_type, &body), "", "{content_type}");
    }
    assert_eq!(read_as("multipart/form-data; boundary=", &body.replace("--B", "--")), "a=1;");
}

#[test]
fn a_header_line_longer_than_phps_buffer_comes_in_pieces() {
    // PHP appends the second piece to the header, for it has no colon: the name behind it still counts.
    let body = format!("--B~Content-Disposition: form-data; pad={}; name=\"a\"~~1~--B--", "x".repeat(5200));
    assert_eq!(read_as(TYPE, &body), "a=1;");
    // A piece that happens to be the boundary's line counts as one.
    let body = format!("{}--B~Content-Disposition: form-data; name=\"a\"~~1~--B--", "x".repeat(5120));
    assert_eq!(read_as(TYPE, &body), "a=1;");
    let body = format!("{}--B~Content-Disposition: form-data; name=\"a\"~~1~--B--", "x".repeat(5119));
    assert_eq!(read_as(TYPE, &body), "");
}

#[test]
fn too_many_variables_or_parts_are_refused() {
    let of = |part: String, count: usize| read_as(TYPE, &(part.repeat(count) + "--B--"));
    let variable = || part("name=a[]", "1");
    assert!(of(variable(), 1000).ends_with("#999=1;}"));
    assert_eq!(of(variable(), 1001), "More than 1000 variables in the query or body.");
    let file = || part("name=f; filename=x", "1");
    assert_eq!(of(file(), 1020), "");
    assert_eq!(of(file(), 1021), "More than 1020 parts in the body.");
}

proptest! {
    #[test]
    fn no_mixture_of_its_pieces_makes_it_panic(
        body in "(--B|~|\n|\r|--|Content-Disposition: form-data|; ?name=|; filename=|\"|'|\\\\|a|\\[|\\]|:|\0| ){0,60}",
    ) {
        read_as(TYPE, &body);
    }

    #[test]
    fn a_value_arrives_as_sent(value in "[a-z\r\n\0-]{0,40}") {
        prop_assume!(!value.contains("\n--B"));
        let body = format!("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n{value}\r\n--B--\r\n");
        let table = read(TYPE.as_bytes(), body.as_bytes()).unwrap().into_params();
        prop_assert_eq!(table.first().and_then(|(_, param)| param.as_text()), Some(value.as_bytes()));
    }
}
