//! The body of a multipart request as lines and values, as PHP's `multipart_buffer` hands them out.
//!
//! What a header means is not known here.

use crate::http::params::ctype::{is_space, trimmed_start};

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
        Self {
            rest: body,
            delimiter: [b"\n--", boundary].concat(),
        }
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
        let mut headers: Vec<(&[u8], Vec<u8>)> = Vec::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let colon = line
                .iter()
                .position(|&byte| byte == b':')
                .filter(|_| !line.first().is_some_and(|&byte| is_space(byte)));
            if let Some((name, value)) = colon.and_then(|at| line.split_at_checked(at)) {
                headers.push((name, trimmed_start(value.get(1..).unwrap_or_default()).to_vec()));
            } else if let Some((_, value)) = headers.last_mut() {
                // A folded line, or one without a colon: more of the header before it.
                value.extend_from_slice(line);
            }
        }
        headers
            .into_iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Reads up to the line break before the next boundary. Without one the value ends with the body, less
    /// what may be the start of a boundary that was cut off.
    pub(super) fn value(&mut self) -> &'a [u8] {
        let mut breaks = self
            .rest
            .iter()
            .enumerate()
            .filter(|&(_, &byte)| byte == b'\n')
            .map(|(at, _)| at);
        let from = |at: usize| self.rest.get(at..).unwrap_or_default();
        let end = breaks
            .find(|&at| from(at).starts_with(&self.delimiter))
            .or_else(|| {
                self.rest
                    .iter()
                    .rposition(|&byte| byte == b'\n')
                    .filter(|&at| self.delimiter.starts_with(from(at)))
            });
        let value = match end {
            Some(at) => {
                let value = self.rest.get(..at).unwrap_or_default();
                value.strip_suffix(b"\r").unwrap_or(value)
            }
            None => self.rest,
        };
        self.rest = self.rest.get(value.len()..).unwrap_or_default();
        value
    }

    /// The next line up to LF or CRLF, and no further than a NUL. Bytes behind the last LF are no line.
    fn line(&mut self) -> Option<&'a [u8]> {
        let window = self
            .rest
            .get(..BUFFER.max(self.delimiter.len() + 3))
            .unwrap_or(self.rest);
        let line = if let Some(at) = window.iter().position(|&byte| byte == b'\n') {
            let (line, rest) = self.rest.split_at_checked(at)?;
            self.rest = rest.get(1..).unwrap_or_default();
            line.strip_suffix(b"\r").unwrap_or(line)
        } else if window.len() < BUFFER.max(self.delimiter.len() + 3) {
            return None;
        } else {
            self.rest = self.rest.get(window.len()..).unwrap_or_default();
            window
        };
        line.split(|&byte| byte == 0).next()
    }
}
