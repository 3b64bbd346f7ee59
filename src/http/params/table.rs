//! The PHP array under construction: ordered, with keys found fast and the next free number known.
//!
//! Only reading needs this; what a request ends with are plain [`Param`]s.

use std::collections::BTreeMap;

use super::param::{Param, ParamKey};
use super::variable_name::{Step, VariableName};

/// A value while the table is built.
#[derive(Debug)]
pub(super) enum Node {
    Text(Vec<u8>),
    Array(Table),
}

/// So many keys are looked through one by one.
const FEW: usize = 16;

/// An ordered PHP array.
#[derive(Debug)]
pub(super) struct Table {
    entries: Vec<(ParamKey, Node)>,
    /// Where each key is, once there are too many to look through.
    places: BTreeMap<ParamKey, usize>,
    /// One above the largest number so far; the least integer while there is none.
    next_number: i64,
}

impl Table {
    /// Where the key is.
    fn position(&self, key: &ParamKey) -> Option<usize> {
        if self.places.is_empty() {
            self.entries.iter().position(|(entry, _)| entry == key)
        } else {
            self.places.get(key).copied()
        }
    }

    fn push(&mut self, key: ParamKey) {
        if self.entries.len() == FEW {
            self.places = self.entries.iter().map(|(key, _)| key.clone()).zip(0..).collect();
        }
        if self.entries.len() >= FEW {
            self.places.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, Node::Text(Vec::new())));
    }

    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), places: BTreeMap::new(), next_number: i64::MIN }
    }

    /// Puts a value where its name says, as PHP's `php_register_variable_ex`: a later value replaces an
    /// earlier one in its place, text in the way of an array gives way.
    pub(super) fn register(&mut self, name: VariableName, value: Node) {
        let mut table = self;
        let mut step = Step::Key(name.key);
        for next in name.steps {
            let Some(inner) = table.descend(step) else { return };
            table = inner;
            step = next;
        }
        table.set(step, value);
    }

    /// Sets one element. Nothing happens when the key is refused, or when the next number is asked for and the
    /// largest integer is taken.
    pub(super) fn set(&mut self, step: Step, value: Node) {
        if let Some(place) = self.place(step) {
            *place = value;
        }
    }

    /// The array at this step, made if there is none.
    fn descend(&mut self, step: Step) -> Option<&mut Table> {
        let place = self.place(step)?;
        if !matches!(place, Node::Array(_)) {
            *place = Node::Array(Self::new());
        }
        match place {
            Node::Array(table) => Some(table),
            Node::Text(_) => None,
        }
    }

    fn place(&mut self, step: Step) -> Option<&mut Node> {
        let key = match step {
            Step::Key(key) => key,
            Step::Refused => return None,
            Step::Next if self.next_number == i64::MIN => ParamKey::Int(0),
            Step::Next => {
                let key = ParamKey::Int(self.next_number);
                if self.position(&key).is_some() {
                    return None;
                }
                key
            }
        };
        if let Some(at) = self.position(&key) {
            return self.entries.get_mut(at).map(|(_, node)| node);
        }
        if let ParamKey::Int(number) = key {
            self.next_number = self.next_number.max(number.saturating_add(1));
        }
        self.push(key);
        self.entries.last_mut().map(|(_, node)| node)
    }

    pub(super) fn into_params(self) -> Vec<(ParamKey, Param)> {
        self.entries.into_iter().map(|(key, node)| (key, node.into_param())).collect()
    }
}

impl Node {
    fn into_param(self) -> Param {
        match self {
            Self::Text(text) => Param::Text(text),
            Self::Array(table) => Param::Array(table.into_params()),
        }
    }
}
