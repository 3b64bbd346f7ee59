//! Does a text look serialised? WordPress asks before it reads and before it writes.

/// PHP's `trim`: blank, tab, line feed, carriage return, NUL and vertical tab at both ends.
pub(super) fn php_trim(mut bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b);
    while let [first, rest @ ..] = bytes
        && blank(first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && blank(last)
    {
        bytes = rest;
    }
    bytes
}

/// WordPress's `is_serialized`, held against 6.8.8. `strict` is for reading; without it (for writing) the end is not
/// looked at, so that text with something behind the serialised part counts too.
#[must_use]
pub fn is_serialized(text: &[u8], strict: bool) -> bool {
    let text = php_trim(text);
    if text == b"N;" {
        return true;
    }
    let [token, b':', rest @ ..] = text else {
        return false;
    };
    if text.len() < 4 {
        return false;
    }
    let end_fits = if strict { matches!(text.last(), Some(b';' | b'}')) } else { has_an_end(text) };
    if !end_fits {
        return false;
    }
    match token {
        b's' => {
            let quoted = if strict { matches!(text, [.., b'"', _]) } else { text.contains(&b'"') };
            quoted && starts_with_count(rest)
        }
        b'a' | b'O' | b'E' => starts_with_count(rest),
        b'b' | b'i' | b'd' => starts_with_number(rest, strict),
        _ => false,
    }
}

/// Somewhere a `;` or a `}`, neither of them so early that it cannot be an end.
fn has_an_end(text: &[u8]) -> bool {
    let first = |wanted: u8| text.iter().position(|&byte| byte == wanted);
    match (first(b';'), first(b'}')) {
        (None, None) => false,
        (semicolon, brace) => semicolon.is_none_or(|at| at >= 3) && brace.is_none_or(|at| at >= 4),
    }
}

/// `[0-9]+:`
fn starts_with_count(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && rest.get(digits) == Some(&b':')
}

/// `[0-9.E+-]+;`, and nothing behind it when strict.
fn starts_with_number(rest: &[u8], strict: bool) -> bool {
    let number = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'E' | b'+' | b'-');
    let length = rest.iter().take_while(number).count();
    length > 0 && rest.get(length) == Some(&b';') && (!strict || rest.len() == length + 1)
}
