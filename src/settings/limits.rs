//! The sections `limits` and `hashing`.

use std::num::NonZeroUsize;

use percent_encoding::percent_decode_str;
use url::Url;

use super::rate::Rate;
use super::read::Reader;
use super::secret::{ExposeSecret as _, SecretString, secret};
use super::{Hashing, Limits, Rates, SettingsError};

/// Reads `limits.*`.
pub fn read(reader: &Reader<'_>) -> Result<Limits, SettingsError> {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(Limits {
        enabled: reader.switch("limits.enabled")?,
        redis_url: reader.with("limits.redis_url", redis_url)?.filter(|url| !url.expose_secret().is_empty()),
        redis_prefix: reader.text("limits.redis_prefix")?.unwrap_or_default(),
        rates: Rates {
            login_address: rate(reader, "limits.login_address")?,
            login_shared_address: rate(reader, "limits.login_shared_address")?,
            login_account: rate(reader, "limits.login_account")?,
            login_global: rate(reader, "limits.login_global")?,
            register_address: rate(reader, "limits.register_address")?,
            reset_address: rate(reader, "limits.reset_address")?,
            reset_account: rate(reader, "limits.reset_account")?,
            nonce_address: rate(reader, "limits.nonce_address")?,
        },
        body_bytes: size(reader.number("limits.body_bytes", 1024, u64::from(u32::MAX))?),
        head: reader.seconds("limits.head_seconds", 1, 600)?,
        body: reader.seconds("limits.body_seconds", 1, 600)?,
        request: reader.seconds("limits.request_seconds", 1, 600)?,
        connections: size(reader.number("limits.connections", 1, 100_000)?),
    })
}

/// An empty text is allowed: no Redis. What the client could not use is refused here, at the start.
fn redis_url(text: &str) -> Option<SecretString> {
    (text.is_empty() || Url::parse(text).is_ok_and(|url| is_redis(&url))).then(|| secret(text))
}

/// `redis://user:password@host:port/number`, user and password percent-encoded. The host is one to connect to.
fn is_redis(url: &Url) -> bool {
    let number = url.path().strip_prefix('/').unwrap_or_default();
    let is_text = |part: &str| percent_decode_str(part).decode_utf8().is_ok();
    url.scheme() == "redis"
        && url.host_str().is_some_and(|host| !matches!(host, "" | "0.0.0.0" | "[::]"))
        && (number.is_empty() || number.parse::<u16>().is_ok())
        && is_text(url.username())
        && is_text(url.password().unwrap_or_default())
        && url.query().is_none()
        && url.fragment().is_none()
}

/// Reads `hashing.*`.
pub fn read_hashing(reader: &Reader<'_>) -> Result<Hashing, SettingsError> {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let threads = reader.with("hashing.threads", |text| match text.trim() {
        "" => Some(None),
        text => text.parse().ok().filter(|threads| (1..=256).contains(threads)).map(Some),
    })?;
    Ok(Hashing {
        threads: match threads.flatten() {
            Some(threads) => size(threads),
            None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        },
        queue: size(reader.number("hashing.queue", 0, 100_000)?),
        patience: reader.seconds("hashing.wait_seconds", 1, 60)?,
    })
}

/// A budget; an empty one is an error like any other text that is none.
fn rate(reader: &Reader<'_>, name: &str) -> Result<Rate, SettingsError> {
    // The table of keys has a default for each, so the last resort is never met.
    Ok(reader.with(name, |text| text.parse().ok())?.unwrap_or(Rate::LEAST))
}
