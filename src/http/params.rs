//! Request parameters as PHP code under WordPress reads them from `$_REQUEST`.
//!
//! Query and body become one ordered table, as `array_merge($_GET, $_POST)` makes it. Which parameters
//! a method wants, and what it answers when one is missing, does not belong here.

mod body;
mod json;
mod multipart;
mod param;
pub use crate::wp::php_number;
mod table;
mod urlencoded;
mod variable_name;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use zeroize::Zeroize as _;

pub use body::Body;
pub use param::{Param, ParamKey};

/// PHP's `max_input_vars`: the query and the body may each bring this many.
pub const MAX_VARIABLES: usize = 1000;
/// PHP's `max_input_nesting_level`: as many `[…]` may follow one name.
pub const MAX_NESTING: usize = 64;
/// PHP's `max_multipart_body_parts` as it follows from 1000 variables and 20 files.
pub const MAX_PARTS: usize = 1020;

/// A limit that PHP keeps by dropping variables in silence; here it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Query or body has more variables than [`MAX_VARIABLES`].
    #[error("More than {MAX_VARIABLES} variables in the query or body.")]
    TooManyVariables,
    /// A variable is nested deeper than [`MAX_NESTING`].
    #[error("A variable in the query or body is nested deeper than {MAX_NESTING}.")]
    NestedTooDeep,
    /// A multipart body has more parts, files included, than [`MAX_PARTS`].
    #[error("More than {MAX_PARTS} parts in the body.")]
    TooManyParts,
}

/// All parameters of one request.
///
/// Mirrors `$_REQUEST` after WordPress's `wp_magic_quotes` (without the quotes): the body wins over the
/// query, a name of both keeps its place in the query, whole-number names are renumbered from 0.
#[derive(Clone, Default)]
pub struct Params {
    query: Vec<(ParamKey, Param)>,
    body: Vec<(ParamKey, Param)>,
    /// The body came from a form; a JSON body must not steer the request.
    body_is_form: bool,
    /// The merged table, which few methods look at.
    order: OnceLock<Vec<(ParamKey, Origin)>>,
}

impl PartialEq for Params {
    fn eq(&self, other: &Self) -> bool {
        (&self.query, &self.body, self.body_is_form) == (&other.query, &other.body, other.body_is_form)
    }
}

impl Eq for Params {}

/// Values may be passwords and cookies: they do not stay in memory.
impl Drop for Params {
    fn drop(&mut self) {
        fn wipe(params: &mut [(ParamKey, Param)]) {
            for (_, param) in params {
                match param {
                    Param::Text(text) => text.zeroize(),
                    Param::Array(items) => wipe(items),
                }
            }
        }
        wipe(&mut self.query);
        wipe(&mut self.body);
    }
}

/// Values may be passwords and cookies: only their number shows.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Params({} variables)", self.query.len() + self.body.len())
    }
}

/// Where a parameter of the merged table lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Query(usize),
    Body(usize),
}

impl Params {
    /// Reads the raw query (the part after `?`) and the body.
    ///
    /// A body that cannot be read gives what PHP gives: the variables before the fault, or none.
    pub fn parse(query: &[u8], body: Body<'_>) -> Result<Self, ParamsError> {
        let query = urlencoded::read_query(query)?.into_params();
        let body_is_form = !matches!(body, Body::Json(_));
        let body = body.read()?.into_params();
        Ok(Self { query, body, body_is_form, order: OnceLock::new() })
    }

    /// The parameter of this name. A whole number never names one: PHP renumbers those.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Param> {
        find(&self.body, name).or_else(|| find(&self.query, name))
    }

    /// The bytes of a parameter that is no array.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        self.get(name).and_then(Param::as_text)
    }

    /// PHP's `!$_REQUEST['name']`: absent, `""`, `"0"` or an array without elements.
    #[must_use]
    pub fn is_missing(&self, name: &str) -> bool {
        self.get(name).is_none_or(Param::is_falsy)
    }

    /// PHP's cut of numeric text to an integer (see [`php_number::whole_number`]).
    /// `None` when absent, an array or not numeric.
    #[must_use]
    pub fn whole_number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(php_number::whole_number)
    }

    /// All parameters in the order in which `foreach ($_REQUEST …)` meets them.
    pub fn iter(&self) -> impl Iterator<Item = (&ParamKey, &Param)> {
        let order = self.order.get_or_init(|| merge(&self.query, &self.body));
        order.iter().filter_map(|(key, origin)| {
            let (_, param) = match *origin {
                Origin::Query(at) => self.query.get(at),
                Origin::Body(at) => self.body.get(at),
            }?;
            Some((key, param))
        })
    }

    /// The parameter as the query alone has it.
    #[must_use]
    pub fn from_query(&self, name: &str) -> Option<&Param> {
        find(&self.query, name)
    }

    /// The parameter as a urlencoded or multipart body alone has it; a JSON body gives none.
    #[must_use]
    pub fn from_form(&self, name: &str) -> Option<&Param> {
        if self.body_is_form { find(&self.body, name) } else { None }
    }

    /// The parameter that may steer the request, such as `json`: from a form body, else from the query.
    ///
    /// An empty value or `0` counts as absent, so it does not hide the other source. PHP lets it hide it,
    /// which shows the home page instead of an answer.
    #[must_use]
    pub fn steering(&self, name: &str) -> Option<&Param> {
        let filled = |param: &&Param| !param.is_falsy();
        self.from_form(name).filter(filled).or_else(|| self.from_query(name).filter(filled))
    }
}

fn find<'a>(table: &'a [(ParamKey, Param)], name: &str) -> Option<&'a Param> {
    table.iter().find(|(key, _)| key.as_name() == Some(name.as_bytes())).map(|(_, param)| param)
}

/// PHP's `array_merge`: names of the body replace those of the query in their place, numbers are counted
/// anew through both.
fn merge(query: &[(ParamKey, Param)], body: &[(ParamKey, Param)]) -> Vec<(ParamKey, Origin)> {
    let mut body_only: BTreeMap<&[u8], usize> =
        body.iter().enumerate().filter_map(|(at, (key, _))| Some((key.as_name()?, at))).collect();
    let mut order = Vec::with_capacity(query.len() + body.len());
    let mut numbers = 0..;
    for (at, (key, _)) in query.iter().enumerate() {
        match key.as_name() {
            Some(name) => {
                let origin = body_only.remove(name).map_or(Origin::Query(at), Origin::Body);
                order.push((key.clone(), origin));
            }
            None => order.extend(numbers.next().map(|number| (ParamKey::Int(number), Origin::Query(at)))),
        }
    }
    for (at, (key, _)) in body.iter().enumerate() {
        match key.as_name() {
            Some(name) if body_only.contains_key(name) => order.push((key.clone(), Origin::Body(at))),
            Some(_) => {}
            None => order.extend(numbers.next().map(|number| (ParamKey::Int(number), Origin::Body(at)))),
        }
    }
    order
}

#[cfg(test)]
mod tests;
