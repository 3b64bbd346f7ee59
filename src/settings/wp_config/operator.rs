//! What PHP's operators make of known values.
//!
//! `None` means: PHP raises an error here, or the answer is not worth modelling. Short-circuit operators are
//! the evaluator's, as they decide what is evaluated at all.

use std::cmp::Ordering;

use super::number;
use super::value::ConstValue;

pub(super) fn unary(operator: &str, value: &ConstValue) -> Option<ConstValue> {
    match operator {
        "!" => Some(ConstValue::Bool(!value.truthy())),
        "-" => binary("*", value, &ConstValue::Int(-1)),
        "+" => value.to_number(),
        "~" => match value {
            ConstValue::Int(value) => Some(ConstValue::Int(!value)),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn binary(operator: &str, a: &ConstValue, b: &ConstValue) -> Option<ConstValue> {
    let is = |wanted: &[Ordering]| Some(ConstValue::Bool(wanted.contains(&a.compare(b)?)));
    match operator {
        "===" => Some(ConstValue::Bool(a.identical(b))),
        "!==" => Some(ConstValue::Bool(!a.identical(b))),
        "==" => a.loosely_equal(b).map(ConstValue::Bool),
        "!=" | "<>" => a.loosely_equal(b).map(|equal| ConstValue::Bool(!equal)),
        "<" => is(&[Ordering::Less]),
        "<=" => is(&[Ordering::Less, Ordering::Equal]),
        ">" => is(&[Ordering::Greater]),
        ">=" => is(&[Ordering::Greater, Ordering::Equal]),
        "<=>" => a.compare(b).map(|order| {
            ConstValue::Int(match order {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            })
        }),
        "xor" => Some(ConstValue::Bool(a.truthy() != b.truthy())),
        "+" | "-" | "*" => arithmetic(operator, &a.to_number()?, &b.to_number()?),
        "/" => divide(&a.to_number()?, &b.to_number()?),
        "**" => power(&a.to_number()?, &b.to_number()?),
        "%" | "&" | "|" | "^" | "<<" | ">>" => {
            if let ("&" | "|" | "^", ConstValue::Str(_), ConstValue::Str(_)) = (operator, a, b) {
                // Two strings are combined byte by byte, which no configuration does.
                return None;
            }
            let (a, b) = (a.to_number()?.to_int()?, b.to_number()?.to_int()?);
            integers(operator, a, b).map(ConstValue::Int)
        }
        _ => None,
    }
}

fn arithmetic(operator: &str, a: &ConstValue, b: &ConstValue) -> Option<ConstValue> {
    if let (ConstValue::Int(a), ConstValue::Int(b)) = (a, b) {
        let exact = match operator {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            _ => a.checked_mul(*b),
        };
        if let Some(value) = exact {
            return Some(ConstValue::Int(value));
        }
    }
    let (a, b) = (a.to_float()?, b.to_float()?);
    Some(ConstValue::Float(match operator {
        "+" => a + b,
        "-" => a - b,
        _ => a * b,
    }))
}

fn divide(a: &ConstValue, b: &ConstValue) -> Option<ConstValue> {
    if !b.truthy() {
        return None;
    }
    match (a, b) {
        (ConstValue::Int(a), ConstValue::Int(b)) if a.checked_rem(*b) == Some(0) => {
            a.checked_div(*b).map(ConstValue::Int)
        }
        _ => Some(ConstValue::Float(a.to_float()? / b.to_float()?)),
    }
}

fn power(a: &ConstValue, b: &ConstValue) -> Option<ConstValue> {
    if let (ConstValue::Int(a), ConstValue::Int(b @ 0..)) = (a, b) {
        // Beyond the integers PHP multiplies doubles step by step, and rounds at each.
        return a.checked_pow(u32::try_from(*b).ok()?).map(ConstValue::Int);
    }
    Some(ConstValue::Float(a.to_float()?.powf(b.to_float()?)))
}

fn integers(operator: &str, a: i64, b: i64) -> Option<i64> {
    match operator {
        "%" if b == -1 => Some(0),
        "%" => a.checked_rem(b),
        "&" => Some(a & b),
        "|" => Some(a | b),
        "^" => Some(a ^ b),
        "<<" => match u32::try_from(b).ok()? {
            shift @ 0..64 => Some(a << shift),
            _ => Some(0),
        },
        ">>" => Some(a >> u32::try_from(b).ok()?.min(63)),
        _ => None,
    }
}

/// The constants of PHP itself that configurations use and that are the same everywhere.
pub(super) fn builtin_constant(name: &str) -> Option<ConstValue> {
    Some(match name {
        "PHP_EOL" => ConstValue::str("\n"),
        "DIRECTORY_SEPARATOR" => ConstValue::str("/"),
        "PATH_SEPARATOR" => ConstValue::str(":"),
        "PHP_INT_MAX" => ConstValue::Int(i64::MAX),
        "PHP_INT_MIN" => ConstValue::Int(i64::MIN),
        "PHP_INT_SIZE" => ConstValue::Int(8),
        "NAN" => ConstValue::Float(f64::NAN),
        "INF" => ConstValue::Float(f64::INFINITY),
        "FILTER_VALIDATE_BOOLEAN" | "FILTER_VALIDATE_BOOL" => ConstValue::Int(258),
        // What `MYSQL_CLIENT_FLAGS` is made of.
        "MYSQLI_CLIENT_FOUND_ROWS" => ConstValue::Int(2),
        "MYSQLI_CLIENT_NO_SCHEMA" => ConstValue::Int(16),
        "MYSQLI_CLIENT_COMPRESS" => ConstValue::Int(32),
        "MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT" => ConstValue::Int(64),
        "MYSQLI_CLIENT_IGNORE_SPACE" => ConstValue::Int(256),
        "MYSQLI_CLIENT_INTERACTIVE" => ConstValue::Int(1024),
        "MYSQLI_CLIENT_SSL" => ConstValue::Int(2048),
        _ => return None,
    })
}

/// Whether PHP itself has a constant of this name, which `define` then leaves alone.
pub(super) fn is_builtin(name: &str) -> bool {
    builtin_constant(name).is_some()
        || ["true", "false", "null"].iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// `(array)` of a value.
pub(super) fn to_array(value: ConstValue) -> ConstValue {
    match value {
        ConstValue::Array(_) => value,
        ConstValue::Null => ConstValue::Array(Vec::new()),
        other => ConstValue::Array(vec![(ConstValue::Int(0), other)]),
    }
}

/// One byte of a string, or one element of an array; `None` when it is not set.
pub(super) fn element(base: &ConstValue, key: &ConstValue) -> Option<ConstValue> {
    match base {
        ConstValue::Array(items) => super::value::find(items, &key.to_key()?).cloned(),
        ConstValue::Str(bytes) => {
            let index = match key {
                // Unlike a key of an array, text may be any whole number, and `null` is 0.
                ConstValue::Str(text) => match number::whole(text)? {
                    ConstValue::Int(index) => index,
                    _ => return None,
                },
                ConstValue::Array(_) => return None,
                other => other.to_int()?,
            };
            let length = i64::try_from(bytes.len()).ok()?;
            let index = usize::try_from(if index < 0 { index + length } else { index }).ok()?;
            bytes.get(index).map(|byte| ConstValue::Str(vec![*byte]))
        }
        _ => None,
    }
}

/// `(int)` and its like.
pub(super) fn cast(cast: super::ast::Cast, value: ConstValue) -> Option<ConstValue> {
    use super::ast::Cast;
    match cast {
        Cast::Bool => Some(ConstValue::Bool(value.truthy())),
        Cast::Int => value.to_int().map(ConstValue::Int),
        Cast::Float => match value {
            ConstValue::Int(value) => Some(ConstValue::Float(number::to_double(value))),
            other => other.to_float().map(ConstValue::Float),
        },
        Cast::Text => value.to_bytes().map(ConstValue::Str),
        Cast::Array => Some(to_array(value)),
        Cast::Object => None,
    }
}
