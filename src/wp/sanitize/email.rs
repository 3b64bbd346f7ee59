//! E-mail addresses: `is_email` rejects, `sanitize_email` repairs.
//!
//! The filters around `user_email` (entities, slashes) are in `fields`.

use super::php::{find_byte, slice, tail, trim_set};

/// Whitespace and dots, as WordPress trims a domain.
const DOMAIN_EDGES: &[u8] = b" \t\n\r\0\x0B.";
/// Whitespace and hyphens, as WordPress trims the parts of a domain.
const LABEL_EDGES: &[u8] = b" \t\n\r\0\x0B-";

/// WordPress `is_email`; held against 6.1, 6.8 and 7.1.
///
/// Lengths are not limited, a top level may be one letter or a number. One newline right before the `@` passes.
#[must_use]
pub fn is_email(email: &[u8]) -> bool {
    let Some((local, domain)) = split(email) else {
        return false;
    };
    let local = local.strip_suffix(b"\n").unwrap_or(local);
    !local.is_empty()
        && local.iter().all(|&b| is_local(b))
        && !domain.windows(2).any(|pair| pair == b"..")
        && trim_set(domain, DOMAIN_EDGES) == domain
        && domain.contains(&b'.')
        && domain.split(|&b| b == b'.').all(|label| trim_set(label, LABEL_EDGES) == label && is_label(label))
}

/// WordPress `sanitize_email`: drops what does not belong, empty when nothing like an address is left;
/// held against 6.1, 6.8 and 7.1.
#[must_use]
pub fn sanitize_email(email: &[u8]) -> Vec<u8> {
    repair(email).unwrap_or_default()
}

fn repair(email: &[u8]) -> Option<Vec<u8>> {
    let (local, domain) = split(email)?;
    let mut out: Vec<u8> = local.iter().copied().filter(|&b| is_local(b)).collect();
    if out.is_empty() {
        return None;
    }
    let domain = without_dot_runs(domain);
    let domain = trim_set(&domain, DOMAIN_EDGES);
    let mut labels = 0;
    for label in domain.split(|&b| b == b'.') {
        let label: Vec<u8> =
            trim_set(label, LABEL_EDGES).iter().copied().filter(|&b| is_label_byte(b)).collect();
        if !label.is_empty() {
            out.push(if labels == 0 { b'@' } else { b'.' });
            out.extend(label);
            labels += 1;
        }
    }
    (labels >= 2).then_some(out)
}

/// The parts before and after the first `@`, unless the address is too short or begins with its only `@`.
fn split(email: &[u8]) -> Option<(&[u8], &[u8])> {
    if email.len() < 6 {
        return None;
    }
    find_byte(email, b'@', 1)?;
    let sign = find_byte(email, b'@', 0)?;
    Some((slice(email, 0, sign), tail(email, sign + 1)))
}

/// Runs of two or more dots go, a single one stays.
fn without_dot_runs(domain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(domain.len());
    for run in domain.chunk_by(|a, b| (*a == b'.') == (*b == b'.')) {
        if run.first() != Some(&b'.') || run.len() == 1 {
            out.extend_from_slice(run);
        }
    }
    out
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte)
}

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_label(label: &[u8]) -> bool {
    !label.is_empty() && label.iter().all(|&b| is_label_byte(b))
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    #[test]
    fn is_email_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bools(file, "is_email", is_email);
        }
    }

    #[test]
    fn sanitize_email_agrees_with_the_recorded_vectors() {
        for file in ["wordpress-6.8.8", "fuzzed-6.8.8"] {
            vectors::bytes(file, "sanitize_email", |input, _| sanitize_email(input));
        }
    }

    #[test]
    fn a_newline_right_before_the_sign_passes() {
        assert!(is_email(b"bob\n@e.org"));
        assert!(!is_email(b"\n@e.orgxx"));
        assert!(!is_email(b"bob\n\n@e.org"));
    }
}
