//! Expected paths are what PHP 8.2's `parse_str` makes of the names.

use super::*;

/// A path in one line: keys joined by `>`, `#` before numbers, `+` for the next number, `!` for a refused key.
fn path(name: &str) -> Option<String> {
    let name = VariableName::parse(name.as_bytes()).unwrap()?;
    let steps = std::iter::once(Step::Key(name.key)).chain(name.steps).map(|step| match step {
        Step::Key(ParamKey::Int(number)) => format!("#{number}"),
        Step::Key(ParamKey::Str(text)) => text.escape_ascii().to_string(),
        Step::Next => "+".to_owned(),
        Step::Refused => "!".to_owned(),
    });
    Some(steps.collect::<Vec<_>>().join(">"))
}

fn assert_paths(expected: &[(&str, &str)]) {
    for (name, expected) in expected {
        assert_eq!(path(name).as_deref(), Some(*expected), "{name:?}");
    }
}

#[test]
fn dots_and_blanks_become_underscores_outside_brackets_only() {
    assert_paths(&[
        ("a.b c", "a_b_c"),
        ("  a", "a"),
        (".", "_"),
        ("a.b[c.d e]", "a_b>c.d e"),
        ("\ta", r"\ta"),
        ("a['q']", r"a>\'q\'"),
    ]);
}

#[test]
fn a_name_ends_at_nul() {
    assert_paths(&[("a\0b", "a"), ("a[x\0y]", "a_x"), ("a[x]\0[y]", "a>x")]);
}

#[test]
fn names_of_nothing_are_dropped() {
    for name in ["", " ", "[]", "[a]", "[", "\0a", " [x]"] {
        assert_eq!(path(name), None, "{name:?}");
    }
}

#[test]
fn a_bracket_that_never_closes_is_part_of_the_name_only_at_its_start() {
    assert_paths(&[
        ("a[b", "a_b"),
        ("a[", "a_"),
        ("a[.b c[", "a__b_c_"),
        ("5[", "5_"),
        ("a[x][y", "a>x"),
        ("a[x][", "a>x"),
        ("a[][y", "a>+"),
    ]);
}

#[test]
fn text_behind_a_bracket_is_dropped() {
    assert_paths(&[("a[x]z[y]", "a>x"), ("a[b].c", "a>b"), ("a[x]]", "a>x"), ("a[]]", "a>+")]);
}

#[test]
fn a_closing_bracket_alone_is_text() {
    assert_paths(&[
        ("a]", "a]"),
        ("a]b[c]", "a]b>c"),
        ("a[[]", "a>["),
        ("a[[x]]", "a>[x"),
        ("a[b[c]", "a>b[c"),
    ]);
}

#[test]
fn one_blank_in_brackets_still_asks_for_the_next_number() {
    assert_paths(&[("a[]", "a>+"), ("a[ ]", "a>+"), ("a[\t]", "a>+"), ("a[  ]", "a>  "), ("a[ x]", "a> x")]);
}

#[test]
fn only_numbers_as_php_writes_them_are_numbers() {
    assert_paths(&[
        ("5", "#5"),
        ("-5", "#-5"),
        ("05", "05"),
        ("a[+5]", "a>+5"),
        ("a[-0]", "a>-0"),
        ("a[0]", "a>#0"),
        ("a[9223372036854775807]", "a>#9223372036854775807"),
        ("a[9223372036854775808]", "a>9223372036854775808"),
        ("a[-9223372036854775808]", "a>#-9223372036854775808"),
        ("a[-9223372036854775809]", "a>-9223372036854775809"),
    ]);
}

#[test]
fn prefixes_of_cookies_cannot_be_forged() {
    for name in ["..Host-x", "_.Host-x", "..Secure-x", "_[Host-x", ". Host-x[a]"] {
        assert_eq!(path(name), None, "{name:?}");
    }
    assert_paths(&[
        ("__Host-x", "__Host-x"),
        (" __Host-", "__Host-"),
        (".Host-x", "_Host-x"),
        ("_.[Host-x", "___Host-x"),
        ("a[__Host-x]", "a>!"),
        ("a[__host-x]", "a>__host-x"),
        ("__Host-a[__Host-x]", "__Host-a>__Host-x"),
        ("__Secure-a[__Host-x]", "__Secure-a>!"),
        ("a[_.Host-]", "a>_.Host-"),
    ]);
}

#[test]
fn the_limit_counts_brackets_before_they_close() {
    let name = |levels: usize, tail: &str| format!("a{}{tail}", "[x]".repeat(levels)).into_bytes();
    assert!(VariableName::parse(&name(64, "")).is_ok());
    assert!(VariableName::parse(&name(64, "z[y]")).is_ok());
    assert_eq!(VariableName::parse(&name(64, "[")), Err(ParamsError::NestedTooDeep));
    assert_eq!(VariableName::parse(&name(65, "")), Err(ParamsError::NestedTooDeep));
}
