//! WordPress's `wp-config.php`, read as data: which constants it defines and which table prefix it sets.
//!
//! The file belongs to the site and is PHP; it is never executed. Its statements are walked with values where
//! they are known, and what cannot be known (a value from the request, a call into a library) leaves the
//! constants it decides *unresolved*, with the reason. Nothing is guessed. What the constants mean for the
//! service does not belong here: this room answers what the file says.
//!
//! The order of work: `lexer` and `text` make tokens; `parser` with `statement`,
//! `declaration`, `expression` and `primary` makes a tree (`ast`); `evaluator` with `statements`, `evaluate`,
//! `variables`, `functions`, `include` and `files` walks it; `value`, `number`, `operator`, `library`
//! and `bytes` are PHP's rules for values. Held against PHP 8.2 by `tests/wp_config.rs`.

mod ast;
mod bytes;
mod declaration;
mod evaluate;
mod evaluator;
mod expression;
mod files;
mod functions;
mod include;
mod lexer;
mod library;
mod number;
mod operator;
mod parser;
mod primary;
mod statement;
mod statements;
mod text;
mod value;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) use lexer::{Token, file as tokens};
pub use value::ConstValue;

use evaluator::{Entry, Evaluator, Unknown};

/// The environment of the site's PHP: `getenv`, `$_ENV` and `$_SERVER` are answered by it.
///
/// A name it does not have counts as not set, so it must be the site's environment and not only the service's.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// A constant and where it is defined.
#[derive(Clone)]
pub struct Constant {
    /// Its value.
    pub value: ConstValue,
    /// The file of the definition.
    pub file: PathBuf,
    /// The line of the definition; 0 for `ABSPATH`, which WordPress defines before it reads the file.
    pub line: u32,
}

impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Constant({:?}, {}:{})", self.value, self.file.display(), self.line)
    }
}

/// A constant or variable whose value cannot be told from the file. Displays as one line without any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// `DB_NAME`, or `$table_prefix`.
    pub name: String,
    /// The file in which the cause was found.
    pub file: PathBuf,
    /// The line of the definition, or of the cause where there is no definition.
    pub line: u32,
    /// Why, as a clause about that line: `calls env(), which is not evaluated`.
    pub reason: String,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, file, line, reason } = self;
        let text = format!("{name} cannot be told from {} line {line}: it {reason}", file.display());
        f.write_str(&one_line(&text))
    }
}

impl std::error::Error for Unresolved {}

/// A place in the files that was not understood and may matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Its line.
    pub line: u32,
    /// What is there, as a clause about that line.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, reason } = self;
        f.write_str(&one_line(&format!("{} line {line} {reason}", file.display())))
    }
}

/// Why there is no configuration to read.
#[derive(Debug, thiserror::Error)]
pub enum WpConfigError {
    /// Neither place WordPress looks at has the file.
    #[error("there is no wp-config.php in {} nor, for WordPress, in the folder above", .0.display())]
    NotFound(PathBuf),
    /// It cannot be told whether the folder has the file.
    #[error("the folder {} may not be entered: {source}", folder.display())]
    Closed {
        /// The folder of WordPress.
        folder: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is there and cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// What a `wp-config.php` defines.
pub struct WpConfig {
    path: PathBuf,
    constants: BTreeMap<String, Result<Constant, Unresolved>>,
    table_prefix: Result<Option<ConstValue>, Unresolved>,
    /// Any constant not in the table may be defined after all.
    anything: Option<Unresolved>,
    problems: Vec<Problem>,
}

// Names only: the values are passwords and keys.
impl fmt::Debug for WpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names().collect();
        f.debug_struct("WpConfig").field("path", &self.path).field("names", &names).finish_non_exhaustive()
    }
}

impl WpConfig {
    /// Reads the configuration of the WordPress in `dir` (its ABSPATH), from where `wp-load.php` finds it:
    /// in `dir`, else one folder above unless another WordPress lives there.
    pub fn find(dir: &Path, env: Environment<'_>) -> Result<Self, WpConfigError> {
        // WordPress sees its own folder without links; `__DIR__` in the file does too.
        let dir = dir.canonicalize().map_err(|source| out_of_reach(dir, dir, source))?;
        let here = dir.join("wp-config.php");
        let is_here = match here.try_exists() {
            // The folder is a file.
            Err(error) if error.kind() == ErrorKind::NotADirectory => false,
            known => known.map_err(|source| out_of_reach(&dir, &here, source))?,
        };
        let path = if is_here {
            here
        } else {
            let above = dir.parent().filter(|above| !above.join("wp-settings.php").exists());
            let above = above.map(|above| above.join("wp-config.php")).filter(|path| path.exists());
            above.ok_or_else(|| WpConfigError::NotFound(dir.clone()))?
        };
        // PHP resolves links in the names of included files.
        let path = path.canonicalize().unwrap_or(path);
        let text =
            files::read(&path).map_err(|source| WpConfigError::Unreadable { path: path.clone(), source })?;
        Ok(Self::parse(&path, &dir, &text, env))
    }

    /// Reads `text` as the file at `path` of the WordPress in `abspath`. Files it includes are read from disk.
    #[must_use]
    pub fn parse(path: &Path, abspath: &Path, text: &[u8], env: Environment<'_>) -> Self {
        Self::evaluate(Evaluator::new(path, abspath, env), path, abspath, text)
    }

    /// Reads `text` alone, so that any bytes may be read: no file is looked at, and whatever one would decide is
    /// unresolved.
    #[must_use]
    pub fn parse_alone(path: &Path, abspath: &Path, text: &[u8], env: Environment<'_>) -> Self {
        Self::evaluate(Evaluator::without_files(path, abspath, env), path, abspath, text)
    }

    fn evaluate(mut evaluator: Evaluator<'_>, path: &Path, abspath: &Path, text: &[u8]) -> Self {
        let mut slashed = abspath.as_os_str().as_encoded_bytes().to_vec();
        if !slashed.ends_with(b"/") {
            slashed.push(b'/');
        }
        drop(evaluator.define("ABSPATH", Ok(ConstValue::Str(slashed)), 0));
        let block = parser::program(lexer::file(text));
        // What the file returns concerns nobody, as `wp-load.php` ignores it.
        let _flow = evaluator.run(&block);
        Self::gather(path, evaluator)
    }

    fn gather(path: &Path, mut evaluator: Evaluator<'_>) -> Self {
        let table_prefix = match evaluator.frames.first_mut() {
            Some(frame) => match (frame.variables.remove("table_prefix"), &frame.doubt) {
                (Some(Ok(value)), _) => Ok(Some(value)),
                (Some(Err(why)), _) => Err(because("$table_prefix", &why)),
                (None, Some(why)) => Err(because("$table_prefix", why)),
                (None, None) => Ok(None),
            },
            None => Ok(None),
        };
        let constants = evaluator.constants.into_iter().map(|(name, entry)| {
            let entry = match entry {
                Entry::Known(constant) => Ok(constant),
                Entry::Unknown { file, line, why, .. } => Err(defined_at(&name, &file, line, &why)),
            };
            (name, entry)
        });
        Self {
            path: path.to_owned(),
            constants: constants.collect(),
            table_prefix,
            anything: evaluator.anything.map(|why| because("", &why)),
            problems: evaluator.problems,
        }
    }

    /// The file that was read first.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of all constants that are defined or may be, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.constants.keys().map(String::as_str)
    }

    /// Every constant that cannot be told, in alphabetical order.
    pub fn unresolved(&self) -> impl Iterator<Item = &Unresolved> {
        self.constants.values().filter_map(|entry| entry.as_ref().err())
    }

    /// Places that were not understood and may define or change more than can be named.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// A constant; `Ok(None)` when the configuration does not define it.
    pub fn constant(&self, name: &str) -> Result<Option<&Constant>, Unresolved> {
        match (self.constants.get(name), &self.anything) {
            (Some(Ok(constant)), _) => Ok(Some(constant)),
            (Some(Err(unresolved)), _) => Err(unresolved.clone()),
            (None, Some(why)) => {
                let reason = format!("{}; that may define {name}", why.reason);
                Err(Unresolved { name: name.to_owned(), reason, ..why.clone() })
            }
            (None, None) => Ok(None),
        }
    }

    /// A constant as PHP's `(string)` gives it.
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Unresolved> {
        self.converted(name, "is an array where a string is needed", ConstValue::to_bytes)
    }

    /// The same as text; unresolved when it is not UTF-8.
    pub fn string(&self, name: &str) -> Result<Option<String>, Unresolved> {
        self.converted(name, "is no UTF-8 text", |value| {
            value.to_bytes().and_then(|bytes| String::from_utf8(bytes).ok())
        })
    }

    /// A constant as PHP's `(int)` gives it.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Unresolved> {
        self.converted(name, "is no integer", ConstValue::to_int)
    }

    /// A constant as PHP's `(bool)` gives it.
    pub fn truthy(&self, name: &str) -> Result<Option<bool>, Unresolved> {
        self.converted(name, "is no truth value", |value| Some(value.truthy()))
    }

    /// `$table_prefix`; `Ok(None)` when the configuration does not set it.
    pub fn table_prefix(&self) -> Result<Option<String>, Unresolved> {
        let Some(value) = self.table_prefix.as_ref().map_err(Clone::clone)? else {
            return Ok(None);
        };
        let text = value.to_bytes().and_then(|bytes| String::from_utf8(bytes).ok());
        text.map(Some).ok_or_else(|| Unresolved {
            name: "$table_prefix".to_owned(),
            file: self.path.clone(),
            line: 0,
            reason: "is no UTF-8 text".to_owned(),
        })
    }

    fn converted<T>(
        &self,
        name: &str,
        refusal: &str,
        convert: impl FnOnce(&ConstValue) -> Option<T>,
    ) -> Result<Option<T>, Unresolved> {
        let Some(constant) = self.constant(name)? else {
            return Ok(None);
        };
        convert(&constant.value).map(Some).ok_or_else(|| Unresolved {
            name: name.to_owned(),
            file: constant.file.clone(),
            line: constant.line,
            reason: refusal.to_owned(),
        })
    }
}

/// Whether it is the folder or the file that is out of reach: a link in the folder is seen by who may enter it.
fn out_of_reach(folder: &Path, path: &Path, source: std::io::Error) -> WpConfigError {
    let is_seen = path != folder && path.symlink_metadata().is_ok();
    if source.kind() == ErrorKind::PermissionDenied && !is_seen {
        return WpConfigError::Closed { folder: folder.to_owned(), source };
    }
    WpConfigError::Unreadable { path: path.to_owned(), source }
}

fn because(name: &str, why: &Unknown) -> Unresolved {
    Unresolved {
        name: name.to_owned(),
        file: why.file.to_path_buf(),
        line: why.line,
        reason: why.reason.to_string(),
    }
}

/// The place of the definition; the place of the cause is added when it is another.
fn defined_at(name: &str, file: &Path, line: u32, why: &Unknown) -> Unresolved {
    let reason = if why.line == line && *why.file == *file || why.line == 0 {
        why.reason.to_string()
    } else if *why.file == *file {
        format!("{} (line {})", why.reason, why.line)
    } else {
        format!("{} ({} line {})", why.reason, why.file.display(), why.line)
    };
    Unresolved { name: name.to_owned(), file: file.to_owned(), line, reason }
}

/// Control characters in names and paths would break the line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests;
