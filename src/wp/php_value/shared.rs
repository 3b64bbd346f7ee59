//! Values that one blob mentions more than once: PHP references (`R:`) and repeated objects (`r:`).
//!
//! The blob numbers its values and refers to a number, so the numbers change whenever an entry comes or goes.
//! Here each mention holds the value itself instead; the writer puts fresh numbers on them. Only the reader of
//! `php_serialize` makes these.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use super::PhpValue;

/// One mention of a shared value.
#[derive(Clone)]
pub struct PhpShared {
    link: Link,
    by_reference: bool,
}

#[derive(Clone)]
enum Link {
    Value(Arc<OnceLock<PhpValue>>),
    /// The value that encloses this mention. Weak, so that it can be freed.
    Enclosing(Weak<OnceLock<PhpValue>>),
}

impl PhpShared {
    pub(in crate::wp) fn value(cell: Arc<OnceLock<PhpValue>>, by_reference: bool) -> Self {
        Self { link: Link::Value(cell), by_reference }
    }

    pub(in crate::wp) fn enclosing(cell: &Arc<OnceLock<PhpValue>>, by_reference: bool) -> Self {
        Self { link: Link::Enclosing(Arc::downgrade(cell)), by_reference }
    }

    /// The value; `None` when this mention lies inside the very value that it means.
    #[must_use]
    pub fn get(&self) -> Option<&PhpValue> {
        match &self.link {
            Link::Value(cell) => cell.get(),
            Link::Enclosing(_) => None,
        }
    }

    /// True for `R:` (a PHP reference), false for a value's first mention and for `r:` (the same object again).
    pub(in crate::wp) fn by_reference(&self) -> bool {
        self.by_reference
    }

    /// The same number for all mentions of one value.
    pub(in crate::wp) fn identity(&self) -> usize {
        match &self.link {
            Link::Value(cell) => Arc::as_ptr(cell).addr(),
            Link::Enclosing(cell) => cell.as_ptr().addr(),
        }
    }
}

impl fmt::Debug for PhpShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(value) => f.debug_tuple("Shared").field(value).finish(),
            None => f.write_str("Enclosing"),
        }
    }
}
