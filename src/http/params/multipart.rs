//! `multipart/form-data` as PHP reads it (`rfc1867_post_handler`): a line-based reader with its own rules.
//!
//! A pure function over the complete body. Files are skipped, never kept.

mod disposition;
mod lines;

use super::table::{Node, Table};
use super::variable_name::VariableName;
use super::{MAX_PARTS, MAX_VARIABLES, ParamsError};
use disposition::Disposition;
use lines::Lines;

/// Reads all parts that are plain variables. Where PHP gives up on a broken body, what came before counts.
pub(super) fn read(content_type: &[u8], body: &[u8]) -> Result<Table, ParamsError> {
    let mut table = Table::new();
    let Some(boundary) = boundary(content_type) else {
        return Ok(table);
    };
    let mut lines = Lines::new(body, boundary);
    let mut parts = 0;
    let mut variables = 0;
    while lines.skip_to_boundary() {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(ParamsError::TooManyParts);
        }
        // A part without the header is skipped, one whose header names nothing ends the reading.
        let Some(header) = lines.header(b"Content-Disposition") else {
            continue;
        };
        match Disposition::parse(&header) {
            Disposition::Variable { name } => {
                variables += 1;
                if variables > MAX_VARIABLES {
                    return Err(ParamsError::TooManyVariables);
                }
                let value = lines.value();
                if let Some(name) = VariableName::parse(&name)? {
                    table.register(name, Node::Text(value.to_vec()));
                }
            }
            // The content must go by as a value does: its first line may look like the boundary.
            Disposition::File { skipped: false } => {
                lines.value();
            }
            Disposition::File { skipped: true } => {}
            Disposition::Garbled => break,
        }
    }
    Ok(table)
}

/// The boundary: after the first `=` behind the word, in double quotes or up to `,` or `;`. PHP prefers the
/// word in lower case. `None` when there is none, or its quote does not close.
fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    const WORD: &[u8] = b"boundary";
    let at = content_type
        .windows(WORD.len())
        .position(|window| window == WORD)
        .or_else(|| content_type.windows(WORD.len()).position(|window| window.eq_ignore_ascii_case(WORD)))?;
    let mut halves = content_type.get(at..)?.splitn(2, |&byte| byte == b'=');
    let value = halves.nth(1)?;
    if let Some(quoted) = value.strip_prefix(b"\"") {
        let end = quoted.iter().position(|&byte| byte == b'"')?;
        return quoted.get(..end);
    }
    value.split(|byte| b",;".contains(byte)).next()
}

#[cfg(test)]
mod tests;
