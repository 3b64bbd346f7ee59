//! Walks the statements and keeps what they define.
//!
//! The rule: a value is known or it is not, and whatever an unknown value decides is unknown too. Nothing is
//! executed: no file is written, no command run, no network used. Expressions are in `evaluate.rs`, variables
//! in `variables.rs`, functions in `functions.rs`, other files in `include.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ast::{Block, Broken, Function, Node, Statement};
use super::operator;
use super::value::ConstValue;
use super::{Constant, Problem};

/// Levels of evaluation within each other, over all files and functions.
const MAX_DEPTH: usize = 100;
/// One step costs 64, one byte copied costs 1: a million steps, or 64 MiB.
const BUDGET: u64 = 64 << 20;
const STEP: u64 = 64;
/// A value larger than this is no setting.
pub(super) const MAX_WEIGHT: usize = 1 << 20;
const MAX_ARRAY_DEPTH: usize = 8;

/// Why a value is not known, and where that was found.
#[derive(Clone)]
pub(super) struct Unknown {
    pub(super) file: Rc<Path>,
    pub(super) line: u32,
    pub(super) reason: Rc<str>,
}

pub(super) type Known<T = ConstValue> = Result<T, Unknown>;

/// A constant, or why it is unknown; `certain` when it is at least sure to be defined.
pub(super) enum Entry {
    Known(Constant),
    Unknown { file: Rc<Path>, line: u32, why: Unknown, certain: bool },
}

/// The variables of the file, or of a function under way.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) variables: HashMap<String, Known>,
    /// Any variable not in the table may hold anything.
    pub(super) doubt: Option<Unknown>,
    /// Names that mean the global variable.
    pub(super) globals: HashSet<String>,
    /// Names that share their value with another.
    pub(super) aliased: HashSet<String>,
}

#[derive(Clone)]
pub(super) struct Declared {
    pub(super) function: Rc<Function>,
    pub(super) file: Rc<Path>,
    pub(super) certain: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Server,
    Env,
    Getenv,
}

pub(super) enum Flow {
    Next,
    Break(usize),
    Continue(usize),
    Return(Known),
    /// Left under an unknown condition: what follows may not be reached.
    Maybe(Unknown),
    /// The same, but no further than the loop or `switch` around.
    MaybeBreak(Unknown),
}

pub(super) struct Evaluator<'e> {
    pub(super) env: &'e dyn Fn(&str) -> Option<String>,
    pub(super) abspath: PathBuf,
    pub(super) constants: BTreeMap<String, Entry>,
    pub(super) problems: Vec<Problem>,
    /// Something not understood may have defined any constant that is not in the table.
    pub(super) anything: Option<Unknown>,
    /// Something not understood may have changed the environment.
    pub(super) env_doubt: Option<Unknown>,
    pub(super) overlay: HashMap<(Source, String), Known<Option<ConstValue>>>,
    pub(super) frames: Vec<Frame>,
    /// The unknown conditions around the statement under way.
    pub(super) maybe: Vec<Unknown>,
    /// How many of them were there when the function or file began, and when the loop did.
    pub(super) bases: Vec<usize>,
    loop_bases: Vec<usize>,
    pub(super) functions: HashMap<String, Declared>,
    pub(super) included: HashSet<PathBuf>,
    pub(super) files: Vec<Rc<Path>>,
    pub(super) stop: bool,
    depth: usize,
    budget: u64,
}

impl<'e> Evaluator<'e> {
    pub(super) fn new(file: &Path, abspath: &Path, env: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            env,
            abspath: abspath.to_owned(),
            constants: BTreeMap::new(),
            problems: Vec::new(),
            anything: None,
            env_doubt: None,
            overlay: HashMap::new(),
            frames: vec![Frame::default()],
            maybe: Vec::new(),
            bases: vec![0],
            loop_bases: Vec::new(),
            functions: HashMap::new(),
            included: HashSet::from([file.to_owned()]),
            files: vec![Rc::from(file)],
            stop: false,
            depth: 0,
            budget: BUDGET,
        }
    }

    pub(super) fn file(&self) -> Rc<Path> {
        self.files.last().cloned().unwrap_or_else(|| Rc::from(Path::new("")))
    }

    pub(super) fn unknown(&self, line: u32, reason: impl Into<Rc<str>>) -> Unknown {
        Unknown { file: self.file(), line, reason: reason.into() }
    }

    /// Notes that anything may have happened, and tells the operator why.
    pub(super) fn doubt_all(&mut self, why: &Unknown) {
        self.report(why);
        if let Some(frame) = self.frames.first_mut() {
            frame.variables.clear();
            frame.doubt = Some(why.clone());
        }
        self.env_doubt.get_or_insert_with(|| why.clone());
        self.anything.get_or_insert_with(|| why.clone());
    }

    pub(super) fn report(&mut self, why: &Unknown) {
        let problem =
            Problem { file: why.file.to_path_buf(), line: why.line, reason: why.reason.to_string() };
        if self.problems.len() < 100 && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Pays for work; when nothing is left, reading ends and everything not yet read is in doubt.
    pub(super) fn pay(&mut self, line: u32, bytes: usize) -> Known<()> {
        let cost = STEP.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.budget = self.budget.saturating_sub(cost);
        if self.budget > 0 {
            return Ok(());
        }
        let why = self.unknown(line, "is too much to evaluate for a configuration");
        if !self.stop {
            self.stop = true;
            self.doubt_all(&why);
        }
        Err(why)
    }

    /// A value just made, unless it is larger or deeper than a setting can be.
    pub(super) fn sized(&mut self, line: u32, value: ConstValue) -> Known {
        // Depth first: it is bounded by what was let through before.
        if value.depth() > MAX_ARRAY_DEPTH || value.weight() > MAX_WEIGHT {
            return Err(self.unknown(line, "makes a value too large for a setting"));
        }
        self.pay(line, value.weight())?;
        Ok(value)
    }

    /// Runs a part one level deeper; too deep, the part is left out and everything is in doubt.
    pub(super) fn deeper<T>(&mut self, line: u32, part: impl FnOnce(&mut Self) -> T) -> Known<T> {
        self.pay(line, 0)?;
        if self.depth >= MAX_DEPTH {
            let why = self.unknown(line, "is nested too deep");
            self.doubt_all(&why);
            return Err(why);
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        Ok(result)
    }

    /// Runs a part of which it is not known whether PHP would.
    pub(super) fn under<T>(&mut self, why: &Unknown, part: impl FnOnce(&mut Self) -> T) -> T {
        const PREFIX: &str = "stands under a condition that cannot be evaluated, which ";
        let reason = if why.reason.starts_with("stands ") {
            why.reason.clone()
        } else {
            format!("{PREFIX}{}", why.reason).into()
        };
        self.maybe.push(Unknown { reason, ..why.clone() });
        let result = part(self);
        self.maybe.pop();
        result
    }

    /// `define`: the first one wins. Answers what PHP's function answers.
    pub(super) fn define(&mut self, name: &str, value: Known, line: u32) -> Known {
        match self.constants.get(name) {
            Some(Entry::Known(_) | Entry::Unknown { certain: true, .. }) => {
                return Ok(ConstValue::Bool(false));
            }
            Some(Entry::Unknown { why, .. }) => return Err(why.clone()),
            None if operator::builtin_constant(name).is_some() => return Ok(ConstValue::Bool(false)),
            None => {}
        }
        let file = self.file();
        let doubt = self.maybe.last().or(self.anything.as_ref()).cloned();
        let answer = doubt.clone().map_or(Ok(ConstValue::Bool(true)), Err);
        let entry = match (doubt, value) {
            (Some(why), _) => Entry::Unknown { file, line, why, certain: false },
            (None, Err(why)) => Entry::Unknown { file, line, why, certain: true },
            (None, Ok(value)) => Entry::Known(Constant { value, file: file.to_path_buf(), line }),
        };
        self.constants.insert(name.to_owned(), entry);
        answer
    }

    pub(super) fn declare(&mut self, function: &Rc<Function>) {
        let certain = self.maybe.is_empty();
        let declared = Declared { function: function.clone(), file: self.file(), certain };
        self.functions.entry(function.name.to_ascii_lowercase()).or_insert(declared);
    }

    /// The statements of a file or function: functions are known before the first statement runs.
    pub(super) fn run(&mut self, block: &Block) -> Flow {
        for statement in block {
            if let Statement::Function(function) = statement {
                self.declare(function);
            }
        }
        self.bases.push(self.maybe.len());
        let flow = self.block(block);
        self.bases.pop();
        flow
    }

    pub(super) fn block(&mut self, block: &Block) -> Flow {
        let outer = self.maybe.len();
        let mut result = Flow::Next;
        for statement in block {
            if self.stop {
                break;
            }
            match self.statement(statement) {
                Flow::Next => {}
                Flow::Maybe(why) => {
                    self.maybe.push(why.clone());
                    result = Flow::Maybe(why);
                }
                Flow::MaybeBreak(why) => {
                    self.maybe.push(why.clone());
                    result = merge(result, Flow::MaybeBreak(why));
                }
                left => {
                    result = merge(result, left);
                    break;
                }
            }
        }
        self.maybe.truncate(outer);
        result
    }

    fn statement(&mut self, statement: &Statement) -> Flow {
        match self.deeper(0, |this| this.statement_inner(statement)) {
            Ok(flow) => flow,
            Err(_) => Flow::Next,
        }
    }

    fn statement_inner(&mut self, statement: &Statement) -> Flow {
        match statement {
            Statement::Nothing => {}
            Statement::Expression(node) => drop(self.value(node)),
            Statement::Echo(nodes) => nodes.iter().for_each(|node| drop(self.value(node))),
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
            Statement::Global(names) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.globals.extend(names.iter().cloned());
                }
            }
            Statement::Static(names) => {
                let why = self.unknown(0, "is a static variable");
                names.iter().for_each(|name| self.set_variable(name, Err(why.clone())));
            }
            Statement::Unset(targets) => targets.iter().for_each(|target| self.unset(target)),
            Statement::Broken(broken) => self.broken(broken),
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
                head.iter().for_each(|node| drop(this.value(node)));
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
        let items = match self.value(subject) {
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
        for name in &broken.constants {
            // Neither is it known whether PHP defines it.
            self.under(&why, |this| drop(this.define(name, Err(why.clone()), broken.line)));
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
fn merge(a: Flow, b: Flow) -> Flow {
    match (a, b) {
        (Flow::Maybe(why), _) | (_, Flow::Maybe(why)) => Flow::Maybe(why),
        (Flow::MaybeBreak(why), Flow::Next | Flow::Break(_) | Flow::Continue(_) | Flow::MaybeBreak(_)) => {
            Flow::MaybeBreak(why)
        }
        (_, b) => b,
    }
}
