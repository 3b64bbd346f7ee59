//! Which requests of a log are asked again: those of methods that only read, each once.
//!
//! A log holds what strangers sent, and a GET can write. So nothing is sent as it was logged: a line is read as the
//! service reads requests, and what is sent is built anew from controller, method and the parameters that the method
//! is known to read. Whom it is sent to is not known here.

mod gathered;
mod skipped;

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

pub use skipped::Skipped;

use super::line::{self, Line, Logged};
use super::mask;
use crate::http::endpoints::parameter::{INSECURE, Parameter, STEERING};
use crate::http::endpoints::{self, Endpoint};
use crate::http::params::{Body, Param, ParamKey, Params, php_number};
use crate::http::routes::{self, Place};
use crate::wp::php_text::rawurlencode;
use gathered::Gathered;

/// No server logs longer requests.
const LONGEST_LINE: u64 = 256 * 1024;

/// What web servers take of an address; a longer one was never answered.
const LONGEST_QUERY: usize = 8000;

/// A request to be asked of both sides.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it asks for.
    pub endpoint: &'static Endpoint,
    /// Below the site's own path: `/api/user/info/`.
    pub path: String,
    /// Encoded; without `time`.
    pub query: String,
    /// One of its parameters is an array, or `json_encode_options` is no number: PHP code stumbles over it (D3).
    pub odd: bool,
    /// So many lines asked it.
    pub lines: u64,
}

impl Asked {
    /// Path and query with secrets masked.
    pub fn shown(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, mask::query(self.endpoint, &self.query))
    }
}

/// What a log holds.
#[derive(Debug, Default)]
pub struct Requests {
    /// Lines with a request, or that should have one.
    pub lines: u64,
    /// Lines that are not asked again, by reason.
    pub skipped: BTreeMap<Skipped, u64>,
    /// Requests in the order of the table of endpoints, the frequent ones first.
    pub asked: Vec<Asked>,
    /// Endpoints of which there are lines, and none can be asked; with their number.
    pub unasked: Vec<(&'static Endpoint, u64)>,
}

impl Requests {
    /// Reads a log; at most `limit` requests of an endpoint are kept.
    pub fn read(mut log: impl BufRead, place: Place<'_>, limit: usize) -> std::io::Result<Self> {
        let mut found = Self::default();
        let mut gathered: Vec<Gathered> = endpoints::ENDPOINTS.iter().map(|_| Gathered::default()).collect();
        let mut line = Vec::new();
        loop {
            line.clear();
            if log.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() != Some(&b'\n') && !log.fill_buf()?.is_empty() {
                log.skip_until(b'\n')?;
                line = b"too long".to_vec();
            }
            let outcome = match line::read(&line) {
                Line::Nothing => continue,
                Line::Unreadable => Err(Skipped::Unreadable),
                Line::Request(logged) => gather(&logged, place, &mut gathered),
            };
            found.lines += 1;
            if let Err(reason) = outcome {
                found.skip(reason, 1);
            }
        }
        for (endpoint, gathered) in endpoints::ENDPOINTS.iter().zip(gathered) {
            let lines = gathered.lines;
            let (kept, rarer) = gathered.into_frequent(limit);
            found.skip(Skipped::Limit, rarer);
            if lines > 0 && kept.is_empty() {
                found.unasked.push((endpoint, lines));
            }
            found.asked.extend(kept);
        }
        Ok(found)
    }

    fn skip(&mut self, reason: Skipped, lines: u64) {
        if lines > 0 {
            *self.skipped.entry(reason).or_default() += lines;
        }
    }
}

/// Puts a request to those of its endpoint.
fn gather(logged: &Logged, place: Place<'_>, gathered: &mut [Gathered]) -> Result<(), Skipped> {
    let params = Params::parse(&logged.query, Body::None).map_err(|_| Skipped::Malformed)?;
    let target = routes::resolve(&logged.path, &params, place).map_err(|_| Skipped::Malformed)?;
    let target = target.ok_or(Skipped::Other)?;
    let found = endpoints::find_with_place(&target.controller, &target.method);
    let (at, endpoint) = found.ok_or(Skipped::Php)?;
    let gathered = gathered.get_mut(at).filter(|_| endpoint.reads_only).ok_or(Skipped::Writes)?;
    let told = place.path_of(&target.controller, &target.method);
    let outcome = choose(&logged.verb, endpoint, &params, &told).and_then(|asked| gathered.add(asked));
    // HEAD and OPTIONS ask for no answer, so there is none that could differ.
    if outcome != Err(Skipped::Verb) {
        gathered.lines += 1;
    }
    outcome
}

/// What is sent for a request of an endpoint, to the address that is `told`.
fn choose(verb: &str, endpoint: &'static Endpoint, params: &Params, told: &str) -> Result<Asked, Skipped> {
    let is_there = |parameter: &Parameter| !parameter.required || !params.is_missing(parameter.name);
    match verb {
        "GET" => {}
        "POST" if endpoint.parameters.iter().all(is_there) => {}
        "POST" => return Err(Skipped::Body),
        _ => return Err(Skipped::Verb),
    }
    // A site without a base is asked by `json` alone; this is the one way in which that is ever sent.
    let (path, query) = told.split_once('?').unwrap_or((told, ""));
    let mut query = Query { sent: query.to_owned(), has_array: false };
    // Redirects are not followed, so their addresses are not sent: the answer itself is of interest.
    let steering = STEERING.iter().filter(|parameter| !parameter.name.starts_with("redirect"));
    for parameter in endpoint.parameters.iter().chain([&INSECURE]).chain(steering) {
        if let Some(value) = params.from_query(parameter.name) {
            query.add(parameter.name, value);
        }
    }
    if query.sent.len() > LONGEST_QUERY {
        return Err(Skipped::Malformed);
    }
    let is_odd = |options: &Param| {
        !options.is_falsy() && options.as_text().and_then(php_number::whole_number).is_none()
    };
    let odd = query.has_array || params.from_query("json_encode_options").is_some_and(is_odd);
    Ok(Asked { endpoint, path: path.to_owned(), query: query.sent, odd, lines: 1 })
}

fn encoded(text: &[u8]) -> String {
    String::from_utf8_lossy(&rawurlencode(text)).into_owned()
}

/// A query under construction.
struct Query {
    sent: String,
    has_array: bool,
}

impl Query {
    /// Adds a parameter as it was understood; `name` is encoded already.
    fn add(&mut self, name: &str, value: &Param) {
        match value {
            Param::Text(text) => {
                if !self.sent.is_empty() {
                    self.sent.push('&');
                }
                self.sent.push_str(name);
                self.sent.push('=');
                self.sent.push_str(&encoded(text));
            }
            Param::Array(elements) => {
                self.has_array = true;
                for (key, value) in elements {
                    let key = match key {
                        ParamKey::Int(number) => number.to_string(),
                        ParamKey::Str(text) => encoded(text),
                    };
                    self.add(&format!("{name}[{key}]"), value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
