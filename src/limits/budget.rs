//! One budget: how much each key has left. The algorithm is governor's; where its state lies is here, since a login
//! that went well gives back what it took, and since an attacker must not fill the memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::TooMany;
use super::login::Account;
use crate::settings::rate::Rate;

/// Keys remembered by one budget. Beyond that, those closest to a full budget are forgotten.
const MOST_KEYS: usize = 100_000;

/// Whose budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    address: Option<IpAddr>,
    account: Option<Account>,
}

impl Key {
    pub fn address(ip: IpAddr) -> Self {
        Self { address: Some(ip), account: None }
    }

    pub fn account(account: Account) -> Self {
        Self { address: None, account: Some(account) }
    }

    pub fn pair(ip: IpAddr, account: Account) -> Self {
        Self { address: Some(ip), account: Some(account) }
    }

    pub fn everybody() -> Self {
        Self { address: None, account: None }
    }
}

/// As part of a name in a shared store.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(address) = &self.address {
            write!(f, ":{address}")?;
        }
        match &self.account {
            Some(Account::User(id)) => write!(f, ":u{id}"),
            Some(Account::Unknown(mark)) => write!(f, ":n{mark:x}"),
            None => Ok(()),
        }
    }
}

/// A budget for each key.
#[derive(Debug)]
pub struct Budget {
    setting: &'static str,
    /// Its name in a shared store.
    pub name: &'static str,
    pub rate: Rate,
    limiter: RateLimiter<Key, Table, DefaultClock>,
    table: Table,
}

impl Budget {
    pub fn new(setting: &'static str, name: &'static str, rate: Rate) -> Self {
        let table = Table::default();
        let quota = Quota::with_period(rate.interval()).unwrap_or(Quota::per_second(rate.count));
        let limiter = RateLimiter::new(quota.allow_burst(rate.count), table.clone(), DefaultClock::default());
        Self { setting, name, rate, limiter, table }
    }

    /// Takes one.
    pub fn take(&self, key: Key) -> Result<(), TooMany> {
        self.limiter
            .check_key(&key)
            .map_err(|until| self.refusal(until.wait_time_from(DefaultClock::default().now())))
    }

    /// Gives one back that was taken.
    pub fn give_back(&self, key: Key) {
        let interval = u64::try_from(self.rate.interval().as_nanos()).unwrap_or(u64::MAX);
        if let Some(state) = self.table.lock().get_mut(&key) {
            *state = Nanos::new(state.as_u64().saturating_sub(interval));
        }
    }

    /// Forgets those whose budget is full.
    pub fn sweep(&self) {
        self.limiter.retain_recent();
    }

    /// What the caller is told.
    pub fn refusal(&self, wait: Duration) -> TooMany {
        TooMany { budget: self.setting, seconds: u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX) }
    }

    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        self.table.lock().len()
    }
}

/// Where governor keeps for each key the moment at which its budget is full again.
#[derive(Clone, Debug, Default)]
pub struct Table(Arc<Mutex<HashMap<Key, Nanos>>>);

impl Table {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Table {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.lock();
        let (answer, state) = decide(states.get(key).copied())?;
        if states.len() >= MOST_KEYS && !states.contains_key(key) {
            forget_some(&mut states);
        }
        states.insert(*key, state);
        Ok(answer)
    }
}

impl ShrinkableKeyedStateStore<Key> for Table {
    fn retain_recent(&self, full_before: Nanos) {
        let mut states = self.lock();
        states.retain(|_, state| *state > full_before);
        if states.capacity() > 4 * states.len() {
            states.shrink_to_fit();
        }
    }

    fn shrink_to_fit(&self) {
        self.lock().shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// Drops the eighth that is closest to a full budget: those who did least.
fn forget_some(states: &mut HashMap<Key, Nanos>) {
    let mut moments: Vec<u64> = states.values().map(|state| state.as_u64()).collect();
    let eighth = moments.len() / 8;
    let (_, limit, _) = moments.select_nth_unstable(eighth);
    let limit = *limit;
    states.retain(|_, state| state.as_u64() > limit);
}
