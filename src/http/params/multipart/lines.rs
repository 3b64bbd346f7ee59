//! The body of a multipart request as lines and values, as PHP's `multipart_buffer` hands them out.
//!
//! What a header means is not known here.

use crate::wp::ctype::{is_space, trimmed_start};

/// PHP's buffer (`FILLUNIT`): a longer line reaches its reader in pieces.
const BUFFER: usize = 5 * 1024;

/// What is left of the body.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    /// Line break, two dashes and the boundary: what ends a value.
    delimiter: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(body: &'a [u8], boundary: &[u8]) -> Self {
        Self { rest: body, delimiter: [b"\n--", boundary].concat() }
    }

    /// Goes behind the next line that is exactly two dashes and the boundary; false when there is none.
    ///
    /// The closing line with two more dashes is no such line, and nothing stops at it: PHP reads on.
    pub(super) fn skip_to_boundary(&mut self) -> bool {
        while let Some(line) = self.line() {
            if self.delimiter.strip_prefix(b"\n") == Some(line) {
                return true;
            }
        }
        false
    }

    /// Reads the header lines of a part up to the empty line and gives the first header of this name.
    pub(super) fn header(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let mut found: Option<Vec<u8>> = None;
        // The line before belongs to the header that is asked for.
        let mut inside = false;
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            if let Some((key, value)) = split_header(line) {
                inside = found.is_none() && key.eq_ignore_ascii_case(name);
                if inside {
                    found = Some(value.to_vec());
                }
            } else if let Some(value) = found.as_mut().filter(|_| inside) {
                // A folded line, or one without a colon: more of the header before it.
                value.extend_from_slice(line);
            }
        }
        found
    }

    /// Reads up to the line break before the next boundary. Without one the value ends with the body, less
    /// what may be the start of a boundary that was cut off.
    pub(super) fn value(&mut self) -> &'a [u8] {
        let rest = self.rest;
        let from = |at: usize| rest.get(at..).unwrap_or_default();
        let is_break = |at: &usize| rest.get(*at) == Some(&b'\n');
        let mut breaks = (0..rest.len()).filter(is_break);
        let whole = breaks.find(|&at| from(at).starts_with(&self.delimiter));
        // The delimiter has one line break, at its start, so only the last one can begin a piece of it.
        let last = || (0..rest.len()).rev().find(is_break);
        let end = whole.or_else(|| last().filter(|&at| self.delimiter.starts_with(from(at))));
        let value = match end {
            Some(at) => {
                let value = rest.get(..at).unwrap_or_default();
                value.strip_suffix(b"\r").unwrap_or(value)
            }
            None => rest,
        };
        self.rest = from(value.len());
        value
    }

    /// The next line up to LF or CRLF, and no further than a NUL. Bytes behind the last LF are no line.
    fn line(&mut self) -> Option<&'a [u8]> {
        // PHP's buffer grows with a boundary that is longer than it.
        let size = BUFFER.max(self.delimiter.len() + 3);
        let window = self.rest.get(..size).unwrap_or(self.rest);
        let line = if let Some(at) = window.iter().position(|&byte| byte == b'\n') {
            let (line, rest) = self.rest.split_at_checked(at)?;
            self.rest = rest.get(1..).unwrap_or_default();
            line.strip_suffix(b"\r").unwrap_or(line)
        } else if window.len() < size {
            return None;
        } else {
            self.rest = self.rest.get(window.len()..).unwrap_or_default();
            window
        };
        line.split(|&byte| byte == 0).next()
    }
}

/// Name and value of a line that starts a header: it has a colon and no blank before it.
fn split_header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if line.first().is_some_and(|&byte| is_space(byte)) {
        return None;
    }
    let (name, value) = line.split_at_checked(line.iter().position(|&byte| byte == b':')?)?;
    Some((name, trimmed_start(value.get(1..)?)))
}
