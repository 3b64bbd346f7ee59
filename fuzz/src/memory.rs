//! Counts what the code under test allocates: a measure of work that is the same on each machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    static TOTAL: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does the work; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(place, layout, size) }
    }
}

fn count(taken: usize, given: usize) {
    LIVE.set(LIVE.get().wrapping_add(taken).wrapping_sub(given));
    PEAK.set(PEAK.get().max(LIVE.get()));
    TOTAL.set(TOTAL.get().wrapping_add(taken));
}

/// Runs `work` and holds it to `most_at_once` bytes held at a time and `most_in_all` bytes allocated.
pub fn bounded<T>(most_at_once: usize, most_in_all: usize, work: impl FnOnce() -> T) -> T {
    // So far below the top that freeing what was taken before cannot go below zero.
    const BASE: usize = usize::MAX / 2;
    LIVE.set(BASE);
    PEAK.set(BASE);
    TOTAL.set(0);
    let result = work();
    let (peak, total) = (PEAK.get() - BASE, TOTAL.get());
    assert!(peak <= most_at_once, "{peak} bytes at once");
    assert!(total <= most_in_all, "{total} bytes in all");
    result
}
