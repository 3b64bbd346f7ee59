//! Limits on attempts, kept in memory. So far those of `retrieve_password`, which sends mail to others.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::settings;

/// One caller may ask for this many mails at once, and then for one in [`ADDRESS_PERIOD`].
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const ADDRESS_PERIOD: Duration = Duration::from_mins(2);

/// One account gets this many mails at once, and then one in [`ACCOUNT_PERIOD`], whoever asks.
const ACCOUNT_BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
const ACCOUNT_PERIOD: Duration = Duration::from_mins(15);

/// The budgets; none where `limits.enabled` is false.
#[derive(Debug)]
pub struct Limits {
    resets: Option<Resets>,
}

#[derive(Debug)]
struct Resets {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    accounts: DefaultKeyedRateLimiter<u64>,
}

/// A budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("try again in {seconds} seconds")]
pub struct TooMany {
    /// Until there is something left.
    pub seconds: u32,
}

impl Limits {
    /// Full budgets.
    #[must_use]
    pub fn new(limits: &settings::Limits) -> Self {
        let resets = || {
            Some(Resets {
                addresses: RateLimiter::keyed(Quota::with_period(ADDRESS_PERIOD)?.allow_burst(ADDRESS_BURST)),
                accounts: RateLimiter::keyed(Quota::with_period(ACCOUNT_PERIOD)?.allow_burst(ACCOUNT_BURST)),
            })
        };
        Self { resets: if limits.enabled { resets() } else { None } }
    }

    /// Takes one request for a password mail from the caller's budget. IPv6 callers count by their /64.
    pub fn take_reset_of_address(&self, ip: Option<IpAddr>) -> Result<(), TooMany> {
        match (&self.resets, ip) {
            (Some(resets), Some(ip)) => take(&resets.addresses, &network(ip)),
            _ => Ok(()),
        }
    }

    /// Takes one password mail from the account's budget.
    pub fn take_reset_of_account(&self, user_id: u64) -> Result<(), TooMany> {
        self.resets.as_ref().map_or(Ok(()), |resets| take(&resets.accounts, &user_id))
    }

    /// Forgets those whose budgets are full again.
    pub fn sweep(&self) {
        if let Some(resets) = &self.resets {
            resets.addresses.retain_recent();
            resets.accounts.retain_recent();
        }
    }
}

fn take<K: std::hash::Hash + Eq + Clone>(
    budget: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), TooMany> {
    budget.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        TooMany { seconds: u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX) }
    })
}

/// One customer's network.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(enabled: bool) -> Limits {
        Limits::new(&settings::Limits { enabled, redis_url: None })
    }

    #[test]
    fn an_account_gets_few_mails_whoever_asks() {
        let limits = limits(true);
        for _ in 0..ACCOUNT_BURST.get() {
            assert_eq!(limits.take_reset_of_account(7), Ok(()));
        }
        let refused = limits.take_reset_of_account(7).unwrap_err();
        assert!((1..=901).contains(&refused.seconds), "{refused}");
        assert_eq!(limits.take_reset_of_account(8), Ok(()));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_budget() {
        let limits = limits(true);
        let ask = |text: &str| limits.take_reset_of_address(Some(text.parse().unwrap()));
        for host in 0..ADDRESS_BURST.get() {
            assert_eq!(ask(&format!("2001:db8:1:2::{host:x}")), Ok(()));
        }
        assert!(ask("2001:db8:1:2:ffff::1").is_err());
        assert_eq!(ask("2001:db8:1:3::1"), Ok(()));
        assert_eq!(ask("192.0.2.1"), Ok(()));
    }

    #[test]
    fn switched_off_nothing_is_refused() {
        let limits = limits(false);
        assert!((0..100).all(|_| limits.take_reset_of_account(7).is_ok()));
    }
}
