//! Variables, array elements, `$_SERVER` and `$_ENV`: reading, setting, forgetting.

use super::ast::{Function, Kind, Node};
use super::evaluate::put;
use super::evaluator::{Evaluator, Frame, Known, Source, Unknown};
use super::operator;
use super::value::{ConstValue, find, next_key};

/// What a web server or PHP puts there for each request.
fn depends_on_request(name: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "HTTP_",
        "REQUEST_",
        "REMOTE_",
        "SERVER_",
        "SCRIPT_",
        "PHP_",
        "ORIG_",
        "REDIRECT_",
        "CONTENT_",
        "CONTEXT_",
        "PATH_",
        "SSL_",
    ];
    const NAMES: &[&str] = &[
        "HTTPS",
        "QUERY_STRING",
        "DOCUMENT_ROOT",
        "DOCUMENT_URI",
        "GATEWAY_INTERFACE",
        "AUTH_TYPE",
        "FCGI_ROLE",
        "UNIQUE_ID",
        "argv",
        "argc",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

fn source(name: &str) -> Option<Source> {
    match name {
        "_SERVER" => Some(Source::Server),
        "_ENV" => Some(Source::Env),
        _ => None,
    }
}

impl Evaluator<'_> {
    /// The value of what may be unset: `None` when it is, `Err` when that is not known.
    pub(super) fn probe(&mut self, node: &Node) -> Known<Option<ConstValue>> {
        self.deeper(node.line, |this| this.probe_inner(node))?
    }

    fn probe_inner(&mut self, node: &Node) -> Known<Option<ConstValue>> {
        let line = node.line;
        match &node.kind {
            Kind::Variable(name) => self.variable(line, name),
            Kind::VariableVariable(inner) => {
                let name = self.value(inner)?.to_bytes().unwrap_or_default();
                self.variable(line, &String::from_utf8_lossy(&name))
            }
            Kind::Index(_, None) => Err(self.unknown(line, "reads `[]`")),
            Kind::Index(base, Some(key)) => {
                let key = self.value(key);
                if let Kind::Variable(name) = &base.kind {
                    if let Some(source) = source(name) {
                        let key = text(&key?);
                        return self.environment(line, source, &key);
                    }
                    if name == "GLOBALS" {
                        let key = text(&key?);
                        return self.global(line, &key);
                    }
                }
                let Some(base) = self.probe(base)? else {
                    return Ok(None);
                };
                let key = key?;
                self.pay(line, base.weight())?;
                Ok(operator::element(&base, &key))
            }
            _ => self.value(node).map(Some),
        }
    }

    fn variable(&mut self, line: u32, name: &str) -> Known<Option<ConstValue>> {
        let request = ["_GET", "_POST", "_COOKIE", "_REQUEST", "_FILES", "_SESSION", "argv", "argc"];
        if request.contains(&name) {
            return Err(self.unknown(line, format!("reads ${name}, which depends on the request")));
        }
        if source(name).is_some() || name == "GLOBALS" || name == "this" {
            return Err(self.unknown(line, format!("reads all of ${name}")));
        }
        let global = self.frames.last().is_some_and(|frame| frame.globals.contains(name));
        if global {
            return self.global(line, name);
        }
        let index = self.frames.len().saturating_sub(1);
        self.in_frame(line, index, name)
    }

    fn global(&mut self, line: u32, name: &str) -> Known<Option<ConstValue>> {
        self.in_frame(line, 0, name)
    }

    fn in_frame(&mut self, line: u32, index: usize, name: &str) -> Known<Option<ConstValue>> {
        let Some(frame) = self.frames.get(index) else {
            return Ok(None);
        };
        match (frame.variables.get(name), &frame.doubt) {
            (Some(Ok(value)), _) => {
                let value = value.clone();
                self.pay(line, value.weight())?;
                Ok(Some(value))
            }
            (Some(Err(why)), _) | (None, Some(why)) => Err(why.clone()),
            (None, None) => Ok(None),
        }
    }

    /// A variable of the environment, through `getenv`, `$_ENV` or `$_SERVER`.
    pub(super) fn environment(&mut self, line: u32, source: Source, name: &str) -> Known<Option<ConstValue>> {
        if let Some(value) = self.overlay.get(&(source, name.to_owned())) {
            let value = value.clone()?;
            self.pay(line, value.as_ref().map_or(0, ConstValue::weight))?;
            return Ok(value);
        }
        if depends_on_request(name) {
            return Err(
                self.unknown(line, format!("reads {name} of the web server, which depends on the request"))
            );
        }
        if let Some(why) = &self.env_doubt {
            let reason = format!(
                "reads the environment after line {} may have changed it, as that {}",
                why.line, why.reason
            );
            return Err(self.unknown(line, reason));
        }
        let value = (self.env)(name).map(|value| ConstValue::Str(value.into_bytes()));
        match value {
            Some(value) => self.sized(line, value).map(Some),
            None => Ok(None),
        }
    }

    /// Sets a target to a value, known or not.
    pub(super) fn assign(&mut self, target: &Node, value: Known) {
        // Too deep is noted by `deeper` itself.
        drop(self.deeper(target.line, |this| this.assign_inner(target, value)));
    }

    fn assign_inner(&mut self, target: &Node, value: Known) {
        match &target.kind {
            Kind::Bracketed(inner) => self.assign(inner, value),
            Kind::Variable(name) => self.set_variable(name, value),
            Kind::VariableVariable(inner) => match self.value(inner) {
                Ok(name) => self.set_variable(&text(&name), value),
                Err(why) => self.forget_variables(&why),
            },
            Kind::Index(..) => self.assign_element(target, value),
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let key = match &item.key {
                        Some(key) => self.value(key),
                        None => Ok(ConstValue::Int(i64::try_from(index).unwrap_or(i64::MAX))),
                    };
                    let part = match (&value, key) {
                        (Ok(value), Ok(key)) if !item.special => operator::element(value, &key)
                            .ok_or_else(|| self.unknown(target.line, "takes an element that is not set")),
                        (Err(why), _) => Err(why.clone()),
                        _ => Err(self.unknown(target.line, "takes an array apart by what is not known")),
                    };
                    let part = part.and_then(|part| self.pay(target.line, part.weight()).map(|()| part));
                    self.assign(&item.value, part);
                }
            }
            _ => {}
        }
    }

    /// `$a['b']['c'] = ...`: the keys from the outside in.
    fn assign_element(&mut self, target: &Node, value: Known) {
        let line = target.line;
        let mut keys = Vec::new();
        let mut node = target;
        while let Kind::Index(base, key) = &node.kind {
            let key = key.as_ref().map(|key| self.value(key));
            keys.push(key);
            node = base;
        }
        keys.reverse();
        let Kind::Variable(name) = &node.kind else {
            if let Kind::VariableVariable(_) = &node.kind {
                let why = self.unknown(line, "sets a variable named by a value");
                self.forget_variables(&why);
            }
            return;
        };
        if let Some(source) = source(name) {
            return self.set_environment(line, source, keys, value);
        }
        if name == "GLOBALS" {
            let single = keys.len() == 1;
            if let (true, Some(Some(Ok(key)))) = (single, keys.into_iter().next()) {
                self.set_in_frame(0, &text(&key), value);
            } else {
                let why = self.unknown(line, "sets an element of $GLOBALS");
                self.forget_variables(&why);
            }
            return;
        }
        let new = self.with_element(line, name, keys, value);
        self.set_variable(name, new);
    }

    fn with_element(&mut self, line: u32, name: &str, keys: Vec<Option<Known>>, value: Known) -> Known {
        let value = value?;
        let mut path = Vec::new();
        for key in keys {
            path.push(match key {
                None => None,
                Some(key) => Some(
                    key?.to_key()
                        .ok_or_else(|| self.unknown(line, "sets an element by a key that is none"))?,
                ),
            });
        }
        let mut whole = self.variable(line, name)?.unwrap_or(ConstValue::Array(Vec::new()));
        if set_path(&mut whole, &path, value).is_none() {
            return Err(self.unknown(line, "sets an element of what is no array"));
        }
        self.sized(line, whole)
    }

    fn set_environment(&mut self, line: u32, source: Source, keys: Vec<Option<Known>>, value: Known) {
        let first = keys.len() == 1;
        match keys.into_iter().next() {
            Some(Some(Ok(key))) if first => self.overlay_environment(source, &text(&key), value.map(Some)),
            _ => {
                let why = self.unknown(line, "sets the environment by a name that is not known");
                self.env_doubt.get_or_insert(why);
            }
        }
    }

    pub(super) fn overlay_environment(
        &mut self,
        source: Source,
        name: &str,
        value: Known<Option<ConstValue>>,
    ) {
        let value = self.maybe.last().map_or(value, |why| Err(why.clone()));
        self.overlay.insert((source, name.to_owned()), value);
    }

    pub(super) fn set_variable(&mut self, name: &str, value: Known) {
        let global = self.frames.last().is_some_and(|frame| frame.globals.contains(name));
        let last = self.frames.len().saturating_sub(1);
        self.set_in_frame(if global { 0 } else { last }, name, value);
    }

    fn set_in_frame(&mut self, index: usize, name: &str, value: Known) {
        // What is still under way here waits for WordPress, or for nothing, to return.
        if self.stop {
            return;
        }
        if source(name).is_some() {
            let why = self.unknown(0, format!("replaces ${name}"));
            self.env_doubt.get_or_insert(why);
            return;
        }
        let mut value = self.maybe.last().map_or(value, |why| Err(why.clone()));
        if let Some(frame) = self.frames.get_mut(index) {
            if frame.aliased.contains(name)
                && let Some(old @ Err(_)) = frame.variables.get(name)
            {
                value.clone_from(old);
            }
            frame.variables.insert(name.to_owned(), value);
        }
    }

    /// A variable that shares its value with another: neither is followed any further.
    pub(super) fn alias(&mut self, line: u32, node: &Node) {
        let mut root = node;
        while let Kind::Index(base, _) | Kind::Bracketed(base) = &root.kind {
            root = base;
        }
        let why = self.unknown(line, "is a reference");
        match &root.kind {
            Kind::Variable(name) => {
                self.set_variable(name, Err(why));
                if let Some(frame) = self.frames.last_mut() {
                    frame.aliased.insert(name.clone());
                }
            }
            _ => drop(self.value(root)),
        }
    }

    /// Any variable may have changed.
    pub(super) fn forget_variables(&mut self, why: &Unknown) {
        for frame in &mut self.frames {
            frame.variables.clear();
            frame.doubt = Some(why.clone());
        }
    }

    pub(super) fn unset(&mut self, target: &Node) {
        match &target.kind {
            Kind::Variable(name) if self.maybe.is_empty() => {
                if let Some(frame) = self.frames.last_mut() {
                    // Under doubt about the others, this one is still sure to be gone: `null` reads the same.
                    frame.globals.remove(name);
                    frame.variables.insert(name.clone(), Ok(ConstValue::Null));
                }
            }
            _ => {
                let why = self.unknown(target.line, "is unset here");
                self.assign(target, Err(why));
            }
        }
    }

    /// Looks through a function whose call is not evaluated.
    pub(super) fn walk_function(&mut self, function: &Function, why: &Unknown) {
        let frame = Frame { doubt: Some(why.clone()), ..Frame::default() };
        self.frames.push(frame);
        self.under(why, |this| drop(this.run(&function.body)));
        self.frames.pop();
    }
}

/// A name made of a value; what is no string names nothing.
pub(super) fn text(value: &ConstValue) -> String {
    String::from_utf8_lossy(&value.to_bytes().unwrap_or_default()).into_owned()
}

fn set_path(whole: &mut ConstValue, path: &[Option<ConstValue>], value: ConstValue) -> Option<()> {
    let Some((key, rest)) = path.split_first() else {
        *whole = value;
        return Some(());
    };
    if *whole == ConstValue::Null {
        *whole = ConstValue::Array(Vec::new());
    }
    let ConstValue::Array(items) = whole else {
        return None;
    };
    let key = match key {
        Some(key) => key.clone(),
        None => next_key(items)?,
    };
    if find(items, &key).is_none() {
        put(items, key.clone(), ConstValue::Null);
    }
    let (_, element) = items.iter_mut().find(|(k, _)| *k == key)?;
    set_path(element, rest, value)
}
