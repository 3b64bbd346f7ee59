//! What is known while a configuration is walked, and what walking may cost.
//!
//! The rule: a value is known or it is not, and whatever an unknown value decides is unknown too. Nothing is
//! executed: no file is written, no command run, no network used. Statements are in `statements.rs`,
//! expressions in `evaluate.rs`, variables in `variables.rs`, functions in `functions.rs`, other files in `include.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ast::{Block, Function, Statement};
use super::operator;
use super::statements::merge;
use super::value::ConstValue;
use super::{Constant, Problem};

/// Levels of evaluation within each other, over all files and functions.
const MAX_DEPTH: usize = 100;
/// One step costs 64, one byte copied costs 1: a million steps, or 64 MiB.
const BUDGET: u64 = 64 << 20;
const STEP: usize = 64;
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
    pub(super) loop_bases: Vec<usize>,
    pub(super) functions: HashMap<String, Declared>,
    pub(super) included: HashSet<PathBuf>,
    pub(super) files: Vec<Rc<Path>>,
    pub(super) stop: bool,
    /// Whether files may be looked at.
    pub(super) disk: bool,
    depth: usize,
    budget: u64,
    /// The line last seen, for what has none of its own.
    line: u32,
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
            disk: true,
            depth: 0,
            budget: BUDGET,
            line: 1,
        }
    }

    /// The same, but each file is as one that cannot be seen from here.
    pub(super) fn without_files(
        file: &Path,
        abspath: &Path,
        env: &'e dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self { disk: false, ..Self::new(file, abspath, env) }
    }

    pub(super) fn file(&self) -> Rc<Path> {
        self.files.last().cloned().unwrap_or_else(|| Rc::from(Path::new("")))
    }

    pub(super) fn unknown(&self, line: u32, reason: impl AsRef<str>) -> Unknown {
        Unknown { file: self.file(), line, reason: shorten(reason.as_ref()) }
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
        let cost = u64::try_from(STEP.saturating_add(bytes)).unwrap_or(u64::MAX);
        self.budget = self.budget.saturating_sub(cost);
        if self.budget > 0 {
            return Ok(());
        }
        let line = if line == 0 { self.line } else { line };
        let why = self.unknown(line, "is too much to evaluate for a configuration");
        if !self.stop {
            self.stop = true;
            self.doubt_all(&why);
        }
        Err(why)
    }

    /// Pays for the parts of a statement that are no statements of their own.
    pub(super) fn pay_parts(&mut self, count: usize) -> Known<()> {
        self.pay(0, count.saturating_mul(STEP))
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
        let line = if line == 0 { self.line } else { line };
        self.line = line;
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
        if self.stop {
            return Err(self.unknown(line, "is not reached"));
        }
        match self.constants.get(name) {
            Some(Entry::Known(_) | Entry::Unknown { certain: true, .. }) => {
                return Ok(ConstValue::Bool(false));
            }
            Some(Entry::Unknown { why, .. }) => return Err(why.clone()),
            None if operator::is_builtin(name) => return Ok(ConstValue::Bool(false)),
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
        if self.pay(0, 0).is_err() {
            return;
        }
        let certain = self.maybe.is_empty();
        let declared = Declared { function: function.clone(), file: self.file(), certain };
        self.functions.entry(function.name.to_ascii_lowercase()).or_insert(declared);
    }

    /// The statements of a file or function: functions are known before the first statement runs.
    pub(super) fn run(&mut self, block: &Block) -> Flow {
        if self.pay(0, block.len()).is_err() {
            return Flow::Next;
        }
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
        // Empty ones too: a statement may have many.
        if self.pay(0, 0).is_err() {
            return result;
        }
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
}

/// Reasons quote reasons and names; a message stays one line one can read.
fn shorten(reason: &str) -> Rc<str> {
    const MOST: usize = 300;
    match reason.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", reason.get(..end).unwrap_or_default()).into(),
        None => reason.into(),
    }
}
