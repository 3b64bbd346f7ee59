//! What a field takes: `BP_XProfile_Field_Type::is_valid()` and its kinds.

use super::{FieldType, Input};
use crate::wp::php_text::addslashes;

/// Whether BuddyPress would take the value. `options` are the names as stored: escaped and slashed.
///
/// Of several values the last one decides about the format, and each must be among the options.
#[must_use]
pub fn is_valid(input: &Input, kind: FieldType, options: &[Vec<u8>]) -> bool {
    // An address in several parts ends PHP.
    if input.is_empty() || (kind == FieldType::Url && matches!(input, Input::List(_))) {
        return false;
    }
    let items = input.items();
    let format = items.last().is_some_and(|last| has_format(last, kind));
    let listed = |item: &&[u8]| options.iter().any(|option| option.as_slice() == &*addslashes(item));
    format && (!kind.has_options() || items.iter().all(listed))
}

fn has_format(text: &[u8], kind: FieldType) -> bool {
    match kind {
        FieldType::Textarea | FieldType::Custom => true,
        FieldType::Textbox | FieldType::Telephone | FieldType::Choice | FieldType::Choices => {
            !text.contains(&b'\n')
        }
        FieldType::Number => is_number(text),
        FieldType::Datebox => is_date(text),
        FieldType::Url => std::str::from_utf8(text).is_ok_and(is_url),
        FieldType::Acceptance => matches!(text, b"0" | b"1"),
    }
}

/// `^\d+|-\d+$`: digits at the start, or a minus and digits at the end.
fn is_number(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let before = text.len().checked_sub(digits + 1).and_then(|place| text.get(place));
    text.first().is_some_and(u8::is_ascii_digit) || (digits > 0 && before == Some(&b'-'))
}

/// `^\d{4}-\d{1,2}-\d{1,2} 00:00:00$`
fn is_date(text: &[u8]) -> bool {
    let Some(date) = text.strip_suffix(b" 00:00:00") else {
        return false;
    };
    let parts: Vec<&[u8]> = date.split(|&b| b == b'-').collect();
    let digits = |part: &[u8], least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.iter().all(u8::is_ascii_digit)
    };
    matches!(parts[..], [y, m, d] if digits(y, 4, 4) && digits(m, 1, 2) && digits(d, 1, 2))
}

/// An absolute http, https or ftp address of a public host.
fn is_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let known = ["http", "https", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !known || rest.contains(char::is_whitespace) {
        return false;
    }
    // A user and a password may stand before the host, and hold anything.
    let after_login = rest.match_indices('@').filter_map(|(place, _)| rest.get(place + 1..));
    std::iter::once(rest).chain(after_login).any(is_place)
}

/// `host`, `host:port`, `host/path`.
fn is_place(text: &str) -> bool {
    let end = text.find(|c| !is_host_char(c)).unwrap_or(text.len());
    let (host, rest) = text.split_at_checked(end).unwrap_or_default();
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            match rest.get(digits..) {
                Some(after) if (2..=5).contains(&digits) => after,
                _ => return false,
            }
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with('/')) && (is_public_ip(host) || is_name(host))
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.' || ('\u{a1}'..='\u{ffff}').contains(&c)
}

/// Labels without a hyphen at either end or two in a row; the last has two letters or more and nothing else.
fn is_name(host: &str) -> bool {
    let Some((labels, last)) = host.rsplit_once('.') else {
        return false;
    };
    let is_label = |label: &str| label.split('-').all(|piece| !piece.is_empty());
    labels.split('.').all(is_label)
        && last.chars().count() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic() || !c.is_ascii())
}

fn is_public_ip(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    let [a, b, c, d] = parts[..] else {
        return false;
    };
    let number = |part: &str| {
        let fits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let strict = |part: &str| number(part).filter(|_| !part.starts_with('0'));
    let loose = |part: &str| number(part).filter(|_| part.len() < 3 || !part.starts_with('0'));
    let (Some(a), Some(b), Some(c), Some(d)) = (strict(a), loose(b), loose(c), strict(d)) else {
        return false;
    };
    let private = matches!((a, b), (10 | 127, _) | (169, 254) | (192, 168) | (172, 16..=31));
    (1..=223).contains(&a) && b <= 255 && c <= 255 && (1..=254).contains(&d) && !private
}
