//! The file system, as far as it is looked at: what stands where, and the text of plain files.
//!
//! Nothing is ever written. What the text means is others' business.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::bytes;
use super::evaluator::{Evaluator, Known};
use super::value::ConstValue;

/// The largest file that is read.
const MAX_FILE: u64 = 1 << 20;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Presence {
    Missing,
    File,
    Folder,
    Other,
}

/// What stands at a path; `None` when that cannot be seen from here.
fn presence(path: &Path) -> Option<Presence> {
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
    pub(super) fn presence(&self, path: &Path) -> Option<Presence> {
        if self.disk { presence(path) } else { None }
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.disk { read(path) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

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

    pub(super) fn look(&mut self, line: u32, path: &Known, answer: impl FnOnce(Presence) -> bool) -> Known {
        let path = self.local_path(line, &path.clone()?)?;
        match self.presence(&path) {
            Some(presence) => Ok(ConstValue::Bool(answer(presence))),
            None => Err(self.unknown(line, "asks for a file that cannot be looked at")),
        }
    }

    pub(super) fn is_readable(&mut self, line: u32, path: &Known) -> Known {
        let path = self.local_path(line, &path.clone()?)?;
        match self.presence(&path) {
            Some(Presence::Missing) => Ok(ConstValue::Bool(false)),
            Some(Presence::File) if self.read(&path).is_ok() => Ok(ConstValue::Bool(true)),
            // The web server's PHP runs as somebody else.
            _ => Err(self.unknown(line, "asks for a file that cannot be read here")),
        }
    }

    pub(super) fn real_path(&mut self, line: u32, path: &Known) -> Known {
        let path = self.local_path(line, &path.clone()?)?;
        let found = if self.disk { path.canonicalize() } else { Err(io::ErrorKind::PermissionDenied.into()) };
        match found {
            Ok(path) => Ok(ConstValue::Str(path.as_os_str().as_encoded_bytes().to_vec())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(ConstValue::Bool(false)),
            Err(_) => Err(self.unknown(line, "asks for a file that cannot be looked at")),
        }
    }

    pub(super) fn dirname(&mut self, line: u32, path: &ConstValue, levels: &ConstValue) -> Known {
        let (Some(mut path), Some(levels @ 1..=64)) = (path.to_bytes(), levels.to_int()) else {
            return Err(self.unknown(line, "calls dirname() with what PHP refuses"));
        };
        for _ in 0..levels {
            self.pay(line, path.len())?;
            path = bytes::dirname(&path);
        }
        Ok(ConstValue::Str(path))
    }

    /// A file's text as a value; the message names what asked and not the path, which may be a mistaken secret.
    pub(super) fn contents(&mut self, line: u32, path: &Path, what: &str) -> Known {
        match self.read(path) {
            Ok(bytes) => self.sized(line, ConstValue::Str(bytes)),
            Err(error) => {
                Err(self.unknown(line, format!("needs {what}, which cannot be read ({})", error.kind())))
            }
        }
    }
}
