//! The reading side: one pass over the bytes, without recursion; a second one when there are references.

mod cursor;
mod shares;

use std::fmt;

use self::cursor::{Cursor, Token};
use self::shares::{Room, Shares};
use crate::wp::php_value::{MAX_DEPTH, ObjectForm, PhpArray, PhpKey, PhpObject, PhpValue};

/// Why a blob could not be read, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnserializeError {
    /// Not PHP's format; PHP's `unserialize` gives false too.
    Malformed {
        /// Byte offset in the blob.
        offset: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep {
        /// Byte offset in the blob.
        offset: usize,
    },
    /// Following the references would blow the blob up beyond all proportion.
    TooManyReferences {
        /// Byte offset in the blob.
        offset: usize,
    },
    /// References together with `C:` data or repeated keys: what they mean after a change cannot be known.
    Unsupported {
        /// Byte offset in the blob.
        offset: usize,
    },
}

impl fmt::Display for UnserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, offset) = match self {
            Self::Malformed { offset } => ("not serialised PHP data", offset),
            Self::TooDeep { offset } => ("nested too deeply", offset),
            Self::TooManyReferences { offset } => ("too many references", offset),
            Self::Unsupported { offset } => ("unsupported use of references", offset),
        };
        write!(f, "{what} at byte {offset}")
    }
}

impl std::error::Error for UnserializeError {}

/// PHP's `unserialize`, except that classes are never loaded and `false` is an error. What follows a complete
/// value is ignored, as PHP ignores it. Held against PHP 8.2.
pub fn unserialize(bytes: &[u8]) -> Result<PhpValue, UnserializeError> {
    let mut survey = Reader::new(bytes, Shares::survey());
    let value = survey.read()?;
    let Some(shares) = survey.shares.into_second_pass(bytes.len()) else {
        return Ok(value);
    };
    if let Some(offset) = survey.obstacle {
        return Err(UnserializeError::Unsupported { offset });
    }
    drop(value);
    Reader::new(bytes, shares).read()
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    open: Vec<Frame<'a>>,
    /// How many values PHP would have numbered so far.
    slots: usize,
    shares: Shares,
    /// Where something stands that forbids references.
    obstacle: Option<usize>,
}

/// An array or object that is still being read.
struct Frame<'a> {
    class: Option<&'a [u8]>,
    entries: PhpArray,
    /// How many entries are still to come.
    left: usize,
    key: PhpKey,
    slot: usize,
    size: Size,
}

/// What a value amounts to when its references are followed.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Levels of arrays and objects; 0 for a scalar.
    height: usize,
    /// Bytes that references add to the bytes that are there.
    extra: usize,
    /// First byte.
    start: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], shares: Shares) -> Self {
        Self { cursor: Cursor::new(bytes), open: Vec::new(), slots: 0, shares, obstacle: None }
    }

    fn read(&mut self) -> Result<PhpValue, UnserializeError> {
        loop {
            let mut done = self.step()?;
            loop {
                if let Some((value, size)) = done.take() {
                    match self.open.last_mut() {
                        None => return Ok(value),
                        Some(frame) => {
                            self.shares.check(frame.add(size), self.cursor.at())?;
                            if frame.put(value) {
                                self.obstacle.get_or_insert(self.cursor.at());
                            }
                        }
                    }
                }
                let Some(frame) = self.open.last_mut() else { break };
                if frame.left > 0 {
                    frame.left -= 1;
                    let key = self.cursor.key()?;
                    frame.key = if frame.class.is_none() { key.normalised() } else { key };
                    break;
                }
                self.cursor.expect(b'}')?;
                done = self.close();
            }
        }
    }

    /// Reads one token. A scalar is complete; an array or object is opened.
    fn step(&mut self) -> Result<Option<(PhpValue, Size)>, UnserializeError> {
        let start = self.cursor.at();
        let token = self.cursor.token()?;
        let mut size = Size { start, ..Size::default() };
        if !matches!(token, Token::Reference(_)) {
            self.slots += 1;
        }
        let slot = self.slots;
        let value = match token {
            Token::Scalar(value) => value,
            Token::Array { count } => return self.open(None, count, slot, start).map(|()| None),
            Token::Object { class, count } => {
                return self.open(Some(class), count, slot, start).map(|()| None);
            }
            Token::Custom { class, data } => {
                if may_hold_references(data) {
                    return Err(UnserializeError::Unsupported { offset: start });
                }
                self.obstacle.get_or_insert(start);
                opaque(class, ObjectForm::Custom(data.to_vec()))
            }
            Token::Case { class, case } => opaque(class, ObjectForm::Case(case.to_vec())),
            Token::Reference(number) => {
                let room = self.room(self.slots);
                return self.shares.mention(number, None, &room, &mut size).map(|value| Some((value, size)));
            }
            Token::SameObject(number) => {
                let room = self.room(slot - 1);
                return self
                    .shares
                    .mention(number, Some(slot), &room, &mut size)
                    .map(|value| Some((value, size)));
            }
        };
        let object = matches!(value, PhpValue::Object(_));
        self.shares.open(slot, object);
        Ok(Some((self.shares.close(slot, value, size, self.cursor.at()), size)))
    }

    fn room(&self, seen: usize) -> Room {
        Room { seen, levels: MAX_DEPTH - self.open.len() }
    }

    fn open(
        &mut self,
        class: Option<&'a [u8]>,
        count: usize,
        slot: usize,
        start: usize,
    ) -> Result<(), UnserializeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(UnserializeError::TooDeep { offset: start });
        }
        self.shares.open(slot, class.is_some());
        self.open.push(Frame {
            class,
            // The count is only a claim, so a nest of liars must not reserve much.
            entries: PhpArray::with_capacity(count.min(16)),
            left: count,
            key: PhpKey::Int(0),
            slot,
            size: Size { start, height: 1, extra: 0 },
        });
        Ok(())
    }

    fn close(&mut self) -> Option<(PhpValue, Size)> {
        let frame = self.open.pop()?;
        let value = match frame.class {
            None => PhpValue::Array(frame.entries),
            Some(class) => PhpObject::new(class, frame.entries).into(),
        };
        Some((self.shares.close(frame.slot, value, frame.size, self.cursor.at()), frame.size))
    }
}

impl Frame<'_> {
    /// Counts a child in and gives what all references in here add so far.
    fn add(&mut self, child: Size) -> usize {
        self.size.height = self.size.height.max(child.height + 1);
        self.size.extra = self.size.extra.saturating_add(child.extra);
        self.size.extra
    }

    /// True when the key was there already.
    fn put(&mut self, value: PhpValue) -> bool {
        let key = std::mem::replace(&mut self.key, PhpKey::Int(0));
        self.entries.insert(key, value).is_some()
    }
}

/// Something like `r:1` in data of an unknown form: its number would be wrong once an entry comes or goes.
fn may_hold_references(data: &[u8]) -> bool {
    data.windows(3).any(|window| matches!(window, [b'r' | b'R', b':', b'0'..=b'9']))
}

fn opaque(class: &[u8], form: ObjectForm) -> PhpValue {
    PhpObject { class: class.to_vec(), properties: PhpArray::new(), form }.into()
}
