//! Numbers between PHP's text and its values: literals, numeric strings, and floats as text.
//!
//! Nothing here knows of tokens or of values other than numbers.

use super::value::ConstValue;

/// PHP's ini setting `precision`, by default and in both php.ini files it ships.
const PRECISION: i32 = 14;

/// The literal at the start of `text` (`12`, `0x1f`, `0b1`, `0o17`, `017`, `1_000`, `.5`, `1e3`) and its length.
/// `None` when it is not one PHP accepts.
pub(super) fn literal(text: &[u8]) -> Option<(ConstValue, usize)> {
    let radix = match (text.first(), text.get(1)) {
        (Some(b'0'), Some(b'x' | b'X')) => 16,
        (Some(b'0'), Some(b'b' | b'B')) => 2,
        (Some(b'0'), Some(b'o' | b'O')) => 8,
        _ => return decimal_literal(text),
    };
    let digits = run(text.get(2..)?, |b| char::from(b).is_digit(radix));
    let value = in_radix(text.get(2..2 + digits)?, radix)?;
    Some((value, 2 + digits))
}

fn decimal_literal(text: &[u8]) -> Option<(ConstValue, usize)> {
    let is_digit = |b: u8| b.is_ascii_digit();
    let mut end = run(text, is_digit);
    let whole = text.get(..end)?;
    let mut is_float = false;
    if text.get(end) == Some(&b'.') {
        let fraction = run(text.get(end + 1..)?, is_digit);
        is_float = true;
        end += 1 + fraction;
    }
    if let Some(length) = exponent(text.get(end..)?) {
        is_float = true;
        end += length;
    }
    if is_float {
        return Some((ConstValue::Float(to_float(text.get(..end)?)?), end));
    }
    let octal = whole.len() > 1 && whole.first() == Some(&b'0');
    Some((in_radix(whole, if octal { 8 } else { 10 })?, end))
}

/// The length of digits with single underscores between them.
fn run(text: &[u8], is_digit: impl Fn(u8) -> bool) -> usize {
    let mut length = 0;
    while let Some(&byte) = text.get(length) {
        let between = byte == b'_' && length > 0 && text.get(length + 1).is_some_and(|next| is_digit(*next));
        if !is_digit(byte) && !between {
            break;
        }
        length += 1;
    }
    length
}

fn exponent(text: &[u8]) -> Option<usize> {
    if !matches!(text.first(), Some(b'e' | b'E')) {
        return None;
    }
    let sign = usize::from(matches!(text.get(1), Some(b'+' | b'-')));
    let digits = run(text.get(1 + sign..)?, |b| b.is_ascii_digit());
    (digits > 0).then_some(1 + sign + digits)
}

fn in_radix(digits: &[u8], radix: u32) -> Option<ConstValue> {
    let text: String = digits.iter().filter(|b| **b != b'_').map(|b| char::from(*b)).collect();
    if text.is_empty() || !text.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    if let Ok(value) = i64::from_str_radix(&text, radix) {
        return Some(ConstValue::Int(value));
    }
    // Too great for an integer: PHP goes on with a double.
    if radix == 10 {
        return text.parse().ok().map(ConstValue::Float);
    }
    let value = text
        .chars()
        .filter_map(|c| c.to_digit(radix))
        .fold(0.0, |sum: f64, digit| sum.mul_add(f64::from(radix), f64::from(digit)));
    Some(ConstValue::Float(value))
}

fn to_float(text: &[u8]) -> Option<f64> {
    let digits: String = text.iter().filter(|b| **b != b'_').map(|b| char::from(*b)).collect();
    digits.parse().ok()
}

/// The number a string starts with, and whether only white space follows. `None` without a number.
pub(super) fn leading(text: &[u8]) -> (Option<ConstValue>, bool) {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = text.iter().take_while(|b| is_space(b)).count();
    let Some(body) = text.get(start..) else {
        return (None, false);
    };
    let sign = usize::from(matches!(body.first(), Some(b'+' | b'-')));
    let digits = |from: usize| body.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut is_float = false;
    let mut any = whole > 0;
    if body.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if any || fraction > 0 {
            any = true;
            is_float = true;
            end += 1 + fraction;
        }
    }
    if !any {
        return (None, false);
    }
    if let Some(length) = body.get(end..).and_then(exponent) {
        // `exponent` allows underscores, numeric strings do not: they end the number.
        let plain = body.iter().skip(end).take(length).take_while(|b| **b != b'_').count();
        end += plain;
        is_float = true;
    }
    let number = body.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let value = match number.parse::<i64>() {
        Ok(value) if !is_float => Some(ConstValue::Int(value)),
        _ => number.parse().ok().map(ConstValue::Float),
    };
    let rest_is_blank = body.iter().skip(end).all(is_space);
    (value, rest_is_blank)
}

/// The number a numeric string is: nothing but white space may stand around it.
pub(super) fn whole(text: &[u8]) -> Option<ConstValue> {
    match leading(text) {
        (value, true) => value,
        _ => None,
    }
}

/// An integer as a double.
#[expect(clippy::cast_precision_loss, reason = "PHP rounds in the same way")]
pub(super) fn to_double(value: i64) -> f64 {
    value as f64
}

/// A double cut to an integer; `None` outside the range, where PHP's answer depends on the version.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(super) fn truncate(value: f64) -> Option<i64> {
    let limit = 9_223_372_036_854_775_808.0;
    (value >= -limit && value < limit).then_some(value as i64)
}

/// A double cut to an integer, the nearest end of the range outside it: what `(int)` makes of a string.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is wanted")]
pub(super) fn saturate(value: f64) -> i64 {
    if value.is_finite() { value as i64 } else { 0 }
}

/// A double as PHP's `(string)` writes it: C's `%.14G`, with `1.0E+25` for `1E+25`.
pub(super) fn float_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NAN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    let scientific = format!("{:.*e}", usize::try_from(PRECISION - 1).unwrap_or(13), value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if !(-4..PRECISION).contains(&exponent) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let rest = if rest.is_empty() { "0" } else { rest };
        return format!("{sign}{first}.{rest}E{exponent:+}");
    }
    let Ok(before_point) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    };
    if before_point == 0 {
        return format!("{sign}0.{digits}");
    }
    match digits.split_at_checked(before_point) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(before_point - digits.len())),
    }
}
