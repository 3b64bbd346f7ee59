//! Other files: finding and walking what `include`, `require` and `eval` bring in.
//!
//! How a file is read at all is in `files.rs`.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ast::{Block, Include, Kind, Node};
use super::evaluator::{Evaluator, Flow, Known, Unknown};
use super::files::Presence;
use super::value::ConstValue;
use super::{lexer, parser};

/// Files within files, and files in all.
const MAX_NESTED: usize = 8;
const MAX_FILES: usize = 100;

impl Evaluator<'_> {
    pub(super) fn include(&mut self, line: u32, how: Include, path: &Node) -> Known {
        let value = self.value(path);
        let is_settings = match &value {
            Ok(value) => value.to_bytes().is_some_and(|bytes| names_settings(&bytes)),
            Err(_) => ends_in_settings(path),
        };
        if is_settings {
            // WordPress itself takes over here. Under an unknown condition reading goes on.
            self.stop = self.maybe.is_empty();
            return Err(self.unknown(line, "starts WordPress"));
        }
        let target = match value {
            Ok(value) => self.find_include(line, &value),
            Err(why) => Err(self
                .unknown(line, format!("includes a file whose name is not known, as that {}", why.reason))),
        };
        let target = target.inspect_err(|why| self.doubt_all(why))?;
        if how.once && self.included.contains(&target) {
            return Ok(ConstValue::Bool(true));
        }
        if self.files.len() > MAX_NESTED || self.included.len() > MAX_FILES {
            let why = self.unknown(line, "includes more files than a configuration needs");
            self.doubt_all(&why);
            return Err(why);
        }
        let bytes = match self.read(&target) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !how.required => {
                return Ok(ConstValue::Bool(false));
            }
            Err(error) => {
                let reason =
                    format!("includes {}, which cannot be read ({})", target.display(), error.kind());
                let why = self.unknown(line, reason);
                self.doubt_all(&why);
                return Err(why);
            }
        };
        self.pay(line, bytes.len().saturating_mul(4))?;
        self.included.insert(target.clone());
        let block = parser::program(lexer::file(&bytes));
        self.run_file(line, Rc::from(target), &block)
    }

    fn run_file(&mut self, line: u32, file: Rc<Path>, block: &Block) -> Known {
        self.files.push(file);
        let flow = self.deeper(line, |this| this.run(block));
        self.files.pop();
        match flow? {
            Flow::Return(value) => value,
            Flow::Maybe(why) | Flow::MaybeBreak(why) => Err(why),
            Flow::Next | Flow::Break(_) | Flow::Continue(_) => Ok(ConstValue::Int(1)),
        }
    }

    /// Where PHP would look: absolute paths as they are, others in the working folder and beside the file.
    fn find_include(&mut self, line: u32, path: &ConstValue) -> Known<PathBuf> {
        let in_working_folder = self.local_path(line, path)?;
        let text = super::variables::text(path);
        let relative = Path::new(&text);
        if relative.is_absolute() || text.starts_with("./") || text.starts_with("../") {
            return Ok(in_working_folder);
        }
        let file = self.file();
        let beside = file.parent().map(|folder| folder.join(relative));
        match beside {
            Some(beside) if self.presence(&in_working_folder) != Some(Presence::File) => Ok(beside),
            _ => Ok(in_working_folder),
        }
    }

    /// `eval` of a known text: read like a file, as Docker's WORDPRESS_CONFIG_EXTRA is.
    pub(super) fn eval_text(&mut self, line: u32, code: &Node) -> Known {
        let bytes = self
            .value(code)
            .and_then(|value| value.to_bytes().ok_or_else(|| self.unknown(line, "evaluates an array")));
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(why) => {
                let reason = format!("evaluates code that is not known, as that {}", why.reason);
                let why: Unknown = self.unknown(line, reason);
                self.doubt_all(&why);
                return Err(why);
            }
        };
        self.pay(line, bytes.len().saturating_mul(4))?;
        if self.files.len() > MAX_NESTED {
            let why = self.unknown(line, "evaluates code within code");
            self.doubt_all(&why);
            return Err(why);
        }
        // PHP gives evaluated code a name of this form, so `__DIR__` in it is still the file's folder.
        let mut name = self.file().as_os_str().to_owned();
        name.push(format!("({line}) : eval()'d code"));
        let block = parser::program(lexer::code(&bytes));
        match self.run_file(line, Rc::from(Path::new(&name)), &block)? {
            // Without `return`, `eval` gives null where a file gives 1.
            ConstValue::Int(1) => Ok(ConstValue::Null),
            value => Ok(value),
        }
    }
}

fn names_settings(path: &[u8]) -> bool {
    path.rsplit(|byte| *byte == b'/').next() == Some(b"wp-settings.php")
}

/// The same by the last part of an expression whose value is not known.
fn ends_in_settings(node: &Node) -> bool {
    match &node.kind {
        Kind::Value(ConstValue::Str(bytes)) => names_settings(bytes),
        Kind::Concat(parts) => {
            parts.iter().rev().find(|part| !is_empty_text(part)).is_some_and(ends_in_settings)
        }
        Kind::Bracketed(inner) => ends_in_settings(inner),
        _ => false,
    }
}

fn is_empty_text(node: &Node) -> bool {
    matches!(&node.kind, Kind::Value(ConstValue::Str(bytes)) if bytes.is_empty())
}
