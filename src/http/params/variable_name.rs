//! The name of a form variable, taken apart as PHP does: `a[x][]` is a path into nested arrays.
//!
//! Names come here decoded; what is put at the path is the table's business.

use super::param::ParamKey;
use super::{MAX_NESTING, ParamsError};
use crate::wp::ctype::is_space;

/// One step into a PHP array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(ParamKey),
    /// `[]`: the next free number.
    Next,
    /// A key PHP refuses; the arrays before it are made, nothing is put into them.
    Refused,
}

/// A name as a path: the key in the outermost table and what its brackets add.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct VariableName {
    pub(super) key: ParamKey,
    pub(super) steps: Vec<Step>,
}

impl VariableName {
    /// Reads a name as PHP's `php_register_variable_ex`. `None` when PHP drops the variable.
    pub(super) fn parse(name: &[u8]) -> Result<Option<Self>, ParamsError> {
        let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
        let blanks = name.iter().take_while(|&&byte| byte == b' ').count();
        let name = name.get(blanks..).unwrap_or_default();
        let open = name.iter().position(|&byte| byte == b'[').unwrap_or(name.len());
        let (base, brackets) = name.split_at_checked(open).unwrap_or((name, &[]));
        let mut base = underscored(base, b" .");
        if base.is_empty() {
            return Ok(None);
        }
        let mut path = Vec::new();
        if brackets.contains(&b']') {
            path = steps(brackets, name)?;
        } else {
            // Nothing closes the first bracket, so all of it is name.
            base.extend(underscored(brackets, b" .["));
        }
        if forges_cookie_prefix(&base, name) {
            return Ok(None);
        }
        Ok(Some(Self { key: ParamKey::from_text(&base), steps: path }))
    }
}

/// The keys in brackets. What does not open right after a closed bracket, or never closes, is dropped.
fn steps(mut brackets: &[u8], sent: &[u8]) -> Result<Vec<Step>, ParamsError> {
    let mut steps = Vec::new();
    while let Some(inner) = brackets.strip_prefix(b"[") {
        // PHP counts before it looks whether the bracket closes.
        if steps.len() == MAX_NESTING {
            return Err(ParamsError::NestedTooDeep);
        }
        // One blank before `]` still means "next number"; `[  ]` is the key of two blanks.
        let blank = usize::from(inner.first().is_some_and(|&byte| is_space(byte)));
        let Some(length) = inner.iter().skip(blank).position(|&byte| byte == b']').map(|at| at + blank)
        else {
            break;
        };
        let (key, rest) = inner.split_at_checked(length).unwrap_or((inner, &[]));
        steps.push(match key {
            _ if length == blank => Step::Next,
            key if forges_cookie_prefix(key, sent) => Step::Refused,
            key => Step::Key(ParamKey::from_text(key)),
        });
        brackets = rest.get(1..).unwrap_or_default();
    }
    Ok(steps)
}

fn underscored(name: &[u8], replaced: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if replaced.contains(byte) { b'_' } else { *byte }).collect()
}

/// PHP refuses keys `__Host-…` and `__Secure-…` when the name as sent does not start so (CVE-2022-31629): its
/// underscores would forge a cookie's prefix. It asks this of forms and of keys in brackets too.
fn forges_cookie_prefix(key: &[u8], sent: &[u8]) -> bool {
    [b"__Host-".as_slice(), b"__Secure-"]
        .iter()
        .any(|prefix| key.starts_with(prefix) && !sent.starts_with(prefix))
}

#[cfg(test)]
mod tests;
