//! The shield of the login. Only failures count, so that thousands behind one carrier's address are never locked out
//! by their number.
//!
//! An attempt takes from its budgets before the password is looked at and gets that back when the password is right:
//! many attempts at once cannot outrun the count. Where attempts that still run stand in the way, some wait for
//! them. Whoever logged in well from the same address before has a small budget of his own, so that an attack from
//! elsewhere, or by a neighbour behind the same address, does not keep him out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::budget::{Budget, Key};
use super::known::Acquaintance;
use super::{Budgets, Limits, TooMany, network};

/// How long an attempt waits for others of the same budget to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many may wait for each one that runs: where failures used up a budget, few run, and few wait.
const MOST_WAITING: u32 = 16;

/// Whose password is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// A user's number.
    User(u64),
    /// A name that nobody has, so that it cannot be told from one that somebody has.
    Unknown(u64),
}

impl Account {
    /// Nobody's name, in any letter case.
    #[must_use]
    pub fn unknown(name: &[u8]) -> Self {
        let digest = Sha256::digest(String::from_utf8_lossy(name).to_lowercase().as_bytes());
        Self::Unknown(digest.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte)))
    }
}

/// An attempt to log in.
pub struct Attempt<F> {
    /// The caller's address.
    pub ip: Option<IpAddr>,
    /// Whose password.
    pub account: Account,
    /// Whether the account has a session that was begun at the address; asked only where it matters.
    pub has_session_here: F,
}

/// An attempt that may go on.
///
/// Dropped, it counts as failed if the password was looked at; what was not looked at is given back.
#[derive(Debug)]
pub struct Ticket {
    budgets: Option<Arc<Budgets>>,
    taken: Vec<Taken>,
    ip: Option<IpAddr>,
    account: Account,
    looked_at: AtomicBool,
}

/// Picks a budget.
type Pick = fn(&Budgets) -> &Budget;

/// One taken from a budget; while it lives, the attempt runs.
#[derive(Debug)]
struct Taken {
    budgets: Arc<Budgets>,
    pick: Pick,
    key: Key,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.budgets.running.end((self.pick)(&self.budgets), self.key);
    }
}

impl Limits {
    /// Asks whether a password may be tried.
    pub async fn admit_login(&self, attempt: Attempt<impl Fn() -> bool>) -> Result<Ticket, TooMany> {
        let Attempt { ip, account, has_session_here } = attempt;
        let ip = ip.map(network);
        let looked_at = AtomicBool::new(false);
        let mut ticket = Ticket { budgets: self.budgets.clone(), taken: Vec::new(), ip, account, looked_at };
        let Some(budgets) = self.budgets.clone() else {
            return Ok(ticket);
        };
        let known = match ip {
            Some(ip) => budgets.acquaintance(ip, account).await,
            None => Acquaintance::default(),
        };
        let own = ip.map(|ip| Key::pair(ip, account));
        if let Some(own) = own.filter(|_| known.pair) {
            ticket.take(|budgets| &budgets.login_pair, own).await?;
            return Ok(ticket);
        }
        if let Err(refused) = ticket.take_of_strangers(known).await {
            ticket.give_back().await;
            match own {
                Some(own) if has_session_here() => ticket.take(|budgets| &budgets.login_pair, own).await?,
                _ => return Err(refused),
            }
        }
        Ok(ticket)
    }
}

impl Ticket {
    /// To be set when the password is looked at.
    #[must_use]
    pub fn looked_at(&self) -> &AtomicBool {
        &self.looked_at
    }

    /// The password was right: nothing is counted, and the caller is known from now on.
    pub async fn succeeded(mut self) {
        self.give_back().await;
        if let (Some(budgets), Some(ip)) = (&self.budgets, self.ip) {
            budgets.remember(ip, self.account).await;
        }
    }

    /// The password was wrong.
    pub fn failed(self) {
        self.looked_at.store(true, Ordering::Relaxed);
    }

    /// Nobody learnt what was found.
    pub async fn undone(mut self) {
        self.give_back().await;
    }

    async fn take_of_strangers(&mut self, known: Acquaintance) -> Result<(), TooMany> {
        self.take(|budgets| &budgets.login_account, Key::account(self.account)).await?;
        if let Some(ip) = self.ip {
            let pick: Pick = if known.shared {
                |budgets| &budgets.login_shared_address
            } else {
                |budgets| &budgets.login_address
            };
            self.take(pick, Key::address(ip)).await?;
        }
        if !known.address {
            self.take(|budgets| &budgets.login_global, Key::everybody()).await?;
        }
        Ok(())
    }

    async fn take(&mut self, pick: Pick, key: Key) -> Result<(), TooMany> {
        let Some(budgets) = self.budgets.clone() else { return Ok(()) };
        let budget = pick(&budgets);
        let until = Instant::now() + PATIENCE;
        loop {
            // In line before looking: an attempt that ends in between is heard.
            let place = budgets.running.wait(budget, key);
            let Err(limit) = budgets.take(budget, key).await else {
                budgets.running.begin(budget, key);
                self.taken.push(Taken { budgets: Arc::clone(&budgets), pick, key });
                return Ok(());
            };
            let Some(place) = place else { return Err(limit) };
            timeout_at(until, place.ended()).await.map_err(|_| limit)?;
        }
    }

    async fn give_back(&mut self) {
        while let Some(taken) = self.taken.pop() {
            taken.budgets.give_back((taken.pick)(&taken.budgets), taken.key).await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.taken.is_empty() || self.looked_at.load(Ordering::Relaxed) {
            return;
        }
        let mut rest = Self {
            budgets: self.budgets.take(),
            taken: std::mem::take(&mut self.taken),
            ip: self.ip,
            account: self.account,
            looked_at: AtomicBool::new(true),
        };
        // The caller hung up before his turn came.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { rest.give_back().await }.in_current_span());
        }
    }
}

impl Budgets {
    async fn acquaintance(&self, ip: IpAddr, account: Account) -> Acquaintance {
        if let Some(shared) = &self.shared
            && let Some(known) = shared.find(ip, account).await
        {
            return known;
        }
        self.known.find(ip, account)
    }

    async fn remember(&self, ip: IpAddr, account: Account) {
        // In memory as well, for the time when the shared store cannot be reached.
        self.known.remember(ip, account);
        if let Some(shared) = &self.shared {
            shared.remember(ip, account).await;
        }
    }
}

/// The attempts of this instance that have not ended yet, by what they took.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashMap<(&'static str, Key), Line>>);

/// Those who run, and those who wait for them.
#[derive(Debug, Default)]
struct Line {
    running: u32,
    waiting: Arc<AtomicU32>,
    ended: Arc<Notify>,
}

/// A place in the line of those who wait.
struct Waiting {
    waiting: Arc<AtomicU32>,
    ended: Pin<Box<OwnedNotified>>,
}

impl Waiting {
    async fn ended(mut self) {
        self.ended.as_mut().await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Running {
    fn begin(&self, budget: &Budget, key: Key) {
        self.lines().entry((budget.name, key)).or_default().running += 1;
    }

    /// A place in line; `None` where nobody runs, or too many wait for too few.
    fn wait(&self, budget: &Budget, key: Key) -> Option<Waiting> {
        let lines = self.lines();
        let line = lines.get(&(budget.name, key))?;
        if line.waiting.load(Ordering::Relaxed) >= line.running.saturating_mul(MOST_WAITING) {
            return None;
        }
        line.waiting.fetch_add(1, Ordering::Relaxed);
        let mut ended = Box::pin(Arc::clone(&line.ended).notified_owned());
        ended.as_mut().enable();
        Some(Waiting { waiting: Arc::clone(&line.waiting), ended })
    }

    fn end(&self, budget: &Budget, key: Key) {
        let mut lines = self.lines();
        if let Some(line) = lines.get_mut(&(budget.name, key)) {
            line.running -= 1;
            line.ended.notify_waiters();
            if line.running == 0 {
                lines.remove(&(budget.name, key));
            }
        }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<(&'static str, Key), Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
