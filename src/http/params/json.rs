//! A JSON object as parameters: an addition, since PHP leaves such a body unread.
//!
//! Own reader over the structure, because numbers must stay as written (`1.50`, twenty digits) and nesting
//! must be bounded. What a string holds is left to serde_json.

use super::param::ParamKey;
use super::table::{Node, Table};
use super::variable_name::{Step, VariableName};
use super::{MAX_NESTING, MAX_VARIABLES, ParamsError};
use crate::wp::ctype::count_digits;

/// Reads a body that is exactly one object; any other content gives no parameters.
///
/// Member names are read as names of form variables. Numbers stay as written, `true` is `1`, `false` and
/// `null` are empty, lists and objects are arrays with the keys of PHP's `json_decode(…, true)`.
pub(super) fn read(body: &[u8]) -> Result<Table, ParamsError> {
    let mut reader = Reader { rest: body, variables: 0 };
    match reader.document() {
        Ok(table) => Ok(table),
        Err(Stop::NotJson) => Ok(Table::new()),
        Err(Stop::Limit(limit)) => Err(limit),
    }
}

/// Why reading ended early.
enum Stop {
    NotJson,
    Limit(ParamsError),
}

impl From<ParamsError> for Stop {
    fn from(limit: ParamsError) -> Self {
        Self::Limit(limit)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    variables: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Table, Stop> {
        let mut table = Table::new();
        self.expect(b'{')?;
        self.members(|reader, name| {
            let name = VariableName::parse(&name)?;
            let depth = name.as_ref().map_or(0, |name| name.steps.len());
            let value = reader.value(depth)?;
            if let Some(name) = name {
                table.register(name, value);
            }
            Ok(())
        })?;
        self.skip_blanks();
        if self.rest.is_empty() { Ok(table) } else { Err(Stop::NotJson) }
    }

    /// The members of an object whose brace is read; `each` reads the value.
    fn members(&mut self, mut each: impl FnMut(&mut Self, Vec<u8>) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.expect(b':')?;
            each(self, name)?;
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// Any value that lies in `depth` arrays.
    fn value(&mut self, depth: usize) -> Result<Node, Stop> {
        self.skip_blanks();
        let node = match self.rest.first() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Node::Text(self.string()?),
            Some(b't') => self.word(b"true", b"1")?,
            Some(b'f') => self.word(b"false", b"")?,
            Some(b'n') => self.word(b"null", b"")?,
            _ => Node::Text(self.number()?.to_vec()),
        };
        // As in a form each leaf is a variable; counting arrays too bounds `[[],[],…]`.
        self.variables += 1;
        if self.variables > MAX_VARIABLES {
            return Err(ParamsError::TooManyVariables.into());
        }
        Ok(node)
    }

    fn object(&mut self, depth: usize) -> Result<Node, Stop> {
        let depth = deeper(depth)?;
        let mut table = Table::new();
        self.expect(b'{')?;
        self.members(|reader, name| {
            let value = reader.value(depth)?;
            table.set(Step::Key(ParamKey::from_text(&name)), value);
            Ok(())
        })?;
        Ok(Node::Array(table))
    }

    fn list(&mut self, depth: usize) -> Result<Node, Stop> {
        let depth = deeper(depth)?;
        let mut table = Table::new();
        self.expect(b'[')?;
        if self.take(b']') {
            return Ok(Node::Array(table));
        }
        loop {
            let value = self.value(depth)?;
            table.set(Step::Next, value);
            if self.take(b']') {
                return Ok(Node::Array(table));
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<Vec<u8>, Stop> {
        let mut escaped = true; // the quote that opens
        let end = self.rest.iter().position(|&byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let text = self.split(end.ok_or(Stop::NotJson)? + 1);
        serde_json::from_slice::<String>(text).map(String::into_bytes).map_err(|_| Stop::NotJson)
    }

    fn number(&mut self) -> Result<&'a [u8], Stop> {
        let all = self.rest;
        let mut length = usize::from(all.first() == Some(&b'-'));
        let whole = count_digits(all, length);
        if whole == 0 || (whole > 1 && all.get(length) == Some(&b'0')) {
            return Err(Stop::NotJson);
        }
        length += whole;
        if all.get(length) == Some(&b'.') {
            let fraction = count_digits(all, length + 1);
            length += 1 + fraction;
            if fraction == 0 {
                return Err(Stop::NotJson);
            }
        }
        if matches!(all.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(all.get(length + 1), Some(b'+' | b'-')));
            let exponent = count_digits(all, length + 1 + sign);
            length += 1 + sign + exponent;
            if exponent == 0 {
                return Err(Stop::NotJson);
            }
        }
        Ok(self.split(length))
    }

    fn word(&mut self, word: &[u8], text: &[u8]) -> Result<Node, Stop> {
        self.rest = self.rest.strip_prefix(word).ok_or(Stop::NotJson)?;
        Ok(Node::Text(text.to_vec()))
    }

    fn split(&mut self, length: usize) -> &'a [u8] {
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        text
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let taken = self.rest.first() == Some(&byte);
        self.split(usize::from(taken));
        taken
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.take(byte) { Ok(()) } else { Err(Stop::NotJson) }
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.split(blanks);
    }
}

fn deeper(depth: usize) -> Result<usize, ParamsError> {
    if depth == MAX_NESTING { Err(ParamsError::NestedTooDeep) } else { Ok(depth + 1) }
}

#[cfg(test)]
mod tests;
