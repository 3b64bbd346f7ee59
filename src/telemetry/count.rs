//! Numbers that rise, and numbers that rise and fall.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How often something happened since the start.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Once more.
    pub fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are now. Clones are the same number.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicUsize>);

/// One of them, until this is dropped.
#[derive(Debug)]
pub struct Held(Gauge);

impl Gauge {
    /// One more, for as long as what is returned lives; and how many there are with it.
    #[must_use]
    pub fn hold(&self) -> (Held, usize) {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        (Held(self.clone()), number)
    }

    /// How many.
    #[must_use]
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_counts_until_it_is_dropped() {
        let gauge = Gauge::default();
        let (first, one) = gauge.hold();
        let (_second, two) = gauge.clone().hold();
        assert_eq!((one, two, gauge.get()), (1, 2, 2));
        drop(first);
        assert_eq!(gauge.get(), 1);
    }
}
