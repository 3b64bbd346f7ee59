//! The different requests of one endpoint, as many as are kept. Which lines belong here is not known here.
//!
//! Each endpoint has its own room, so that a flood of requests for one drives out no request for another.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest as _, Sha256};

use super::{Asked, Skipped};

/// Different requests that are kept; a log may have any number of them.
pub(super) const MOST: usize = 10_000;

/// What their queries may take together, in bytes: long ones are rarely an app's.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// The requests of one endpoint.
#[derive(Default)]
pub struct Gathered {
    /// Lines of this endpoint, asked or not.
    pub lines: u64,
    asked: Vec<Asked>,
    bytes: usize,
    /// Where each stands, by a digest, so that no query is held twice.
    places: HashMap<[u8; 32], usize>,
}

impl Gathered {
    /// Adds one, or counts it once more if it is known.
    pub fn add(&mut self, asked: Asked) -> Result<(), Skipped> {
        let Asked { path, query, .. } = &asked;
        let is_full = self.asked.len() >= MOST || self.bytes + query.len() > MOST_BYTES;
        match self.places.entry(Sha256::digest(format!("{path}?{query}")).into()) {
            Entry::Occupied(known) => {
                if let Some(known) = self.asked.get_mut(*known.get()) {
                    known.lines += 1;
                }
            }
            Entry::Vacant(_) if is_full => return Err(Skipped::Excess),
            Entry::Vacant(place) => {
                place.insert(self.asked.len());
                self.bytes += query.len();
                self.asked.push(asked);
            }
        }
        Ok(())
    }

    /// The most frequent ones, and how many lines asked the others.
    pub fn into_frequent(mut self, limit: usize) -> (Vec<Asked>, u64) {
        // Stable: of equally frequent ones the first.
        self.asked.sort_by_key(|asked| std::cmp::Reverse(asked.lines));
        let rarer = self.asked.split_off(limit.min(self.asked.len()));
        (self.asked, rarer.iter().map(|asked| asked.lines).sum())
    }
}
