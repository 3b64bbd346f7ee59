//! `a=1&b[]=2` as PHP reads it, in the query and in a body.
//!
//! The two differ only in what counts as a variable. Nested names are taken apart in `variable_name`.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::table::{Node, Table};
use super::variable_name::VariableName;
use super::{MAX_VARIABLES, ParamsError};

/// Mirrors `php_default_treat_data`: empty pieces between `&` are no variables.
pub(super) fn read_query(query: &[u8]) -> Result<Table, ParamsError> {
    read(query.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty()))
}

/// Mirrors `php_std_post_handler`: empty pieces count as variables without a name, save after a final `&`.
pub(super) fn read_body(body: &[u8]) -> Result<Table, ParamsError> {
    if body.is_empty() {
        return Ok(Table::new());
    }
    read(body.strip_suffix(b"&").unwrap_or(body).split(|&byte| byte == b'&'))
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Table, ParamsError> {
    let mut table = Table::new();
    for (count, piece) in pieces.enumerate() {
        if count == MAX_VARIABLES {
            return Err(ParamsError::TooManyVariables);
        }
        let mut halves = piece.splitn(2, |&byte| byte == b'=');
        let name = decoded(halves.next().unwrap_or_default());
        if let Some(name) = VariableName::parse(&name)? {
            table.register(name, Node::Text(decoded(halves.next().unwrap_or_default())));
        }
    }
    Ok(table)
}

/// PHP's `urldecode`: `+` is a blank, a `%` without two hex digits stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    if text.contains(&b'+') {
        let blanks: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        return Cow::from(percent_decode(&blanks)).into_owned();
    }
    Cow::from(percent_decode(text)).into_owned()
}
