//! Other files: finding, reading and walking what `include`, `require` and `eval` bring in.
//!
//! Only plain local files are read, and only up to a size that settings have.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ast::{Block, Include, Kind, Node};
use super::evaluator::{Evaluator, Flow, Known, Unknown};
use super::value::ConstValue;
use super::{lexer, parser};

/// The largest file that is read.
pub(super) const MAX_FILE: u64 = 1 << 20;
/// Files within files, and files in all.
const MAX_NESTED: usize = 8;
const MAX_FILES: usize = 100;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Presence {
    Missing,
    File,
    Folder,
    Other,
}

/// What stands at a path; `None` when that cannot be seen from here.
pub(super) fn presence(path: &Path) -> Option<Presence> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => Some(Presence::File),
        Ok(found) if found.is_dir() => Some(Presence::Folder),
        Ok(_) => Some(Presence::Other),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Some(Presence::Missing)
        }
        Err(_) => None,
    }
}

/// A plain file's bytes. Pipes and devices are refused: reading them may never end.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large for a configuration"));
    }
    Ok(bytes)
}

impl Evaluator<'_> {
    /// A path of this machine; `php://` and its like are not read.
    pub(super) fn local_path(&mut self, line: u32, path: &ConstValue) -> Known<PathBuf> {
        let bytes = path.to_bytes().unwrap_or_default();
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains("://") && !text.contains('\0'));
        match text {
            Some(text) if text.starts_with('/') => Ok(PathBuf::from(text)),
            // PHP looks from its working folder, which is the site's for the front page.
            Some(text) if !text.is_empty() => Ok(self.abspath.join(text)),
            _ => Err(self.unknown(line, "names a file that is not a plain local one")),
        }
    }

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
            Err(why) => Err(self.unknown(
                line,
                super::evaluate::shorten(&format!(
                    "includes a file whose name is not known, as that {}",
                    why.reason
                )),
            )),
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
        let bytes = match read(&target) {
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
            Some(beside) if presence(&in_working_folder) != Some(Presence::File) => Ok(beside),
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
                let why: Unknown = self.unknown(line, super::evaluate::shorten(&reason));
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
