//! Which values of a blob are referred to, and the cells that all their mentions hold.

use std::sync::{Arc, OnceLock};

use super::{Size, UnserializeError};
use crate::wp::php_value::{PhpShared, PhpValue};

/// The first pass surveys: it only notes the numbers that references name. The second pass knows them, puts
/// these values into cells and lets each mention hold its cell.
pub(super) enum Shares {
    Survey(Vec<usize>),
    Second {
        /// Numbers of the values that are mentioned again, ascending, with their cells.
        cells: Vec<(usize, Option<Cell>)>,
        /// Values are met in the order of their numbers: the next one that matters.
        next: usize,
        /// How many bytes references may add.
        limit: usize,
    },
}

#[derive(Clone)]
pub(super) struct Cell {
    value: Arc<OnceLock<PhpValue>>,
    object: bool,
    /// `None` while the value is still being read.
    size: Option<Size>,
}

impl Shares {
    pub(super) fn survey() -> Self {
        Self::Survey(Vec::new())
    }

    /// `None` when the survey found no references: then its value is final.
    pub(super) fn into_second_pass(self, length: usize) -> Option<Self> {
        match self {
            Self::Survey(mut numbers) if !numbers.is_empty() => {
                numbers.sort_unstable();
                numbers.dedup();
                let limit = length.saturating_mul(16).saturating_add(1 << 20);
                Some(Self::Second {
                    cells: numbers.into_iter().map(|n| (n, None)).collect(),
                    next: 0,
                    limit,
                })
            }
            _ => None,
        }
    }

    /// A value begins.
    pub(super) fn open(&mut self, slot: usize, object: bool) {
        self.fill(slot, || Cell {
            value: Arc::new(OnceLock::new()),
            object,
            size: None,
        });
    }

    fn fill(&mut self, slot: usize, cell: impl FnOnce() -> Cell) {
        if let Self::Second { cells, next, .. } = self
            && let Some((wanted, place)) = cells.get_mut(*next)
            && *wanted == slot
        {
            *place = Some(cell());
            *next += 1;
        }
    }

    /// A value is complete; gives what belongs in its place.
    pub(super) fn close(&mut self, slot: usize, value: PhpValue, size: Size, end: usize) -> PhpValue {
        let Self::Second { cells, .. } = self else {
            return value;
        };
        let Some(cell) = find(cells, slot) else {
            return value;
        };
        let own = end.saturating_sub(size.start);
        cell.size = Some(Size {
            extra: size.extra.saturating_add(own),
            ..size
        });
        // The cell is empty: each is closed once.
        let _ = cell.value.set(value);
        PhpValue::Shared(PhpShared::value(Arc::clone(&cell.value), false))
    }

    /// `R:number;`, or with a slot of its own `r:number;`. `seen` values were numbered before it.
    pub(super) fn mention(
        &mut self,
        number: usize,
        seen: usize,
        slot: Option<usize>,
        levels: usize,
        size: &mut Size,
        offset: usize,
    ) -> Result<PhpValue, UnserializeError> {
        if number == 0 || number > seen {
            return Err(UnserializeError::Malformed { offset });
        }
        let cells = match self {
            Self::Survey(numbers) => {
                numbers.push(number);
                return Ok(PhpValue::Null);
            }
            Self::Second { cells, .. } => cells,
        };
        let Some(cell) = find(cells, number).cloned() else {
            return Err(UnserializeError::Malformed { offset });
        };
        if slot.is_some() && !cell.object {
            return Err(UnserializeError::Malformed { offset });
        }
        let by_reference = slot.is_none();
        let shared = match cell.size {
            None => PhpShared::enclosing(&cell.value, by_reference),
            Some(target) if target.height > levels => return Err(UnserializeError::TooDeep { offset }),
            Some(target) => {
                size.height = target.height;
                size.extra = target.extra;
                PhpShared::value(Arc::clone(&cell.value), by_reference)
            }
        };
        if let Some(slot) = slot {
            self.fill(slot, || cell);
        }
        Ok(PhpValue::Shared(shared))
    }

    pub(super) fn check(&self, extra: usize, offset: usize) -> Result<(), UnserializeError> {
        match self {
            Self::Second { limit, .. } if extra > *limit => {
                Err(UnserializeError::TooManyReferences { offset })
            }
            _ => Ok(()),
        }
    }
}

fn find(cells: &mut [(usize, Option<Cell>)], slot: usize) -> Option<&mut Cell> {
    let at = cells.binary_search_by_key(&slot, |(number, _)| *number).ok()?;
    cells.get_mut(at)?.1.as_mut()
}
