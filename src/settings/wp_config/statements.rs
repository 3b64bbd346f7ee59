//! Statements and the ways through them: conditions, loops, `switch`, leaving early.
//!
//! Where the way is not known every way is walked, under a condition that leaves what it sets unresolved.

use super::ast::{Block, Broken, Node, Statement};
use super::evaluator::{Evaluator, Flow, Known, Unknown};
use super::value::ConstValue;

impl Evaluator<'_> {
    pub(super) fn statement(&mut self, statement: &Statement) -> Flow {
        match self.deeper(0, |this| this.statement_inner(statement)) {
            Ok(flow) => flow,
            Err(_) => Flow::Next,
        }
    }

    fn statement_inner(&mut self, statement: &Statement) -> Flow {
        match statement {
            Statement::Expression(node) => drop(self.value(node)),
            Statement::Echo(nodes) => self.values(nodes),
            Statement::Const(list) => {
                for (name, node) in list {
                    let value = self.value(node);
                    // The answer is `define`'s; a `const` statement has none.
                    drop(self.define(name, value, node.line));
                }
            }
            Statement::Block(block) => return self.block(block),
            Statement::If(arms, otherwise) => return self.conditional(arms, otherwise.as_ref()),
            Statement::Loop(line, head, body) => {
                let why = self.unknown(*line, "stands in a loop, which is not run");
                return self.walk(&why, head, body);
            }
            Statement::Foreach { subject, key, value, by_reference, body } => {
                return self.foreach(subject, key.as_ref(), value, *by_reference, body);
            }
            Statement::Switch(subject, cases) => return self.switch(subject, cases),
            Statement::Try(line, blocks, finally) => {
                let why = self.unknown(*line, "stands in a `try`, of which it is not known how far it gets");
                let flow = self.alternatives(&why, blocks);
                if let Some(finally) = finally {
                    return self.both(flow, finally);
                }
                return flow;
            }
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(ConstValue::Null), |node| self.value(node));
                return self.leave(self.bases.last().copied(), Flow::Return(value));
            }
            Statement::Break(levels) => {
                return self.leave(self.loop_bases.last().copied(), Flow::Break(*levels));
            }
            Statement::Continue(levels) => {
                return self.leave(self.loop_bases.last().copied(), Flow::Continue(*levels));
            }
            Statement::Function(function) => self.declare(function),
            Statement::Global(names) if self.pay_parts(names.len()).is_ok() => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.globals.extend(names.iter().cloned());
                }
            }
            Statement::Static(names) if self.pay_parts(names.len()).is_ok() => {
                let why = self.unknown(0, "is a static variable");
                for name in names {
                    self.set_variable(name, Err(why.clone()));
                }
            }
            Statement::Unset(targets) if self.pay_parts(targets.len()).is_ok() => {
                for target in targets {
                    self.unset(target);
                }
            }
            Statement::Broken(broken) => self.broken(broken),
            // The lists that could not be paid for: all is in doubt already.
            Statement::Nothing | Statement::Global(_) | Statement::Static(_) | Statement::Unset(_) => {}
        }
        Flow::Next
    }

    /// Leaves a function or loop, for sure or perhaps.
    fn leave(&self, base: Option<usize>, flow: Flow) -> Flow {
        match self.maybe.last() {
            Some(why) if base.is_none_or(|base| self.maybe.len() > base) => match flow {
                Flow::Break(..=1) | Flow::Continue(..=1) => Flow::MaybeBreak(why.clone()),
                _ => Flow::Maybe(why.clone()),
            },
            _ => flow,
        }
    }

    fn conditional(&mut self, arms: &[(Node, Block)], otherwise: Option<&Block>) -> Flow {
        let mut doubts = Vec::new();
        let mut result = Flow::Next;
        for (condition, body) in arms {
            match self.within(&doubts, |this| this.value(condition)) {
                Ok(value) if !value.truthy() => continue,
                Ok(_) => {
                    let flow = self.within(&doubts, |this| this.block(body));
                    return merge(result, flow);
                }
                Err(why) => {
                    let flow = self.under(&why, |this| this.block(body));
                    result = merge(result, flow);
                    doubts.push(why);
                }
            }
            if self.stop {
                return result;
            }
        }
        if let Some(body) = otherwise {
            let flow = self.within(&doubts, |this| this.block(body));
            result = merge(result, flow);
        }
        result
    }

    /// Runs a part under the last of some doubts, or for sure without any.
    fn within<T>(&mut self, doubts: &[Unknown], part: impl FnOnce(&mut Self) -> T) -> T {
        match doubts.last() {
            Some(why) => self.under(&why.clone(), part),
            None => part(self),
        }
    }

    /// Blocks of which it is not known which run.
    fn alternatives<'b>(&mut self, why: &Unknown, blocks: impl IntoIterator<Item = &'b Block>) -> Flow {
        let mut result = Flow::Next;
        for block in blocks {
            let flow = self.under(why, |this| this.block(block));
            result = merge(result, flow);
        }
        result
    }

    fn both(&mut self, flow: Flow, then: &Block) -> Flow {
        let next = match &flow {
            Flow::Maybe(why) | Flow::MaybeBreak(why) => self.under(&why.clone(), |this| this.block(then)),
            _ => self.block(then),
        };
        merge(flow, next)
    }

    /// A loop that is not run: twice through it, as the second round sees what the first one changed.
    fn walk(&mut self, why: &Unknown, head: &[Node], body: &Block) -> Flow {
        self.under(why, |this| {
            this.loop_bases.push(this.maybe.len());
            let mut result = Flow::Next;
            for _ in 0..2 {
                this.values(head);
                let flow = this.block(body);
                result = merge(result, flow);
            }
            this.loop_bases.pop();
            match result {
                // `break` leaves the loop and nothing more.
                Flow::Break(_) | Flow::Continue(_) | Flow::MaybeBreak(_) => Flow::Next,
                other => other,
            }
        })
    }

    fn foreach(
        &mut self,
        subject: &Node,
        key: Option<&Node>,
        value: &Node,
        by_reference: bool,
        body: &Block,
    ) -> Flow {
        let found = self.value(subject);
        if by_reference {
            // Whatever the loop sets is an element of the array, and the last one still is behind the loop.
            self.alias(subject.line, subject);
            self.alias(subject.line, value);
        }
        let items = match found {
            Ok(ConstValue::Array(items)) if !by_reference => items,
            Ok(_) => {
                let why = self.unknown(subject.line, "stands in a loop over what is no plain array");
                return self.walk_foreach(&why, key, value, body);
            }
            Err(why) => return self.walk_foreach(&why, key, value, body),
        };
        self.loop_bases.push(self.maybe.len());
        let outer = self.maybe.len();
        let mut result = Flow::Next;
        for (item_key, item) in items {
            if self.stop {
                break;
            }
            if let Some(key) = key {
                self.assign(key, Ok(item_key));
            }
            self.assign(value, Ok(item));
            match self.block(body) {
                Flow::Next | Flow::Continue(..=1) => {}
                Flow::Break(..=1) => break,
                Flow::Break(levels) => {
                    result = Flow::Break(levels - 1);
                    break;
                }
                Flow::Continue(levels) => {
                    result = Flow::Continue(levels - 1);
                    break;
                }
                Flow::Maybe(why) => {
                    self.maybe.push(why.clone());
                    result = Flow::Maybe(why);
                }
                // The next round may not come.
                Flow::MaybeBreak(why) => self.maybe.push(why),
                Flow::Return(value) => {
                    result = Flow::Return(value);
                    break;
                }
            }
        }
        self.maybe.truncate(outer);
        self.loop_bases.pop();
        result
    }

    fn walk_foreach(&mut self, why: &Unknown, key: Option<&Node>, value: &Node, body: &Block) -> Flow {
        for target in key.into_iter().chain([value]) {
            self.assign(target, Err(why.clone()));
        }
        self.walk(why, &[], body)
    }

    fn switch(&mut self, subject: &Node, cases: &[(Option<Node>, Block)]) -> Flow {
        let chosen = self.value(subject).and_then(|subject| self.chosen_case(&subject, cases));
        // The cases of an unknown choice run under a condition of their own.
        self.loop_bases.push(self.maybe.len() + usize::from(chosen.is_err()));
        let flow = match chosen {
            Ok(None) => Flow::Next,
            Err(why) => self.alternatives(&why, cases.iter().map(|(_, body)| body)),
            Ok(Some(first)) => {
                let mut flow = Flow::Next;
                for (_, body) in cases.iter().skip(first) {
                    flow = match flow {
                        Flow::Next => self.block(body),
                        Flow::Maybe(_) | Flow::MaybeBreak(_) => self.both(flow, body),
                        left => left,
                    };
                }
                flow
            }
        };
        self.loop_bases.pop();
        match flow {
            Flow::Break(..=1) | Flow::Continue(..=1) | Flow::MaybeBreak(_) => Flow::Next,
            Flow::Break(levels) => Flow::Break(levels - 1),
            Flow::Continue(levels) => Flow::Continue(levels - 1),
            other => other,
        }
    }

    fn chosen_case(&mut self, subject: &ConstValue, cases: &[(Option<Node>, Block)]) -> Known<Option<usize>> {
        for (index, (label, _)) in cases.iter().enumerate() {
            // The subject may be a long text to be read as a number each time.
            self.pay(0, subject.weight())?;
            let Some(label) = label else { continue };
            let value = self.value(label)?;
            match subject.loosely_equal(&value) {
                Some(true) => return Ok(Some(index)),
                Some(false) => {}
                None => return Err(self.unknown(label.line, "compares arrays")),
            }
        }
        Ok(cases.iter().position(|(label, _)| label.is_none()))
    }

    fn broken(&mut self, broken: &Broken) {
        let why = self.unknown(broken.line, format!("cannot be read as PHP: {}", broken.reason));
        self.report(&why);
        if self.pay_parts(broken.constants.len() + broken.variables.len()).is_err() {
            return;
        }
        for name in &broken.constants {
            // Neither is it known whether PHP defines it.
            self.under(&why, |this| {
                drop(this.define(name, Err(why.clone()), broken.line));
            });
        }
        for name in &broken.variables {
            self.set_variable(name, Err(why.clone()));
        }
        if broken.anything {
            self.doubt_all(&why);
        }
    }
}

/// Two ways through the code, or one after the other: the doubt that reaches furthest stays.
pub(super) fn merge(a: Flow, b: Flow) -> Flow {
    match (a, b) {
        (Flow::Maybe(why), _) | (_, Flow::Maybe(why)) => Flow::Maybe(why),
        (Flow::MaybeBreak(why), Flow::Next | Flow::Break(_) | Flow::Continue(_) | Flow::MaybeBreak(_)) => {
            Flow::MaybeBreak(why)
        }
        (_, b) => b,
    }
}
