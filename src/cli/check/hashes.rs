//! How passwords are stored: the cost that the site's PHP uses, and hashes that cannot be checked.

use std::collections::BTreeMap;

use super::Subject;
use super::finding::Finding;
use crate::store::StoreError;
use crate::wp::password::{self, HashKind, Reference};

const NAME: &str = "passwords";

pub async fn cost(subject: &Subject<'_>) -> Result<Finding, StoreError> {
    let hashes = subject.db.list_newest_hashes().await?;
    let version = subject.version.version;
    let mut costs = BTreeMap::<u32, usize>::new();
    let mut foreign = BTreeMap::<String, usize>::new();
    for hash in &hashes {
        if let Some(cost) = password::bcrypt_cost(hash) {
            *costs.entry(cost).or_default() += 1;
        }
        let kind = HashKind::of(hash);
        let is_checked = match kind {
            HashKind::Wp | HashKind::Argon2 => version.at_least(6, 8),
            HashKind::PortableH => !version.at_least(6, 8),
            HashKind::Crypt | HashKind::Unknown => false,
            HashKind::Md5 | HashKind::Portable | HashKind::Bcrypt | HashKind::Unusable => true,
        };
        if !is_checked {
            *foreign.entry(kind.to_string()).or_default() += 1;
        }
    }
    let usual = costs.into_iter().max_by_key(|(_, count)| *count);
    let text = match usual {
        Some((cost, count)) => {
            format!("bcrypt cost {cost}, as in {count} of the {} newest users", hashes.len())
        }
        None if version.at_least(6, 8) => {
            format!(
                "bcrypt cost {}, by default: no user has a hash that tells it",
                Reference::default().bcrypt_cost()
            )
        }
        None => format!("phpass, as WordPress {version} writes it"),
    };
    Ok(if foreign.is_empty() {
        Finding::ok(NAME, text)
    } else {
        let kinds: Vec<String> = foreign.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        Finding::warning(
            NAME,
            format!("{text}; hashes that WordPress {version} does not check: {}", kinds.join(", ")),
            "their owners can log in only after a password reset, unless a plugin replaces wp_check_password()",
        )
    })
}
