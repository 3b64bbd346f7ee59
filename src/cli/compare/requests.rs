//! Which requests of a log are asked again: those of methods that only read, each once.
//!
//! A log holds what strangers sent, and a GET can write. So nothing is sent as it was logged: a line is read as the
//! service reads requests, and what is sent is built anew from controller, method and the parameters that the method
//! is known to read. Whom it is sent to is not known here.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::{BufRead, Read as _};

use super::line::{self, Line, Logged};
use super::mask;
use crate::http::endpoints::parameter::{INSECURE, Kind, Parameter, STEERING};
use crate::http::endpoints::{self, Endpoint};
use crate::http::params::{Body, Param, ParamKey, Params};
use crate::http::routes::{self, Place};
use crate::wp::php_text::rawurlencode;

/// No server logs longer requests.
const LONGEST_LINE: u64 = 256 * 1024;

/// What web servers take of an address; a longer one was never answered.
const LONGEST_QUERY: usize = 8000;

/// Different requests that are kept; a log may have any number of them.
const MOST: usize = 100_000;

/// A request to be asked of both sides.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it asks for.
    pub endpoint: &'static Endpoint,
    /// Below the site's own path: `/api/user/info/`.
    pub path: String,
    /// Encoded; without `time`.
    pub query: String,
    /// Path and query with secrets masked.
    pub shown: String,
    /// One of its parameters is an array, or odd in another way that PHP code stumbles over (D3).
    pub odd: bool,
    /// So many lines asked it.
    pub lines: u64,
}

/// Why a line is not asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// Its method writes, or sends mails.
    Writes,
    /// A POST whose parameters stood in its body.
    Body,
    /// HEAD, OPTIONS and others.
    Verb,
    /// A method that stays with PHP.
    Php,
    /// Another part of the site.
    Other,
    /// More or longer variables than are taken, or a `json` that is no text.
    Malformed,
    /// No request in it.
    Unreadable,
    /// Rarer than others of its endpoint, of which enough are asked.
    Limit,
}

impl Skipped {
    /// Its name in JSON and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Body => "body",
            Self::Verb => "verb",
            Self::Php => "php",
            Self::Other => "other",
            Self::Malformed => "malformed",
            Self::Unreadable => "unreadable",
            Self::Limit => "limit",
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Writes => "of methods that write; never sent",
            Self::Body => "POST with its parameters in the body, which no log has",
            Self::Verb => "neither GET nor POST",
            Self::Php => "of methods that stay with PHP",
            Self::Other => "of other parts of the site",
            Self::Malformed => "with parameters that cannot be read",
            Self::Unreadable => "without a request",
            Self::Limit => "rarer than those asked; --limit",
        }
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
}

impl Requests {
    /// Reads a log; at most `limit` requests of an endpoint are kept.
    pub fn read(mut log: impl BufRead, place: Place<'_>, limit: usize) -> std::io::Result<Self> {
        let mut found = Self::default();
        let mut known: HashMap<(String, String), usize> = HashMap::new();
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
                Line::Request(logged) => choose(&logged, place),
            };
            found.lines += 1;
            match outcome {
                Ok(asked) => found.add(asked, &mut known),
                Err(reason) => *found.skipped.entry(reason).or_default() += 1,
            }
        }
        found.keep_the_frequent(limit);
        Ok(found)
    }

    fn add(&mut self, asked: Asked, known: &mut HashMap<(String, String), usize>) {
        let key = (asked.path.clone(), asked.query.clone());
        if let Some(before) = known.get(&key).and_then(|at| self.asked.get_mut(*at)) {
            before.lines += 1;
        } else if known.len() < MOST {
            known.insert(key, self.asked.len());
            self.asked.push(asked);
        } else {
            *self.skipped.entry(Skipped::Limit).or_default() += 1;
        }
    }

    fn keep_the_frequent(&mut self, limit: usize) {
        let mut kept = Vec::new();
        // Stable: of equally frequent ones the first.
        self.asked.sort_by_key(|asked| std::cmp::Reverse(asked.lines));
        for endpoint in endpoints::ENDPOINTS {
            let same = self.asked.iter().filter(|asked| std::ptr::eq(asked.endpoint, endpoint));
            for (at, asked) in same.enumerate() {
                if at < limit {
                    kept.push(asked.clone());
                } else {
                    *self.skipped.entry(Skipped::Limit).or_default() += asked.lines;
                }
            }
        }
        self.asked = kept;
    }
}

fn choose(logged: &Logged, place: Place<'_>) -> Result<Asked, Skipped> {
    let params = Params::parse(&logged.query, Body::None).map_err(|_| Skipped::Malformed)?;
    let target = routes::resolve(&logged.path, &params, place).map_err(|_| Skipped::Malformed)?;
    let target = target.ok_or(Skipped::Other)?;
    let endpoint = endpoints::find(&target.controller, &target.method).ok_or(Skipped::Php)?;
    if !endpoint.reads_only {
        return Err(Skipped::Writes);
    }
    let is_there = |parameter: &Parameter| !parameter.required || !params.is_missing(parameter.name);
    match logged.verb.as_str() {
        "GET" => {}
        "POST" if endpoint.parameters.iter().all(is_there) => {}
        "POST" => return Err(Skipped::Body),
        _ => return Err(Skipped::Verb),
    }
    let told = place.path_of(&target.controller, &target.method);
    // A site without a base is asked by `json` alone; this is the one way in which that is ever sent.
    let (path, query) = told.split_once('?').unwrap_or((&told, ""));
    let mut query = Query { sent: query.to_owned(), shown: query.to_owned(), odd: false };
    // Redirects are not followed, so their addresses are not sent: the answer itself is of interest.
    let steering = STEERING.iter().filter(|parameter| !parameter.name.starts_with("redirect"));
    for parameter in endpoint.parameters.iter().chain([&INSECURE]).chain(steering) {
        if let Some(value) = params.from_query(parameter.name) {
            query.odd |= parameter.name.starts_with("json_");
            query.add(parameter.name, value, parameter.kind == Kind::Secret);
        }
    }
    if query.sent.len() > LONGEST_QUERY {
        return Err(Skipped::Malformed);
    }
    let shown = if query.shown.is_empty() { path.to_owned() } else { format!("{path}?{}", query.shown) };
    let (path, query, odd) = (path.to_owned(), query.sent, query.odd);
    Ok(Asked { endpoint, path, query, shown, odd, lines: 1 })
}

fn encoded(text: &[u8]) -> String {
    String::from_utf8_lossy(&rawurlencode(text)).into_owned()
}

/// A query under construction.
struct Query {
    sent: String,
    shown: String,
    odd: bool,
}

impl Query {
    /// Adds a parameter as it was understood; `name` is encoded already.
    fn add(&mut self, name: &str, value: &Param, secret: bool) {
        match value {
            Param::Text(text) => {
                // Somebody may have sent a cookie under another name.
                let secret = secret || mask::holds_hash(&String::from_utf8_lossy(text));
                let text = encoded(text);
                let shown = if secret { "***" } else { text.as_str() };
                for (query, value) in [(&mut self.sent, text.as_str()), (&mut self.shown, shown)] {
                    if !query.is_empty() {
                        query.push('&');
                    }
                    query.push_str(name);
                    query.push('=');
                    query.push_str(value);
                }
            }
            Param::Array(elements) => {
                self.odd = true;
                for (key, value) in elements {
                    let key = match key {
                        ParamKey::Int(number) => number.to_string(),
                        ParamKey::Str(text) => encoded(text),
                    };
                    self.add(&format!("{name}[{key}]"), value, secret);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
