//! The shield of the login. Only failures count, so that thousands behind one carrier's address are never locked out
//! by their number.
//!
//! An attempt takes from its budgets before the password is looked at and gets that back when the password is right:
//! many attempts at once cannot outrun the count. Where only attempts that still run stand in the way, one waits for
//! them. Whoever logged in well from the same address before has a small budget of his own, so that an attack from
//! elsewhere, or by a neighbour behind the same address, does not keep him out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::budget::{Budget, Key};
use super::known::Acquaintance;
use super::{Budgets, Limits, TooMany, network};

/// How long an attempt waits for others of the same budget to end.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// Why a password is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too many failed.
    #[error(transparent)]
    Limit(#[from] TooMany),
    /// Too many are still trying.
    #[error("too many attempts run at the same time")]
    Busy,
}

/// An attempt that may go on. Dropped, it counts as failed.
#[derive(Debug)]
pub struct Ticket<'a> {
    budgets: Option<&'a Budgets>,
    taken: Vec<(&'a Budget, Key)>,
    ip: Option<IpAddr>,
    account: Account,
}

impl Limits {
    /// Asks whether a password may be tried.
    pub async fn admit_login(&self, attempt: Attempt<impl Fn() -> bool>) -> Result<Ticket<'_>, Refused> {
        let Attempt { ip, account, has_session_here } = attempt;
        let ip = ip.map(network);
        let mut ticket = Ticket { budgets: None, taken: Vec::new(), ip, account };
        let Some(budgets) = &self.budgets else {
            return Ok(ticket);
        };
        ticket.budgets = Some(budgets);
        let known = match ip {
            Some(ip) => budgets.acquaintance(ip, account).await,
            None => Acquaintance::default(),
        };
        let own = ip.map(|ip| (&budgets.login_pair, Key::pair(ip, account)));
        if let Some(own) = own.filter(|_| known.pair) {
            ticket.take(own).await?;
            return Ok(ticket);
        }
        if let Err(refused) = ticket.take_of_strangers(budgets, known).await {
            ticket.give_back().await;
            match own {
                Some(own) if has_session_here() => ticket.take(own).await?,
                _ => return Err(refused),
            }
        }
        Ok(ticket)
    }
}

impl<'a> Ticket<'a> {
    /// The password was right: nothing is counted, and the caller is known from now on.
    pub async fn succeeded(mut self) {
        self.give_back().await;
        if let (Some(budgets), Some(ip)) = (self.budgets, self.ip) {
            budgets.remember(ip, self.account).await;
        }
    }

    /// The password was not looked at, or nobody learnt what was found.
    pub async fn undone(mut self) {
        self.give_back().await;
    }

    async fn take_of_strangers(&mut self, budgets: &'a Budgets, known: Acquaintance) -> Result<(), Refused> {
        self.take((&budgets.login_account, Key::account(self.account))).await?;
        if let Some(ip) = self.ip {
            let budget = if known.shared { &budgets.login_shared_address } else { &budgets.login_address };
            self.take((budget, Key::address(ip))).await?;
        }
        if !known.address {
            self.take((&budgets.login_global, Key::everybody())).await?;
        }
        Ok(())
    }

    async fn take(&mut self, (budget, key): (&'a Budget, Key)) -> Result<(), Refused> {
        let Some(budgets) = self.budgets else { return Ok(()) };
        let until = Instant::now() + PATIENCE;
        loop {
            // Listening before looking: an attempt that ends in between is heard.
            let ended = budgets.running.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            let Err(limit) = budgets.take(budget, key).await else {
                budgets.running.begin(budget, key);
                self.taken.push((budget, key));
                return Ok(());
            };
            if !budgets.running.any(budget, key) {
                return Err(limit.into());
            }
            timeout_at(until, ended).await.map_err(|_| Refused::Busy)?;
        }
    }

    async fn give_back(&mut self) {
        let Some(budgets) = self.budgets else { return };
        while let Some((budget, key)) = self.taken.pop() {
            budgets.give_back(budget, key).await;
            budgets.running.end(budget, key);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let Some(budgets) = self.budgets {
            for (budget, key) in self.taken.drain(..) {
                budgets.running.end(budget, key);
            }
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
pub struct Running {
    counts: Mutex<HashMap<(&'static str, Key), u32>>,
    ended: Notify,
}

impl Running {
    fn begin(&self, budget: &Budget, key: Key) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((budget.name, key)).or_default() += 1;
    }

    fn any(&self, budget: &Budget, key: Key) -> bool {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(budget.name, key))
    }

    fn end(&self, budget: &Budget, key: Key) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&(budget.name, key)) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&(budget.name, key));
            }
        }
        drop(counts);
        self.ended.notify_waiters();
    }
}
