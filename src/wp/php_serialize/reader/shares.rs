//! Which values of a blob are referred to, and the cells that all their mentions hold.

use std::sync::{Arc, OnceLock};

use super::{Size, UnserializeError};
use crate::wp::php_value::{PhpShared, PhpValue};

/// The first pass surveys: it only notes the numbers that references name. The second pass knows them, puts
/// these values into cells and lets each mention hold its cell.
pub(super) enum Shares {
    /// Each number, and whether an `R:` named it.
    Survey(Vec<(usize, bool)>),
    Second {
        /// The values that are mentioned again, by ascending number.
        places: Vec<Place>,
        /// Values are met in the order of their numbers: the next one that matters.
        next: usize,
        /// How many bytes references may add.
        limit: usize,
    },
}

pub(super) struct Place {
    number: usize,
    /// An `R:` names it, so the value's first place is one of the places that PHP keeps the same.
    by_reference: bool,
    /// Filled once the value begins.
    cell: Option<Cell>,
}

#[derive(Clone)]
struct Cell {
    value: Arc<OnceLock<PhpValue>>,
    object: bool,
    /// `None` while the value is still being read.
    size: Option<Size>,
}

/// What a mention finds around it.
pub(super) struct Room {
    /// How many values were numbered before it.
    pub(super) seen: usize,
    /// How many more levels there may be.
    pub(super) levels: usize,
}

impl Shares {
    pub(super) fn survey() -> Self {
        Self::Survey(Vec::new())
    }

    /// `None` when the survey found no references: then its value is final.
    pub(super) fn into_second_pass(self, length: usize) -> Option<Self> {
        match self {
            Self::Survey(mut numbers) if !numbers.is_empty() => {
                // Per number those by reference come first, and the first one is kept.
                numbers.sort_unstable_by_key(|&(number, by_reference)| (number, !by_reference));
                numbers.dedup_by_key(|(number, _)| *number);
                let place = |(number, by_reference)| Place { number, by_reference, cell: None };
                let places = numbers.into_iter().map(place).collect();
                let limit = length.saturating_mul(16).saturating_add(1 << 20);
                Some(Self::Second { places, next: 0, limit })
            }
            _ => None,
        }
    }

    /// A value begins.
    pub(super) fn open(&mut self, slot: usize, object: bool) {
        self.fill(slot, || Cell { value: Arc::new(OnceLock::new()), object, size: None });
    }

    fn fill(&mut self, slot: usize, cell: impl FnOnce() -> Cell) -> bool {
        if let Self::Second { places, next, .. } = self
            && let Some(place) = places.get_mut(*next)
            && place.number == slot
        {
            place.cell = Some(cell());
            *next += 1;
            return place.by_reference;
        }
        false
    }

    /// A value is complete; gives what belongs in its place.
    pub(super) fn close(&mut self, slot: usize, value: PhpValue, size: Size, end: usize) -> PhpValue {
        let Some((cell, by_reference)) = self.find(slot) else {
            return value;
        };
        let own = end.saturating_sub(size.start);
        cell.size = Some(Size { extra: size.extra.saturating_add(own), ..size });
        // The cell is empty: each is closed once.
        let _ = cell.value.set(value);
        PhpValue::Shared(PhpShared::value(Arc::clone(&cell.value), by_reference))
    }

    /// `R:number;`, or with a slot of its own `r:number;`. `size` gets what the mention amounts to.
    pub(super) fn mention(
        &mut self,
        number: usize,
        slot: Option<usize>,
        room: &Room,
        size: &mut Size,
    ) -> Result<PhpValue, UnserializeError> {
        let offset = size.start;
        if number == 0 || number > room.seen {
            return Err(UnserializeError::Malformed { offset });
        }
        let by_reference = slot.is_none();
        if let Self::Survey(numbers) = self {
            numbers.push((number, by_reference));
            return Ok(PhpValue::Null);
        }
        let Some(cell) = self.find(number).map(|(cell, _)| cell.clone()) else {
            return Err(UnserializeError::Malformed { offset });
        };
        if !by_reference && !cell.object {
            return Err(UnserializeError::Malformed { offset });
        }
        let by_reference = match slot {
            // The object's other mention may be named itself.
            Some(slot) => self.fill(slot, || cell.clone()),
            None => true,
        };
        let shared = match cell.size {
            None => PhpShared::enclosing(&cell.value, by_reference),
            Some(target) if target.height > room.levels => return Err(UnserializeError::TooDeep { offset }),
            Some(target) => {
                size.height = target.height;
                size.extra = target.extra;
                PhpShared::value(cell.value, by_reference)
            }
        };
        Ok(PhpValue::Shared(shared))
    }

    fn find(&mut self, slot: usize) -> Option<(&mut Cell, bool)> {
        let Self::Second { places, .. } = self else {
            return None;
        };
        let at = places.binary_search_by_key(&slot, |place| place.number).ok()?;
        let place = places.get_mut(at)?;
        place.cell.as_mut().map(|cell| (cell, place.by_reference))
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
