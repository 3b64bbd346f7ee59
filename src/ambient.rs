//! The world outside: clock, randomness, environment. The only room that may ask for them.
//!
//! Everything else takes now, random bytes and variables as arguments, so that tests can fix them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that only moves when it is told to.
    Fixed(AtomicI64),
}

impl Clock {
    /// A clock that stands at `seconds`.
    #[must_use]
    pub fn fixed(seconds: i64) -> Self {
        Self::Fixed(AtomicI64::new(seconds))
    }

    /// Now, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the room of the clock")]
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX)),
            Self::Fixed(seconds) => seconds.load(Ordering::Relaxed),
        }
    }

    /// Moves a fixed clock; the system's clock stays as it is.
    pub fn set(&self, to: i64) {
        if let Self::Fixed(seconds) = self {
            seconds.store(to, Ordering::Relaxed);
        }
    }
}

/// Where random bytes come from.
#[derive(Debug)]
pub enum Random {
    /// The operating system.
    System,
    /// Bytes laid out beforehand, then an endless counter: for tests that pin tokens and salts.
    Scripted(Mutex<Script>),
}

/// The bytes that a scripted source hands out.
#[derive(Debug, Default)]
pub struct Script {
    next: std::collections::VecDeque<u8>,
    counter: u8,
}

impl Script {
    /// Puts bytes behind those that wait already.
    pub fn push(&mut self, bytes: &[u8]) {
        self.next.extend(bytes);
    }

    /// Drops what nobody took.
    pub fn clear(&mut self) {
        self.next.clear();
    }

    fn byte(&mut self) -> u8 {
        self.next.pop_front().unwrap_or_else(|| {
            self.counter = self.counter.wrapping_add(1);
            self.counter
        })
    }
}

impl Random {
    /// A scripted source with nothing in it yet.
    #[must_use]
    pub fn scripted() -> Self {
        Self::Scripted(Mutex::default())
    }

    /// Fills the buffer.
    ///
    /// # Panics
    /// When the operating system has no randomness: going on would issue guessable tokens.
    pub fn fill(&self, buffer: &mut [u8]) {
        match self {
            #[expect(
                clippy::expect_used,
                clippy::disallowed_methods,
                reason = "the room of randomness; a service without randomness must not issue tokens"
            )]
            Self::System => getrandom::fill(buffer).expect("the operating system gives random bytes"),
            Self::Scripted(script) => {
                let mut script = script.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                buffer.fill_with(|| script.byte());
            }
        }
    }
}

/// A number that tells this run of the process from others. Not secret, and not taken from [`Random`].
#[must_use]
pub fn process_mark() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    static MARK: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *MARK.get_or_init(|| {
        // The standard library seeds each of these anew.
        let seeded = std::hash::RandomState::new().build_hasher().finish();
        u32::try_from(seeded >> 32).unwrap_or_default()
    })
}

/// The process's environment variables. Names or values that are not UTF-8 are left out.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room of the environment")]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The names of the variables that [`environment`] leaves out, readable as far as they go.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room of the environment")]
pub fn unreadable_variables() -> Vec<String> {
    std::env::vars_os()
        .filter(|(name, value)| name.to_str().is_none() || value.to_str().is_none())
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(5);
        assert_eq!(clock.now(), 5);
        clock.set(9);
        assert_eq!(clock.now(), 9);
    }

    #[test]
    fn scripted_bytes_come_first_and_then_a_counter() {
        let random = Random::scripted();
        if let Random::Scripted(script) = &random {
            script.lock().unwrap().push(&[7, 8]);
        }
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        assert_eq!(bytes, [7, 8, 1, 2]);
    }
}
