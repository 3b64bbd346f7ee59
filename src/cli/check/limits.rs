//! Where the budgets of failed logins and the like are kept. Nothing is taken from them.

use super::finding::Finding;
use crate::limits::greet;
use crate::settings::Limits;

const NAME: &str = "limits";

pub async fn budgets(limits: &Limits) -> Finding {
    if !limits.enabled {
        return Finding::warning(
            NAME,
            "off: passwords can be guessed as fast as they can be hashed",
            "remove limits.enabled = false unless something before the service limits logins",
        );
    }
    let Some(url) = &limits.redis_url else {
        return Finding::ok(NAME, "budgets in the memory of each process");
    };
    match greet(url).await {
        (address, Ok(())) => {
            Finding::ok(NAME, format!("budgets in Redis at {address}: it lets the service in"))
        }
        (address, Err(reason)) => Finding::warning(
            NAME,
            format!("Redis at {address}: {reason}"),
            "correct limits.redis_url; each process counts for itself until then",
        ),
    }
}
