//! The budgets of several instances in one Redis.
//!
//! A Redis that is away locks nobody out: each instance then counts for itself, and a metric and a warning say so.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, Script, ScriptInvocation};
use tokio::time::{Instant, timeout};

use super::TooMany;
use super::budget::{Budget, Key};
use super::known::{Acquaintance, MEMORY, SHARED};
use super::login::Account;
use crate::settings::secret::{ExposeSecret as _, SecretString};
use crate::telemetry::{Counter, Text};

/// How long an answer may take: a login waits for it.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long an answer may take that nobody waits for but `check`.
const GREETING: Duration = Duration::from_secs(5);

/// How long nobody asks a Redis that did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// Takes one: the algorithm of governor, with Redis's own clock. Answers 0, or the microseconds to wait.
const TAKE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now then full = now end
local later = full + interval
local wait = later - interval * burst - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', later), 'PX', math.ceil((later - now) / 1000))
return 0";

/// Gives one back.
const GIVE_BACK: &str = "
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
if full == 0 then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', full - tonumber(ARGV[1])), 'KEEPTTL')
return 0";

/// Remembers that an account logged in well from an address: one sorted set an address, by time.
const REMEMBER: &str = "
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[3] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0";

/// Whether the account did, and how many accounts did.
const FIND: &str = "
local least = tonumber(redis.call('TIME')[1]) - ARGV[2]
local seen = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
return {seen > least and 1 or 0, redis.call('ZCOUNT', KEYS[1], least, '+inf')}";

/// Accounts remembered of one address.
const MOST_ACCOUNTS: u32 = 10_000;

/// A Redis.
pub struct Shared {
    client: Option<Client>,
    prefix: String,
    /// Replaced when it does not answer: the host behind it may be gone without a word.
    manager: Mutex<Option<ConnectionManager>>,
    /// Not asked before this moment.
    away: Mutex<Option<Instant>>,
    /// It answered when it was last asked; so until it is found out otherwise.
    up: AtomicBool,
    errors: Counter,
    take: Script,
    give_back: Script,
    remember: Script,
    find: Script,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// Connects when it is first asked.
    pub fn new(url: &SecretString, prefix: &str) -> Self {
        let client = Client::open(url.expose_secret());
        if client.is_err() {
            // The reason may quote the URL. Settings refuse what is no URL at all.
            tracing::error!("limits.redis_url cannot be used; each instance counts for itself");
        }
        Self {
            client: client.ok(),
            prefix: prefix.to_owned(),
            manager: Mutex::default(),
            away: Mutex::default(),
            up: AtomicBool::new(true),
            errors: Counter::default(),
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            remember: Script::new(REMEMBER),
            find: Script::new(FIND),
        }
    }

    /// Writes the figures of the store.
    pub fn write_figures(&self, text: &mut Text) {
        let up = u8::from(self.up.load(Ordering::Relaxed));
        text.gauge("limits_redis_up", "1 while the Redis of limits.redis_url answers, else 0.", up);
        text.counter("limits_redis_errors_total", "Questions that Redis did not answer.", &self.errors);
    }

    /// `None` when Redis did not answer.
    pub async fn take(&self, budget: &Budget, key: &Key) -> Option<Result<(), TooMany>> {
        let mut call = self.take.prepare_invoke();
        call.key(self.name(budget, key)).arg(interval(budget)).arg(budget.rate.count.get());
        let wait: u64 = self.ask(&call).await?;
        Some(if wait == 0 { Ok(()) } else { Err(budget.refusal(Duration::from_micros(wait))) })
    }

    pub async fn give_back(&self, budget: &Budget, key: &Key) -> Option<()> {
        let mut call = self.give_back.prepare_invoke();
        call.key(self.name(budget, key)).arg(interval(budget));
        self.ask::<u64>(&call).await.map(drop)
    }

    pub async fn find(&self, ip: IpAddr, account: Account) -> Option<Acquaintance> {
        let mut call = self.find.prepare_invoke();
        call.key(self.known(ip)).arg(member(account)).arg(MEMORY.as_secs());
        let (pair, accounts): (bool, u32) = self.ask(&call).await?;
        Some(Acquaintance { pair, address: accounts > 0, shared: accounts >= SHARED })
    }

    pub async fn remember(&self, ip: IpAddr, account: Account) -> Option<()> {
        let mut call = self.remember.prepare_invoke();
        call.key(self.known(ip)).arg(member(account)).arg(MEMORY.as_secs()).arg(MOST_ACCOUNTS);
        self.ask::<u64>(&call).await.map(drop)
    }

    fn name(&self, budget: &Budget, key: &Key) -> String {
        format!("{}{}{key}", self.prefix, budget.name)
    }

    fn known(&self, ip: IpAddr) -> String {
        format!("{}known{}", self.prefix, Key::address(ip))
    }

    async fn ask<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Option<T> {
        if self.is_away() {
            return None;
        }
        let asked = timeout(PATIENCE, async {
            let mut connection = self.connection().await?;
            call.invoke_async(&mut connection).await
        });
        let reason = match asked.await {
            Ok(Ok(answer)) => {
                self.set_away(None);
                return Some(answer);
            }
            Ok(Err(error)) => error.category().to_owned(),
            Err(_) => {
                *lock(&self.manager) = None;
                "no answer in time".to_owned()
            }
        };
        self.errors.increment();
        self.set_away(Some(&reason));
        None
    }

    async fn connection(&self) -> redis::RedisResult<ConnectionManager> {
        let connect = || async {
            let client = self.client.clone().ok_or((redis::ErrorKind::InvalidClientConfig, "no address"))?;
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE))
                .set_number_of_retries(0);
            ConnectionManager::new_with_config(client, config).await
        };
        let known = lock(&self.manager).clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let new = connect().await?;
        *lock(&self.manager) = Some(new.clone());
        Ok(new)
    }

    fn is_away(&self) -> bool {
        let away = lock(&self.away);
        away.is_some_and(|until| Instant::now() < until)
    }

    fn set_away(&self, reason: Option<&str>) {
        let mut away = lock(&self.away);
        match (reason, away.is_some()) {
            (Some(reason), false) => {
                tracing::warn!(reason, "Redis is away: each instance counts for itself until it is back");
            }
            (None, true) => tracing::info!("Redis is back"),
            _ => {}
        }
        self.up.store(reason.is_none(), Ordering::Relaxed);
        *away = reason.map(|_| Instant::now() + PAUSE);
    }
}

/// Whether a Redis lets the service in: its address, and the reason if it does not. Nothing is kept in it.
pub async fn greet(url: &SecretString) -> (String, Result<(), String>) {
    let Ok(client) = Client::open(url.expose_secret()) else {
        return (String::new(), Err("limits.redis_url cannot be used".to_owned()));
    };
    let address = client.get_connection_info().addr().to_string();
    let asked = timeout(GREETING, async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").exec_async(&mut connection).await
    });
    let answer = match asked.await {
        Ok(Ok(())) => Ok(()),
        // The whole error may quote the URL.
        Ok(Err(error)) if error.is_connection_refusal() => Err("connection refused".to_owned()),
        Ok(Err(error)) if !error.is_timeout() => Err(error.category().to_owned()),
        Ok(Err(_)) | Err(_) => Err("no answer in time".to_owned()),
    };
    (address, answer)
}

fn interval(budget: &Budget) -> u64 {
    u64::try_from(budget.rate.interval().as_micros()).unwrap_or(u64::MAX)
}

/// An account as the member of a set.
fn member(account: Account) -> String {
    Key::account(account).to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
