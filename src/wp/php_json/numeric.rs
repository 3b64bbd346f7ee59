//! Which strings PHP takes for numbers (`is_numeric`).

/// A number found in a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

/// The number that the whole string spells, blanks around it allowed. Whole numbers beyond 64 bits are floats;
/// one beyond the range of floats is none.
pub(super) fn numeric(bytes: &[u8]) -> Option<Number> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = bytes.iter().position(|byte| !blank(byte))?;
    let end = bytes.iter().rposition(|byte| !blank(byte))?;
    let text = std::str::from_utf8(bytes.get(start..=end)?).ok()?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(int) = text.parse()
    {
        return Some(Number::Int(int));
    }
    // What Rust reads beyond PHP's grammar are words, and none starts with a digit or a point.
    text.parse().ok().filter(|float: &f64| float.is_finite()).map(Number::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_numbers_where_php_says_so() {
        for (text, number) in [
            ("1 ", Some(Number::Int(1))),
            ("\n\u{b}\u{c}1", Some(Number::Int(1))),
            ("+1", Some(Number::Int(1))),
            ("-0", Some(Number::Int(0))),
            ("00012", Some(Number::Int(12))),
            ("1e5", Some(Number::Float(100_000.0))),
            ("-.5", Some(Number::Float(-0.5))),
            ("1.", Some(Number::Float(1.0))),
            ("1.e3", Some(Number::Float(1000.0))),
            ("9223372036854775807", Some(Number::Int(i64::MAX))),
            ("9223372036854775808", Some(Number::Float(9_223_372_036_854_775_808.0))),
            ("1e400", None),
            ("", None),
            (" ", None),
            ("1 1", None),
            ("1\0", None),
            (".", None),
            (".e3", None),
            ("e5", None),
            ("--1", None),
            ("0x1A", None),
            ("INF", None),
            ("-inf", None),
            ("nan", None),
        ] {
            assert_eq!(numeric(text.as_bytes()), number, "{text:?}");
        }
    }
}
