//! Where all callers wait for each other, so that what they do next they do at the same moment.

use std::sync::{Condvar, Mutex, PoisonError};

/// As `std::sync::Barrier`, but nobody waits for a caller who failed.
pub struct Meeting {
    callers: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    round: usize,
    failed: bool,
}

impl Meeting {
    pub fn new(callers: usize) -> Self {
        Self { callers, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits for the others. Fails when one of them did.
    pub fn wait(&self) {
        let mut state = self.state.lock().expect("the meeting");
        let round = state.round;
        state.waiting += 1;
        if state.waiting == self.callers {
            state.waiting = 0;
            state.round += 1;
            self.changed.notify_all();
        }
        let here = |state: &mut State| state.round == round && !state.failed;
        let state = self.changed.wait_while(state, here).expect("the meeting");
        assert!(state.round > round, "another caller failed");
    }

    /// To be kept by each caller: tells the others when it fails.
    pub fn attend(&self) -> Attendance<'_> {
        Attendance(self)
    }
}

pub struct Attendance<'a>(&'a Meeting);

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state.lock().unwrap_or_else(PoisonError::into_inner).failed = true;
            self.0.changed.notify_all();
        }
    }
}
