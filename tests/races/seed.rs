//! Choices that a number repeats.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names a seed to repeat.
const VARIABLE: &str = "WP_SIDECAR_RACES_SEED";

/// The seed of a run: the one asked for, or a new one. Printed with what repeats it.
pub fn seed(test: &str) -> u64 {
    let asked = std::env::var(VARIABLE).ok();
    let seed = match &asked {
        Some(asked) => asked.parse().unwrap_or_else(|_| panic!("{VARIABLE} is no number: {asked}")),
        None => SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").subsec_nanos().into(),
    };
    println!("{test}: {VARIABLE}={seed} makes the same choices again");
    seed
}

/// One race at a time: they share two cores, and one of them measures.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SplitMix64.
pub struct Choices(u64);

impl Choices {
    /// Those of one writer.
    pub fn new(seed: u64, writer: usize) -> Self {
        Self(seed.wrapping_add((writer as u64).wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("below a usize")
    }
}
