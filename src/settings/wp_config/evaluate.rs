//! What an expression is worth.
//!
//! Every part is evaluated even where its value is not needed, since it may define something.

use super::ast::{Cast, Item, Kind, Magic, Node, Short};
use super::evaluator::{Evaluator, Known};
use super::operator;
use super::value::{ConstValue, find, next_key};

impl Evaluator<'_> {
    pub(super) fn value(&mut self, node: &Node) -> Known {
        self.deeper(node.line, |this| this.value_inner(node))?
    }

    fn value_inner(&mut self, node: &Node) -> Known {
        let line = node.line;
        match &node.kind {
            Kind::Value(value) => self.sized(line, value.clone()),
            Kind::Bracketed(inner) => self.value(inner),
            Kind::Magic(magic) => self.magic(line, *magic),
            Kind::Concat(parts) => self.concat(line, parts),
            Kind::Variable(_) | Kind::VariableVariable(_) | Kind::Index(..) => {
                let value = self.probe(node)?;
                value.ok_or_else(|| self.unknown(line, format!("reads {}, which is not set", describe(node))))
            }
            Kind::Constant(name) => self.constant(line, name),
            Kind::Array(items) => self.array(line, items),
            Kind::Unary(operator, inner) => {
                let value = self.value(inner)?;
                operator::unary(operator, &value).ok_or_else(|| self.misused(line, operator))
            }
            Kind::Binary(operator, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                let (a, b) = (a?, b?);
                operator::binary(operator, &a, &b).ok_or_else(|| self.misused(line, operator))
            }
            Kind::Short(short, a, b) => self.short(*short, a, b),
            Kind::Ternary(condition, middle, right) => self.ternary(condition, middle.as_deref(), right),
            Kind::Cast(cast, inner) => self.cast(line, *cast, inner),
            Kind::Isset(parts) => {
                for part in parts {
                    if self.probe(part)?.is_none_or(|value| value == ConstValue::Null) {
                        return Ok(ConstValue::Bool(false));
                    }
                }
                Ok(ConstValue::Bool(true))
            }
            Kind::Empty(inner) => {
                Ok(ConstValue::Bool(!self.probe(inner)?.is_some_and(|value| value.truthy())))
            }
            Kind::Assign(target, operator, value) => self.assignment(line, target, operator, value),
            Kind::AssignReference(target, source) => {
                self.alias(line, target);
                self.alias(line, source);
                Err(self.unknown(line, "is a reference"))
            }
            Kind::Step(target) => {
                let why = self.unknown(line, "counts with `++` or `--`");
                self.assign(target, Err(why.clone()));
                Err(why)
            }
            Kind::Call(name, arguments) => self.call(line, name, arguments),
            Kind::Include(how, path) => self.include(line, *how, path),
            Kind::Eval(code) => self.eval_text(line, code),
            Kind::Exit(parts) => {
                self.values(parts);
                let why = self.unknown(line, "ends the script here");
                if self.maybe.is_empty() {
                    self.stop = true;
                    self.doubt_all(&why);
                }
                Err(why)
            }
            Kind::Match(subject, arms) => self.match_value(line, subject, arms),
            Kind::Closure(function) => {
                let why = self.unknown(line, "stands in a function without name, which may be called or not");
                self.walk_function(&function.clone(), &why);
                Err(self.unknown(line, "is a function without name"))
            }
            Kind::Foreign { what, define, arguments } => self.foreign(line, what, *define, arguments),
            Kind::Opaque(what, parts) => {
                self.values(parts);
                Err(self.unknown(line, format!("is {what}, which is not evaluated")))
            }
        }
    }

    /// Evaluates nodes for what they do.
    pub(super) fn values(&mut self, nodes: &[Node]) {
        for node in nodes {
            drop(self.value(node));
        }
    }

    fn misused(&self, line: u32, operator: &str) -> super::evaluator::Unknown {
        self.unknown(
            line,
            format!("uses `{operator}` on values that PHP would refuse or that are not supported"),
        )
    }

    fn magic(&mut self, line: u32, magic: Magic) -> Known {
        let file = self.file();
        let path = match magic {
            Magic::File => Some(&*file),
            Magic::Dir => file.parent(),
        };
        let bytes = path.map(|path| path.as_os_str().as_encoded_bytes().to_vec()).unwrap_or_default();
        self.sized(line, ConstValue::Str(bytes))
    }

    fn concat(&mut self, line: u32, parts: &[Node]) -> Known {
        let mut joined = Vec::new();
        let mut doubt = None;
        for part in parts {
            match self.value(part) {
                Ok(value) => match value.to_bytes() {
                    Some(bytes) => joined.extend(bytes),
                    None => doubt = Some(self.unknown(line, "joins an array to a string")),
                },
                Err(why) => doubt = doubt.or(Some(why)),
            }
            if joined.len() > super::evaluator::MAX_WEIGHT {
                joined.clear();
                doubt = Some(self.unknown(line, "makes a value too large for a setting"));
            }
        }
        match doubt {
            Some(why) => Err(why),
            None => self.sized(line, ConstValue::Str(joined)),
        }
    }

    fn array(&mut self, line: u32, items: &[Item]) -> Known {
        let mut list: Vec<(ConstValue, ConstValue)> = Vec::new();
        let mut doubt = None;
        for item in items {
            let key = item.key.as_ref().map(|key| self.value(key));
            let value = self.value(&item.value);
            let key = match key {
                None => next_key(&list),
                Some(key) => key.ok().and_then(|key| key.to_key()),
            };
            match (key, value) {
                (_, Err(why)) => doubt = doubt.or(Some(why)),
                (Some(key), Ok(value)) if !item.special => put(&mut list, key, value),
                _ => {
                    doubt = doubt.or_else(|| Some(self.unknown(line, "has a key that is not known")));
                }
            }
            // The search for equal keys makes long arrays dear.
            self.pay(line, list.len())?;
        }
        match doubt {
            Some(why) => Err(why),
            None => self.sized(line, ConstValue::Array(list)),
        }
    }

    fn short(&mut self, short: Short, a: &Node, b: &Node) -> Known {
        if short == Short::Coalesce {
            return match self.probe(a) {
                Ok(Some(value)) if value != ConstValue::Null => Ok(value),
                Ok(_) => self.value(b),
                Err(why) => {
                    drop(self.under(&why, |this| this.value(b)));
                    Err(why)
                }
            };
        }
        // What decides without the other side: false for `&&`, true for `||`.
        let decides = short == Short::Or;
        match self.value(a) {
            Ok(value) if value.truthy() == decides => Ok(ConstValue::Bool(decides)),
            Ok(_) => self.value(b).map(|value| ConstValue::Bool(value.truthy())),
            Err(why) => match self.under(&why, |this| this.value(b)) {
                Ok(value) if value.truthy() == decides => Ok(ConstValue::Bool(decides)),
                _ => Err(why),
            },
        }
    }

    fn ternary(&mut self, condition: &Node, middle: Option<&Node>, right: &Node) -> Known {
        match self.value(condition) {
            Ok(value) if value.truthy() => match middle {
                Some(middle) => self.value(middle),
                None => Ok(value),
            },
            Ok(_) => self.value(right),
            Err(why) => {
                let (a, b) =
                    self.under(&why, |this| (middle.map(|middle| this.value(middle)), this.value(right)));
                match (a, b) {
                    (Some(Ok(a)), Ok(b)) if a.identical(&b) => Ok(a),
                    _ => Err(why),
                }
            }
        }
    }

    fn cast(&mut self, line: u32, cast: Cast, inner: &Node) -> Known {
        let value = self.value(inner)?;
        operator::cast(cast, value).ok_or_else(|| self.unknown(line, "casts what cannot be cast"))
    }

    fn match_value(&mut self, line: u32, subject: &Node, arms: &[(Vec<Node>, Node)]) -> Known {
        let subject = self.value(subject);
        let mut doubt = subject.as_ref().err().cloned();
        for (labels, value) in arms {
            self.pay(line, 0)?;
            for label in labels {
                let label = match &doubt {
                    Some(why) => self.under(&why.clone(), |this| this.value(label)),
                    None => self.value(label),
                };
                match (&doubt, &subject, label) {
                    (None, Ok(subject), Ok(label)) if subject.identical(&label) => return self.value(value),
                    (None, _, Err(why)) => doubt = Some(why),
                    _ => {}
                }
            }
            if let Some(why) = &doubt {
                drop(self.under(&why.clone(), |this| this.value(value)));
            }
        }
        let default = arms.iter().find(|(labels, _)| labels.is_empty());
        match (doubt, default) {
            (Some(why), _) => Err(why),
            (None, Some((_, value))) => self.value(value),
            (None, None) => Err(self.unknown(line, "is a `match` without a match")),
        }
    }

    fn constant(&mut self, line: u32, name: &str) -> Known {
        let name = name.strip_prefix('\\').unwrap_or(name);
        if let Some(value) = operator::builtin_constant(name) {
            return Ok(value);
        }
        match self.constants.get(name) {
            Some(super::evaluator::Entry::Known(constant)) => {
                let value = constant.value.clone();
                self.sized(line, value)
            }
            Some(super::evaluator::Entry::Unknown { why, .. }) => {
                Err(self.unknown(line, format!("uses the constant {name}, which {}", why.reason)))
            }
            None => {
                Err(self.unknown(line, format!("uses the constant {name}, whose value is not known here")))
            }
        }
    }

    fn assignment(&mut self, line: u32, target: &Node, operator: &str, value: &Node) -> Known {
        let result = match operator {
            "" => self.value(value),
            "??" => match self.probe(target) {
                Ok(Some(current)) if current != ConstValue::Null => return Ok(current),
                Ok(_) => self.value(value),
                Err(why) => self.under(&why, |this| this.value(value)).and(Err(why)),
            },
            operator => {
                let current = self.probe(target);
                let value = self.value(value);
                match (current, value) {
                    (Ok(Some(current)), Ok(value)) => self.combine(line, operator, &current, &value),
                    (Ok(None), _) => {
                        Err(self.unknown(line, format!("adds to {}, which is not set", describe(target))))
                    }
                    (Err(why), _) | (_, Err(why)) => Err(why),
                }
            }
        };
        if let Ok(value) = &result {
            self.pay(line, value.weight())?;
        }
        self.assign(target, result.clone());
        result
    }

    fn combine(&mut self, line: u32, operator: &str, a: &ConstValue, b: &ConstValue) -> Known {
        if operator != "." {
            return operator::binary(operator, a, b).ok_or_else(|| self.misused(line, operator));
        }
        match (a.to_bytes(), b.to_bytes()) {
            (Some(mut a), Some(b)) => {
                a.extend(b);
                self.sized(line, ConstValue::Str(a))
            }
            _ => Err(self.unknown(line, "joins an array to a string")),
        }
    }
}

/// Sets an element of an array.
pub(super) fn put(items: &mut Vec<(ConstValue, ConstValue)>, key: ConstValue, value: ConstValue) {
    if find(items, &key).is_none() {
        items.push((key, value));
    } else if let Some((_, old)) = items.iter_mut().find(|(k, _)| *k == key) {
        *old = value;
    }
}

/// How a message names a variable; never its value.
pub(super) fn describe(node: &Node) -> String {
    match &node.kind {
        Kind::Variable(name) => format!("${name}"),
        Kind::Bracketed(inner) => describe(inner),
        Kind::Index(base, Some(key)) => match &key.kind {
            Kind::Value(ConstValue::Str(key)) => {
                format!("{}['{}']", describe(base), String::from_utf8_lossy(key))
            }
            _ => format!("an element of {}", describe(base)),
        },
        Kind::Index(base, None) => format!("an element of {}", describe(base)),
        _ => "a variable".to_owned(),
    }
}
