use std::time::Duration;

use super::*;
use crate::settings::Rates;
use crate::settings::rate::Rate;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn settings(enabled: bool) -> settings::Limits {
    settings::Limits {
        enabled,
        redis_url: None,
        redis_prefix: String::new(),
        rates: Rates {
            login_address: rate("5/1h"),
            login_shared_address: rate("20/1h"),
            login_account: rate("3/1h"),
            login_global: rate("30/1h"),
            register_address: rate("2/1h"),
            reset_address: rate("2/1h"),
            reset_account: rate("2/1h"),
            nonce_address: rate("2/1h"),
        },
        body_bytes: 1024,
        head: Duration::from_secs(1),
        body: Duration::from_secs(1),
        request: Duration::from_secs(1),
        connections: 1,
    }
}

fn limits() -> Limits {
    Limits::new(&settings(true))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn admit(limits: &Limits, address: &str, account: Account) -> Result<Ticket, TooMany> {
    limits.admit_login(Attempt { ip: Some(ip(address)), account, has_session_here: || false }).await
}

/// A wrong password: `None`, or which budget refused it.
async fn fail(limits: &Limits, address: &str, account: Account) -> Option<&'static str> {
    match admit(limits, address, account).await {
        Ok(ticket) => {
            ticket.failed();
            None
        }
        Err(limit) => Some(limit.budget),
    }
}

async fn succeed(limits: &Limits, address: &str, account: Account) {
    admit(limits, address, account).await.unwrap().succeeded().await;
}

#[tokio::test]
async fn an_account_may_be_failed_a_few_times_whoever_tries() {
    let limits = limits();
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        assert_eq!(fail(&limits, address, Account::User(7)).await, None);
    }
    assert_eq!(fail(&limits, "192.0.2.4", Account::User(7)).await, Some("limits.login_account"));
    assert_eq!(fail(&limits, "192.0.2.4", Account::User(8)).await, None);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_limited_as_one_that_somebody_has() {
    let limits = limits();
    for name in ["Nobody", "nobody", "NOBODY"] {
        assert_eq!(fail(&limits, "192.0.2.1", Account::unknown(name.as_bytes())).await, None);
    }
    let refused = fail(&limits, "192.0.2.2", Account::unknown(b"nobody")).await;
    assert_eq!(refused, Some("limits.login_account"));
}

#[tokio::test]
async fn an_address_may_fail_a_few_times_on_whatever_account() {
    let limits = limits();
    for id in 0..5 {
        assert_eq!(fail(&limits, "192.0.2.1", Account::User(id)).await, None);
    }
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(9)).await, Some("limits.login_address"));
    // What was taken of the account before the address refused is given back.
    for _ in 0..3 {
        assert_eq!(fail(&limits, "192.0.2.2", Account::User(9)).await, None);
    }
}

#[tokio::test]
async fn good_logins_never_count() {
    let limits = limits();
    for id in 0..500 {
        succeed(&limits, "192.0.2.1", Account::User(id)).await;
        succeed(&limits, "192.0.2.1", Account::User(1)).await;
    }
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(9000)).await, None);
}

#[tokio::test]
async fn an_address_of_many_may_fail_more_often() {
    let limits = limits();
    for id in 0..10 {
        succeed(&limits, "192.0.2.1", Account::User(id)).await;
    }
    for id in 100..120 {
        assert_eq!(fail(&limits, "192.0.2.1", Account::User(id)).await, None);
    }
    let refused = fail(&limits, "192.0.2.1", Account::User(200)).await;
    assert_eq!(refused, Some("limits.login_shared_address"));
    // Those who logged in from there before still can.
    succeed(&limits, "192.0.2.1", Account::User(3)).await;
}

#[tokio::test]
async fn an_account_under_attack_stays_open_to_where_it_logged_in_before() {
    let limits = limits();
    succeed(&limits, "192.0.2.1", Account::User(7)).await;
    while fail(&limits, "198.51.100.9", Account::User(7)).await.is_none() {}
    assert_eq!(fail(&limits, "198.51.100.8", Account::User(7)).await, Some("limits.login_account"));
    succeed(&limits, "192.0.2.1", Account::User(7)).await;
    // From there, too, not every password may be tried.
    for _ in 0..3 {
        assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, None);
    }
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, Some("limits.login_account"));
}

#[tokio::test]
async fn a_session_begun_at_the_address_counts_as_a_good_login() {
    let limits = limits();
    while fail(&limits, "198.51.100.9", Account::User(7)).await.is_none() {}
    let attempt = |has_session: bool| Attempt {
        ip: Some(ip("192.0.2.1")),
        account: Account::User(7),
        has_session_here: move || has_session,
    };
    assert!(limits.admit_login(attempt(false)).await.is_err());
    assert!(limits.admit_login(attempt(true)).await.is_ok());
}

#[tokio::test]
async fn an_attack_from_everywhere_spares_addresses_that_logged_in_well() {
    let limits = limits();
    succeed(&limits, "192.0.2.1", Account::User(7)).await;
    for number in 0..30 {
        let address = format!("203.0.113.{number}");
        assert_eq!(fail(&limits, &address, Account::User(1000 + number)).await, None);
    }
    assert_eq!(fail(&limits, "203.0.113.99", Account::User(2000)).await, Some("limits.login_global"));
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(3000)).await, None);
    succeed(&limits, "192.0.2.1", Account::User(7)).await;
}

#[tokio::test]
async fn neighbours_in_one_ipv6_network_share_a_budget() {
    let limits = limits();
    for host in 0..5 {
        let address = format!("2001:db8:1:2::{host:x}");
        assert_eq!(fail(&limits, &address, Account::User(host)).await, None);
    }
    assert!(fail(&limits, "2001:db8:1:2:ffff::1", Account::User(9)).await.is_some());
    assert_eq!(fail(&limits, "2001:db8:1:3::1", Account::User(9)).await, None);
}

#[tokio::test]
async fn many_attempts_at_once_cannot_outrun_the_count() {
    let limits = limits();
    let mut running = Vec::new();
    for _ in 0..3 {
        running.push(admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap());
    }
    // The fourth waits for one of them; if that fails, it is refused.
    let mut fourth = Box::pin(admit(&limits, "192.0.2.2", Account::User(7)));
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut fourth).await.is_err());
    running.into_iter().for_each(Ticket::failed);
    assert_eq!(fourth.await.unwrap_err().budget, "limits.login_account");
}

#[tokio::test]
async fn who_hangs_up_before_the_password_was_looked_at_has_not_failed() {
    let limits = limits();
    for _ in 0..20 {
        drop(admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap());
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        let ticket = admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap();
        ticket.looked_at().store(true, std::sync::atomic::Ordering::Relaxed);
        drop(ticket);
    }
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, Some("limits.login_account"));
}

#[tokio::test]
async fn where_failures_used_up_a_budget_few_may_wait() {
    let limits = limits();
    for _ in 0..2 {
        assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, None);
    }
    let running = admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..16 {
        let mut next = Box::pin(admit(&limits, "192.0.2.2", Account::User(7)));
        assert!(tokio::time::timeout(Duration::from_millis(1), &mut next).await.is_err());
        waiting.push(next);
    }
    let refused = admit(&limits, "192.0.2.2", Account::User(7)).await.unwrap_err();
    assert_eq!(refused.budget, "limits.login_account");
    running.undone().await;
    let mut let_in = 0;
    for next in waiting {
        if let Ok(ticket) = next.await {
            let_in += 1;
            ticket.failed();
        }
    }
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn many_good_logins_at_once_wait_for_each_other() {
    let limits = limits();
    let first = admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap();
    let second = admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap();
    let third = admit(&limits, "192.0.2.1", Account::User(7)).await.unwrap();
    let mut fourth = Box::pin(admit(&limits, "192.0.2.2", Account::User(7)));
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut fourth).await.is_err());
    first.succeeded().await;
    fourth.await.unwrap().undone().await;
    second.undone().await;
    third.undone().await;
}

#[tokio::test]
async fn each_kind_of_attempt_has_a_budget_of_its_own() {
    let limits = limits();
    let here = Some(ip("192.0.2.1"));
    for _ in 0..2 {
        assert!(limits.take_nonce(here).await.is_ok());
        assert!(limits.take_registration(here).await.is_ok());
        assert!(limits.take_reset_of_address(here).await.is_ok());
        assert!(limits.take_reset_of_account(7).await.is_ok());
    }
    let refused = limits.take_nonce(here).await.unwrap_err();
    assert_eq!(refused.budget, "limits.nonce_address");
    assert!((1..=1801).contains(&refused.seconds), "{refused}");
    assert!(limits.take_registration(here).await.is_err());
    assert!(limits.take_reset_of_address(here).await.is_err());
    assert!(limits.take_reset_of_account(7).await.is_err());
    assert!(limits.take_reset_of_account(8).await.is_ok());
    assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, None);
}

#[tokio::test]
async fn a_budget_fills_again_with_time_and_is_then_forgotten() {
    let budget = Budget::new("limits.nonce_address", "nonce", rate("5/1s"));
    let key = Key::everybody();
    while budget.take(key).is_ok() {}
    assert_eq!(budget.remembered(), 1);
    let begun = std::time::Instant::now();
    while budget.take(key).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    while budget.remembered() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10));
        budget.sweep();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn a_flood_of_addresses_does_not_fill_the_memory() {
    let budget = Budget::new("limits.nonce_address", "nonce", rate("5/1h"));
    let worst = Key::address("192.0.2.1".parse().unwrap());
    while budget.take(worst).is_ok() {}
    for number in 0..150_000_u32 {
        let _ = budget.take(Key::address(IpAddr::from(number.to_be_bytes())));
    }
    assert!(budget.remembered() <= 100_000);
    // Whoever used up a budget is the last to be forgotten.
    assert!(budget.take(worst).is_err());
}

#[tokio::test]
async fn switched_off_nothing_is_refused() {
    let limits = Limits::new(&settings(false));
    for _ in 0..100 {
        assert_eq!(fail(&limits, "192.0.2.1", Account::User(7)).await, None);
        assert!(limits.take_reset_of_account(7).await.is_ok());
        assert!(limits.take_nonce(Some(ip("192.0.2.1"))).await.is_ok());
    }
}
