//! How long something took: counts in fixed classes, so that memory does not grow with the number of samples.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds in nanoseconds, each with its text in seconds.
type Bounds = [(u64, &'static str)];

/// From a request that finds all it needs at hand, 50 microseconds, to one that is about to be given up.
const BOUNDS: &Bounds = &[
    (50_000, "0.00005"),
    (100_000, "0.0001"),
    (250_000, "0.00025"),
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1"),
    (2_500_000_000, "2.5"),
    (5_000_000_000, "5"),
    (10_000_000_000, "10"),
    (30_000_000_000, "30"),
];

/// Durations by class.
#[derive(Debug)]
pub struct Histogram {
    /// One more than there are bounds: for what is beyond all of them.
    classes: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Each bound as text, with how many were no longer than that.
    pub buckets: Vec<(&'static str, u64)>,
    /// How many in all.
    pub count: u64,
    /// How long they took together.
    pub sum: Duration,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { classes: [const { AtomicU64::new(0) }; BOUNDS.len() + 1], nanoseconds: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Counts one that took so long.
    pub fn observe(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let class = BOUNDS.partition_point(|(bound, _)| *bound < took);
        if let Some(class) = self.classes.get(class) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        self.nanoseconds.fetch_add(took, Ordering::Relaxed);
    }

    /// As it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut count = 0;
        let mut so_far = |class: &AtomicU64| {
            count += class.load(Ordering::Relaxed);
            count
        };
        let buckets = BOUNDS.iter().zip(&self.classes).map(|((_, bound), class)| (*bound, so_far(class)));
        let buckets = buckets.collect();
        let count = self.classes.last().map_or(0, so_far);
        Snapshot { buckets, count, sum: Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_each_class_that_it_is_not_beyond() {
        let histogram = Histogram::default();
        for nanoseconds in [0, 50_000, 50_001, 30_000_000_000, 30_000_000_001] {
            histogram.observe(Duration::from_nanos(nanoseconds));
        }
        let Snapshot { buckets, count, sum } = histogram.snapshot();
        assert_eq!(buckets.first(), Some(&("0.00005", 2)));
        assert_eq!(buckets.get(1), Some(&("0.0001", 3)));
        assert_eq!(buckets.last(), Some(&("30", 4)));
        assert_eq!((count, sum), (5, Duration::from_nanos(60_000_100_002)));
    }

    #[test]
    fn the_bounds_rise_and_say_what_they_are() {
        assert!(BOUNDS.is_sorted());
        for (nanoseconds, text) in BOUNDS {
            let seconds: f64 = text.parse().unwrap();
            assert_eq!(Duration::from_secs_f64(seconds), Duration::from_nanos(*nanoseconds));
        }
    }
}
