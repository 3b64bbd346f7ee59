//! Limits on attempts: how often somebody may fail to log in, register, ask for password mails and for nonces.
//!
//! Budgets are kept in memory, or in a Redis that several instances share. What is limited, and what the caller is
//! told, is not known here.

mod budget;
mod figures;
mod known;
mod login;
mod proxies;
mod shared;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crate::settings;
use budget::{Budget, Key};
use figures::Figures;
use known::Known;
use login::Running;
use shared::Shared;

pub use login::{Account, Attempt, Ticket};
pub use proxies::ProxyWatch;
pub use shared::greet;

/// The budgets; none where `limits.enabled` is false.
#[derive(Debug)]
pub struct Limits {
    budgets: Option<Arc<Budgets>>,
    /// Whether all requests seem to come through one proxy that is not trusted.
    pub proxies: ProxyWatch,
    figures: Figures,
}

#[derive(Debug)]
struct Budgets {
    login_pair: Budget,
    login_address: Budget,
    login_shared_address: Budget,
    login_account: Budget,
    login_global: Budget,
    register_address: Budget,
    reset_address: Budget,
    reset_account: Budget,
    nonce_address: Budget,
    known: Known,
    running: Running,
    shared: Option<Shared>,
}

/// A budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("try again in {seconds} seconds")]
pub struct TooMany {
    /// Which budget: the name of its setting.
    pub budget: &'static str,
    /// Until there is something left.
    pub seconds: u32,
}

impl Limits {
    /// Full budgets.
    #[must_use]
    pub fn new(limits: &settings::Limits) -> Self {
        let rates = &limits.rates;
        let budgets = || {
            Arc::new(Budgets {
                // What somebody who logged in well from here before may fail without touching the other budgets.
                login_pair: Budget::new("limits.login_account", "pair", rates.login_account),
                login_address: Budget::new("limits.login_address", "address", rates.login_address),
                login_shared_address: Budget::new(
                    "limits.login_shared_address",
                    "shared",
                    rates.login_shared_address,
                ),
                login_account: Budget::new("limits.login_account", "account", rates.login_account),
                login_global: Budget::new("limits.login_global", "global", rates.login_global),
                register_address: Budget::new("limits.register_address", "register", rates.register_address),
                reset_address: Budget::new("limits.reset_address", "reset", rates.reset_address),
                reset_account: Budget::new("limits.reset_account", "mail", rates.reset_account),
                nonce_address: Budget::new("limits.nonce_address", "nonce", rates.nonce_address),
                known: Known::default(),
                running: Running::default(),
                shared: limits.redis_url.as_ref().map(|url| Shared::new(url, &limits.redis_prefix)),
            })
        };
        Self {
            budgets: limits.enabled.then(budgets),
            proxies: ProxyWatch::default(),
            figures: Figures::default(),
        }
    }

    /// Takes one registration from the caller's budget.
    pub async fn take_registration(&self, ip: Option<IpAddr>) -> Result<(), TooMany> {
        self.take_of_address(ip, |budgets| &budgets.register_address).await
    }

    /// Takes one request for a password mail from the caller's budget.
    pub async fn take_reset_of_address(&self, ip: Option<IpAddr>) -> Result<(), TooMany> {
        self.take_of_address(ip, |budgets| &budgets.reset_address).await
    }

    /// Takes one nonce from the caller's budget.
    pub async fn take_nonce(&self, ip: Option<IpAddr>) -> Result<(), TooMany> {
        self.take_of_address(ip, |budgets| &budgets.nonce_address).await
    }

    /// Takes one password mail from the account's budget.
    pub async fn take_reset_of_account(&self, user_id: u64) -> Result<(), TooMany> {
        match &self.budgets {
            Some(budgets) => budgets.take(&budgets.reset_account, Key::account(Account::User(user_id))).await,
            None => Ok(()),
        }
    }

    /// Forgets those whose budgets are full again.
    pub fn sweep(&self) {
        if let Some(budgets) = &self.budgets {
            budgets.all().into_iter().for_each(Budget::sweep);
            budgets.known.sweep();
        }
    }

    async fn take_of_address(
        &self,
        ip: Option<IpAddr>,
        budget: impl FnOnce(&Budgets) -> &Budget,
    ) -> Result<(), TooMany> {
        match (&self.budgets, ip) {
            (Some(budgets), Some(ip)) => budgets.take(budget(budgets), Key::address(network(ip))).await,
            _ => Ok(()),
        }
    }
}

impl Budgets {
    fn all(&self) -> [&Budget; 9] {
        [
            &self.login_pair,
            &self.login_address,
            &self.login_shared_address,
            &self.login_account,
            &self.login_global,
            &self.register_address,
            &self.reset_address,
            &self.reset_account,
            &self.nonce_address,
        ]
    }

    /// Takes one from the shared budget, or from this instance's own where there is none or it cannot be reached.
    async fn take(&self, budget: &Budget, key: Key) -> Result<(), TooMany> {
        if let Some(shared) = &self.shared
            && let Some(answer) = shared.take(budget, &key).await
        {
            return answer;
        }
        budget.take(key)
    }

    async fn give_back(&self, budget: &Budget, key: Key) {
        if let Some(shared) = &self.shared
            && shared.give_back(budget, &key).await.is_some()
        {
            return;
        }
        budget.give_back(key);
    }
}

/// One customer's network: an IPv6 caller has a whole /64.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests;
