//! PHP's ways to print a float. Reading one needs nothing of ours: Rust's own parser agrees with PHP's.

/// The shortest text that reads back as the same float, as PHP prints it with `serialize_precision = -1`;
/// `exponent` is `E` in serialised data and `e` in JSON. Infinities are `INF`, `-INF`; no number is `NAN`.
pub(super) fn push_shortest(out: &mut Vec<u8>, float: f64, exponent: u8) {
    if push_special(out, float) {
        return;
    }
    let shortest = format!("{float:e}");
    let digits = shortest.bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count();
    // Of two shortest texts equally near, PHP takes the one with the even last digit and Rust the larger one.
    // Only texts this long can be in such a pair.
    if digits >= 16 {
        let nearest = format!("{float:.*e}", digits - 1);
        if nearest.parse() == Ok(float) {
            return push_digits(out, &nearest, 17, exponent);
        }
    }
    push_digits(out, &shortest, 17, exponent);
}

/// PHP's `(string)` of a float: `precision = 14` significant digits.
#[must_use]
pub fn to_text(float: f64) -> String {
    let mut out = Vec::new();
    if !push_special(&mut out, float) {
        let rounded = format!("{float:.13e}");
        let plain = float.abs().to_string();
        // PHP drops closing zeros, except in one corner of its code: whole numbers of 15 digits that lie in the
        // middle between two texts and are rounded down to a zero.
        if plain.len() == 15 && !plain.contains('.') && plain.ends_with("05") {
            return rounded.replace('e', "E+");
        }
        push_digits(&mut out, &rounded, 14, b'E');
    }
    String::from_utf8(out).unwrap_or_default()
}

fn push_special(out: &mut Vec<u8>, float: f64) -> bool {
    let text: &[u8] = if float.is_nan() {
        b"NAN"
    } else if float.is_infinite() {
        if float > 0.0 { b"INF" } else { b"-INF" }
    } else if float == 0.0 {
        if float.is_sign_negative() { b"-0" } else { b"0" }
    } else {
        return false;
    };
    out.extend_from_slice(text);
    true
}

/// Lays out Rust's scientific form as PHP's `php_gcvt` does: plain between 0.0001 and `precision` digits before
/// the point, else `d.dE+x`.
fn push_digits(out: &mut Vec<u8>, scientific: &str, precision: i32, exponent_mark: u8) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    if unsigned.len() != mantissa.len() {
        out.push(b'-');
    }
    let (first, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let first = first.as_bytes();
    let fraction = fraction.trim_end_matches('0').as_bytes();
    if exponent < -4 || exponent >= precision {
        out.extend_from_slice(first);
        out.push(b'.');
        out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction });
        out.push(exponent_mark);
        out.push(if exponent < 0 { b'-' } else { b'+' });
        out.extend_from_slice(exponent.unsigned_abs().to_string().as_bytes());
        return;
    }
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + places - 1, b'0');
        out.extend_from_slice(first);
        out.extend_from_slice(fraction);
        return;
    }
    out.extend_from_slice(first);
    if let Some((whole, rest)) = fraction.split_at_checked(places) {
        out.extend_from_slice(whole);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
    } else {
        out.extend_from_slice(fraction);
        out.resize(out.len() + places - fraction.len(), b'0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortest(float: f64) -> String {
        let mut out = Vec::new();
        push_shortest(&mut out, float, b'E');
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_are_printed_as_php_prints_them() {
        // float, as serialize() prints it, as (string) prints it: all said by PHP 8.2.
        for (float, long, short) in [
            (1e15, "1000000000000000", "1.0E+15"),
            (123_456_789_012_345_678.0, "1.2345678901234568E+17", "1.2345678901235E+17"),
            (1e14, "100000000000000", "1.0E+14"),
            (1e17, "1.0E+17", "1.0E+17"),
            (1e16, "10000000000000000", "1.0E+16"),
            (1e-5, "1.0E-5", "1.0E-5"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_012_34, "1.234E-5", "1.234E-5"),
            (123_456.789, "123456.789", "123456.789"),
            (-1e-7, "-1.0E-7", "-1.0E-7"),
            (1e100, "1.0E+100", "1.0E+100"),
            (100_000.0, "100000", "100000"),
            (0.1 + 0.2, "0.30000000000000004", "0.3"),
            (5e-324, "5.0E-324", "4.9406564584125E-324"),
            (999_999_999_999_999.0, "999999999999999", "1.0E+15"),
            (99_999_999_999_999.9, "99999999999999.9", "1.0E+14"),
            (175_154_078_367_703.63, "175154078367703.62", "1.751540783677E+14"),
            (540_804_443_552_505.0, "540804443552505", "5.4080444355250E+14"),
            (f64::INFINITY, "INF", "INF"),
            (f64::NEG_INFINITY, "-INF", "-INF"),
            (f64::NAN, "NAN", "NAN"),
            (-0.0, "-0", "-0"),
            (1.0, "1", "1"),
        ] {
            assert_eq!(shortest(float), long);
            assert_eq!(to_text(float), short);
        }
    }
}
