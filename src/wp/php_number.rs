//! Text read as a whole number in PHP's two ways: only if it is numeric, or by its start.
//!
//! PHP 8 is meant. Bounds of a particular parameter do not belong here.

use super::ctype::{count_digits, is_space, trimmed_start};

/// What PHP's `int $n` makes of text: numeric text is cut towards zero, blanks around it do not matter.
///
/// `2.9`, `02`, `+2`, `2e0` and `␠2␠` are 2. `None` for any other text (`1abc`, empty) and for numbers beyond
/// 64 bits, which PHP refuses alike.
#[must_use]
pub fn whole_number(text: &[u8]) -> Option<i64> {
    let (number, rest) = leading_number(text)?;
    if !rest.iter().all(|&byte| is_space(byte)) {
        return None;
    }
    match number {
        Number::Int(number) => Some(number),
        // -2^63 and 2^63, both exact.
        Number::Float(number)
            if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) =>
        {
            Some(cut(number))
        }
        Number::Float(_) => None,
    }
}

/// PHP's `(int) $text`: the number at its start, else 0. `1abc` is 1.
///
/// Beyond 64 bits it is the nearest integer; a number too large for a float at all is 0. (PHP 8.2 gives the
/// least integer for exactly 2^63 before a lone `e+`; that slip is not mirrored.)
#[must_use]
pub fn int_cast(text: &[u8]) -> i64 {
    match leading_number(text) {
        Some((Number::Int(number), _)) => number,
        Some((Number::Float(number), _)) if number.is_finite() => cut(number),
        _ => 0,
    }
}

/// PHP's `is_numeric` for text.
#[must_use]
pub fn is_numeric(text: &[u8]) -> bool {
    leading_number(text).is_some_and(|(_, rest)| rest.iter().all(|&byte| is_space(byte)))
}

enum Number {
    Int(i64),
    Float(f64),
}

/// The number at the start of the text and what follows it (`_is_numeric_string_ex`).
fn leading_number(text: &[u8]) -> Option<(Number, &[u8])> {
    let text = trimmed_start(text);
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = count_digits(text, sign);
    let mut length = sign + whole;
    let mut is_float = false;
    if text.get(length) == Some(&b'.') {
        let fraction = count_digits(text, length + 1);
        if whole > 0 || fraction > 0 {
            length += 1 + fraction;
            is_float = true;
        }
    }
    if length == sign {
        return None;
    }
    if matches!(text.get(length), Some(b'e' | b'E')) {
        let exponent_sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let exponent = count_digits(text, length + 1 + exponent_sign);
        if exponent > 0 {
            length += 1 + exponent_sign + exponent;
            is_float = true;
        }
    }
    let (number, rest) = text.split_at_checked(length)?;
    let number = std::str::from_utf8(number).ok()?;
    // Whole numbers beyond 64 bits are floats.
    let int = if is_float { None } else { number.parse().ok() };
    let number = int.map_or_else(|| number.parse().map(Number::Float), |int| Ok(Number::Int(int)));
    Some((number.ok()?, rest))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cut towards zero, with its stop at the bounds, is what PHP does"
)]
fn cut(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests;
