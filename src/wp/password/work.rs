//! The slow hashes, each counted where it is computed, and the dummy ones that even out failures.
//!
//! Which hash is computed when is decided in `password`.

use std::hint::black_box;

use super::{Reference, argon2::Argon2Hash, bcrypt::BcryptHash, prehash};
use crate::wp::{phpass, version::WpVersion};

/// How much slow hashing was done.
///
/// Tests compare these numbers instead of durations: who fails to log in must not learn from the time it
/// took whether the user exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashWork {
    /// Rounds of bcrypt: 2^cost for each computation.
    pub bcrypt_rounds: u64,
    /// Rounds of phpass's MD5.
    pub phpass_rounds: u64,
    /// KiB of memory times passes over it, of argon2.
    pub argon2_kib: u64,
}

impl std::ops::AddAssign for HashWork {
    fn add_assign(&mut self, more: Self) {
        self.bcrypt_rounds += more.bcrypt_rounds;
        self.phpass_rounds += more.phpass_rounds;
        self.argon2_kib += more.argon2_kib;
    }
}

impl HashWork {
    /// The work of one new hash as [`super::hash`] makes it.
    #[must_use]
    pub fn of_new_hash(version: WpVersion, reference: Reference) -> Self {
        if version.at_least(6, 8) {
            Self { bcrypt_rounds: 1 << reference.bcrypt_cost(), ..Self::default() }
        } else {
            Self { phpass_rounds: 1 << phpass::WORDPRESS_LOG2, ..Self::default() }
        }
    }

    pub(super) fn bcrypt(&mut self, hash: &BcryptHash<'_>, password: &[u8]) -> bool {
        self.bcrypt_rounds += 1 << hash.cost();
        hash.verify(password)
    }

    pub(super) fn phpass(&mut self, hash: &phpass::PortableHash<'_>, password: &[u8]) -> bool {
        self.phpass_rounds += hash.rounds();
        hash.verify(password)
    }

    pub(super) fn argon2(&mut self, hash: &Argon2Hash<'_>, password: &[u8]) -> bool {
        self.argon2_kib += hash.kib();
        hash.verify(password)
    }

    /// After a failure: adds what is missing to one full-cost hash, the one a user with a hash of this
    /// version's own kind would have cost.
    pub(super) fn top_up(&mut self, password: &[u8], version: WpVersion, reference: Reference) {
        if version.at_least(6, 8) {
            let full = 1_u64 << reference.bcrypt_cost();
            while self.bcrypt_rounds < full {
                // Bcrypt only comes in powers of two: doubling what was done ends exactly at the full cost.
                let rounds = if self.bcrypt_rounds == 0 { full } else { self.bcrypt_rounds };
                let dummy =
                    ::bcrypt::hash_with_salt(prehash(password).as_bytes(), rounds.ilog2(), [0x55; 16]);
                self.bcrypt_rounds += rounds;
                // Only the work counts; the compiler must not see that nobody reads the result.
                drop(black_box(dummy));
            }
        } else {
            let full = 1_u64 << phpass::WORDPRESS_LOG2;
            let missing = full.saturating_sub(self.phpass_rounds);
            phpass::burn(password, missing);
            self.phpass_rounds += missing;
        }
    }
}
