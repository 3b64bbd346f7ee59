//! Who logged in well from where.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::login::Account;

/// How long a good login is remembered.
pub const MEMORY: Duration = Duration::from_hours(30 * 24);

/// So many accounts make an address a shared one.
pub const SHARED: u32 = 10;

/// Pairs of address and account remembered; the oldest go first.
const MOST_PAIRS: usize = 100_000;

/// What is known of an address and an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acquaintance {
    /// The account logged in well from the address.
    pub pair: bool,
    /// Somebody did.
    pub address: bool,
    /// Many did.
    pub shared: bool,
}

/// The good logins of this instance.
#[derive(Debug, Default)]
pub struct Known(Mutex<Pairs>);

#[derive(Debug, Default)]
struct Pairs {
    /// Each pair with its last good login.
    seen: HashMap<(IpAddr, Account), Instant>,
    /// How many accounts of each address are among them.
    accounts: HashMap<IpAddr, u32>,
}

impl Known {
    pub fn find(&self, address: IpAddr, account: Account) -> Acquaintance {
        let pairs = self.lock();
        let accounts = pairs.accounts.get(&address).copied().unwrap_or_default();
        Acquaintance {
            pair: pairs.seen.contains_key(&(address, account)),
            address: accounts > 0,
            shared: accounts >= SHARED,
        }
    }

    pub fn remember(&self, address: IpAddr, account: Account) {
        let mut pairs = self.lock();
        if pairs.seen.insert((address, account), Instant::now()).is_none() {
            *pairs.accounts.entry(address).or_default() += 1;
        }
        if pairs.seen.len() > MOST_PAIRS {
            let mut moments: Vec<Instant> = pairs.seen.values().copied().collect();
            let eighth = moments.len() / 8;
            let (_, oldest, _) = moments.select_nth_unstable(eighth);
            let oldest = *oldest;
            pairs.retain(|seen| seen > oldest);
        }
    }

    pub fn sweep(&self) {
        self.lock().retain(|seen| seen.elapsed() < MEMORY);
    }

    fn lock(&self) -> MutexGuard<'_, Pairs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pairs {
    fn retain(&mut self, keep: impl Fn(Instant) -> bool) {
        let accounts = &mut self.accounts;
        self.seen.retain(|(address, _), seen| {
            let kept = keep(*seen);
            if !kept && let Some(count) = accounts.get_mut(address) {
                *count = count.saturating_sub(1);
            }
            kept
        });
        accounts.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_known_and_then_shared() {
        let known = Known::default();
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert_eq!(known.find(here, Account::User(1)), Acquaintance::default());
        for id in 1..=10 {
            known.remember(here, Account::User(id));
            known.remember(here, Account::User(1));
        }
        let known_pair = Acquaintance { pair: true, address: true, shared: true };
        assert_eq!(known.find(here, Account::User(1)), known_pair);
        assert_eq!(known.find(here, Account::User(11)), Acquaintance { pair: false, ..known_pair });
        assert_eq!(known.find(there, Account::User(1)), Acquaintance::default());
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let known = Known::default();
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..=u32::try_from(MOST_PAIRS).unwrap() {
            known.remember(address(number), Account::User(1));
        }
        assert!(!known.find(address(0), Account::User(1)).address);
        assert!(known.find(address(u32::try_from(MOST_PAIRS).unwrap()), Account::User(1)).pair);
        let pairs = known.lock();
        assert!(pairs.seen.len() < MOST_PAIRS && pairs.seen.len() == pairs.accounts.len());
    }
}
