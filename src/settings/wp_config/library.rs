//! PHP's functions that only compute, as far as configurations use them.
//!
//! `None` where PHP raises an error or where an argument is not supported: never a guess.

use super::bytes::{addslashes, base64, find_bytes, replace, substring, trim_end, trim_start};
use super::value::{ConstValue, find};

/// The longest text that is searched for.
const MAX_NEEDLE: usize = 256;

const NAMES: &[&str] = &[
    "trim",
    "ltrim",
    "rtrim",
    "chop",
    "strtolower",
    "strtoupper",
    "ucfirst",
    "lcfirst",
    "strlen",
    "strpos",
    "stripos",
    "strrpos",
    "strstr",
    "str_contains",
    "str_starts_with",
    "str_ends_with",
    "substr",
    "str_replace",
    "implode",
    "join",
    "explode",
    "sprintf",
    "in_array",
    "array_key_exists",
    "count",
    "is_string",
    "is_int",
    "is_bool",
    "is_array",
    "is_null",
    "is_numeric",
    "intval",
    "boolval",
    "strval",
    "floatval",
    "filter_var",
    "basename",
    "base64_decode",
    "array_merge",
    "strrev",
    "bin2hex",
    "addslashes",
];

pub(super) fn knows(name: &str) -> bool {
    NAMES.contains(&name)
}

pub(super) fn call(name: &str, values: &[ConstValue]) -> Option<ConstValue> {
    use ConstValue::{Bool, Int, Str};
    // Long needles make searching dear, and no setting is looked for by one.
    let needle = match name {
        "strpos" | "stripos" | "strrpos" | "strstr" | "str_contains" => values.get(1),
        "str_replace" | "explode" | "in_array" => values.first(),
        _ => None,
    };
    if needle.is_some_and(|needle| needle.weight() > MAX_NEEDLE) {
        return None;
    }
    let bytes = |index: usize| text(values.get(index)?);
    let count = values.len();
    Some(match (name, count) {
        ("trim", 1..=2) => {
            Str(trim_end(&trim_start(&bytes(0)?, &mask(values.get(1))?), &mask(values.get(1))?))
        }
        ("ltrim", 1..=2) => Str(trim_start(&bytes(0)?, &mask(values.get(1))?)),
        ("rtrim" | "chop", 1..=2) => Str(trim_end(&bytes(0)?, &mask(values.get(1))?)),
        ("strtolower", 1) => Str(bytes(0)?.to_ascii_lowercase()),
        ("strtoupper", 1) => Str(bytes(0)?.to_ascii_uppercase()),
        ("ucfirst" | "lcfirst", 1) => {
            let mut text = bytes(0)?;
            if let Some(first) = text.first_mut() {
                *first =
                    if name == "ucfirst" { first.to_ascii_uppercase() } else { first.to_ascii_lowercase() };
            }
            Str(text)
        }
        ("strlen", 1) => Int(i64::try_from(bytes(0)?.len()).ok()?),
        ("strrev", 1) => Str(bytes(0)?.into_iter().rev().collect()),
        ("bin2hex", 1) => Str(bytes(0)?.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
        ("strpos", 2) => position(bytes(0)?.as_slice(), &bytes(1)?)?,
        ("stripos", 2) => position(&bytes(0)?.to_ascii_lowercase(), &bytes(1)?.to_ascii_lowercase())?,
        ("strrpos", 2) => {
            let (text, needle) = (bytes(0)?, bytes(1)?);
            let last = (0..=text.len())
                .rev()
                .find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(&needle)));
            last.map_or(Some(Bool(false)), |at| i64::try_from(at).ok().map(Int))?
        }
        ("strstr", 2) => {
            let text = bytes(0)?;
            find_bytes(&text, &bytes(1)?)
                .map_or(Some(Bool(false)), |at| text.get(at..).map(|rest| Str(rest.to_vec())))?
        }
        ("str_contains", 2) => Bool(find_bytes(&bytes(0)?, &bytes(1)?).is_some()),
        ("str_starts_with", 2) => Bool(bytes(0)?.starts_with(&bytes(1)?)),
        ("str_ends_with", 2) => Bool(bytes(0)?.ends_with(&bytes(1)?)),
        ("substr", 2..=3) => {
            let length = match values.get(2) {
                None | Some(ConstValue::Null) => None,
                Some(length) => Some(integer(length)?),
            };
            Str(substring(&bytes(0)?, integer(values.get(1)?)?, length)?)
        }
        ("str_replace", 3) => Str(replace(&bytes(2)?, &bytes(0)?, &bytes(1)?)?),
        ("explode", 2) => explode(&bytes(0)?, &bytes(1)?)?,
        ("sprintf", 1..) => Str(format(&bytes(0)?, values.get(1..)?)?),
        ("basename", 1) => {
            let path = trim_end(&bytes(0)?, b"/");
            Str(path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec())
        }
        ("base64_decode", 1) => Str(base64(&bytes(0)?)?),
        ("addslashes", 1) => Str(addslashes(&bytes(0)?)),
        _ => return of_any_kind(name, values),
    })
}

/// Functions of arrays and of values of any kind.
fn of_any_kind(name: &str, values: &[ConstValue]) -> Option<ConstValue> {
    use ConstValue::{Bool, Int, Str};
    Some(match (name, values.len()) {
        ("implode" | "join", 1..=2) => implode(values)?,
        ("in_array", 2..=3) => {
            let ConstValue::Array(items) = values.get(1)? else {
                return None;
            };
            let strict = values.get(2).is_some_and(ConstValue::truthy);
            let needle = values.first()?;
            let mut found = false;
            for (_, item) in items {
                found |= if strict { needle.identical(item) } else { needle.loosely_equal(item)? };
            }
            Bool(found)
        }
        ("array_key_exists", 2) => {
            let ConstValue::Array(items) = values.get(1)? else {
                return None;
            };
            Bool(find(items, &values.first()?.to_key()?).is_some())
        }
        ("array_merge", 1..) => merge(values)?,
        ("count", 1) => match values.first()? {
            ConstValue::Array(items) => Int(i64::try_from(items.len()).ok()?),
            _ => return None,
        },
        ("is_string" | "is_int" | "is_bool" | "is_array" | "is_null", 1) => {
            Bool(name.strip_prefix("is_") == Some(values.first()?.kind()))
        }
        ("is_numeric", 1) => Bool(match values.first()? {
            Int(_) | ConstValue::Float(_) => true,
            Str(text) => super::number::whole(text).is_some(),
            _ => false,
        }),
        ("intval", 1) => Int(values.first()?.to_int()?),
        ("boolval", 1) => Bool(values.first()?.truthy()),
        ("strval", 1) => Str(values.first()?.to_bytes()?),
        ("floatval", 1) => ConstValue::Float(values.first()?.to_float()?),
        ("filter_var", 2) if values.get(1) == Some(&Int(258)) => {
            let text = values.first()?.to_bytes()?.to_ascii_lowercase();
            let trimmed = trim_end(&trim_start(&text, b" \t\n\r\x0b\0"), b" \t\n\r\x0b\0");
            Bool(matches!(trimmed.as_slice(), b"1" | b"true" | b"on" | b"yes"))
        }
        _ => return None,
    })
}

/// An integer argument: text must be an integer through and through.
fn integer(value: &ConstValue) -> Option<i64> {
    match value {
        ConstValue::Int(value) => Some(*value),
        ConstValue::Bool(value) => Some(i64::from(*value)),
        ConstValue::Str(text) => match super::number::whole(text) {
            Some(ConstValue::Int(value)) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// A string argument. `null` and arrays are refused by newer versions of PHP, or with `strict_types`.
fn text(value: &ConstValue) -> Option<Vec<u8>> {
    match value {
        ConstValue::Array(_) => None,
        other => other.to_bytes(),
    }
}

/// The characters to trim, `a..z` written out.
fn mask(value: Option<&ConstValue>) -> Option<Vec<u8>> {
    let Some(value) = value else {
        return Some(b" \n\r\t\x0b\0".to_vec());
    };
    let text = text(value)?;
    let mut mask = Vec::new();
    let mut rest = text.as_slice();
    loop {
        rest = match rest {
            [] => return Some(mask),
            [first, b'.', b'.', last, after @ ..] if first <= last => {
                mask.extend(*first..=*last);
                after
            }
            [b'.', b'.', ..] => return None,
            [byte, after @ ..] => {
                mask.push(*byte);
                after
            }
        };
    }
}

fn position(text: &[u8], needle: &[u8]) -> Option<ConstValue> {
    find_bytes(text, needle)
        .map_or(Some(ConstValue::Bool(false)), |at| i64::try_from(at).ok().map(ConstValue::Int))
}

fn implode(values: &[ConstValue]) -> Option<ConstValue> {
    let (glue, items) = match values {
        [ConstValue::Array(items)] => (Vec::new(), items),
        [glue, ConstValue::Array(items)] => (text(glue)?, items),
        _ => return None,
    };
    let parts = items.iter().map(|(_, item)| item.to_bytes()).collect::<Option<Vec<_>>>()?;
    let total: usize = parts.iter().map(|part| part.len() + glue.len()).sum();
    if total > super::evaluator::MAX_WEIGHT {
        return None;
    }
    Some(ConstValue::Str(parts.join(glue.as_slice())))
}

fn explode(separator: &[u8], text: &[u8]) -> Option<ConstValue> {
    if separator.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    let mut rest = text;
    loop {
        let at = find_bytes(rest, separator);
        let part = rest.get(..at.unwrap_or(rest.len()))?;
        items.push((ConstValue::Int(i64::try_from(items.len()).ok()?), ConstValue::Str(part.to_vec())));
        match at {
            Some(at) if items.len() < 1000 => rest = rest.get(at + separator.len()..)?,
            Some(_) => return None,
            None => return Some(ConstValue::Array(items)),
        }
    }
}

fn merge(values: &[ConstValue]) -> Option<ConstValue> {
    let mut merged: Vec<(ConstValue, ConstValue)> = Vec::new();
    let mut next = 0;
    for value in values {
        let ConstValue::Array(items) = value else {
            return None;
        };
        for (key, item) in items {
            let key = match key {
                ConstValue::Int(_) => {
                    next += 1;
                    ConstValue::Int(next - 1)
                }
                other => other.clone(),
            };
            super::evaluate::put(&mut merged, key, item.clone());
            if merged.len() > 1000 {
                return None;
            }
        }
    }
    Some(ConstValue::Array(merged))
}

/// `%s`, `%d` and `%%`: anything wider is not supported.
fn format(pattern: &[u8], values: &[ConstValue]) -> Option<Vec<u8>> {
    let mut result = Vec::new();
    let mut values = values.iter();
    let mut rest = pattern.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            result.push(byte);
            continue;
        }
        match rest.next()? {
            b'%' => result.push(b'%'),
            b's' => result.extend(values.next()?.to_bytes()?),
            b'd' => result.extend(values.next()?.to_int()?.to_string().into_bytes()),
            _ => return None,
        }
        if result.len() > super::evaluator::MAX_WEIGHT {
            return None;
        }
    }
    Some(result)
}
