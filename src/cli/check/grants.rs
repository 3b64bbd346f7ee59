//! Whether the database's account may do what is needed, and whether it may do more.

use super::Subject;
use super::finding::{Finding, Report};
use crate::store::StoreError;
use crate::store::needs::{Need, minimal_account};

const NAME: &str = "grants";

/// Adds the finding, and unless all is well the statements for an account that may do no more than needed.
pub async fn check(report: &mut Report, subject: &Subject<'_>, needs: &[Need]) -> Result<(), StoreError> {
    let server = subject.server;
    let granted = match subject.db.list_grants(server).await {
        Ok(granted) => granted,
        Err(error) => {
            // A server without accounts, or something that only speaks its protocol.
            let advice = "see that the account has what is listed below";
            report.add(Finding::warning(NAME, format!("cannot be listed: {error}"), advice));
            report.minimal_account = minimal_account(&server.database, host_of(&server.account), needs);
            return Ok(());
        }
    };
    let lacking: Vec<String> = needs
        .iter()
        .filter_map(|need| {
            let lacks = |privilege: &&_| !granted.allow(&server.database, &need.table, **privilege);
            let lacking: Vec<&str> =
                need.privileges.iter().filter(lacks).map(|lacking| lacking.name()).collect();
            (!lacking.is_empty()).then(|| format!("{} on {}", lacking.join(", "), need.table))
        })
        .collect();
    let excess = granted.excess(&server.database, needs);
    let account = &server.account;
    let finding = if !lacking.is_empty() {
        let role =
            if granted.has_role() { ", or make the role that it was granted its default role" } else { "" };
        Finding::failed(
            NAME,
            format!("{account} lacks {}", lacking.join("; ")),
            format!("grant what is missing, see below{role}"),
        )
    } else if !excess.is_empty() {
        Finding::warning(
            NAME,
            format!("{account} may do more than the service needs: {}", excess.join("; ")),
            "give the service an account of its own, see below",
        )
    } else {
        Finding::ok(
            NAME,
            format!("{account} may do what is needed on {} tables and nothing more", needs.len()),
        )
    };
    if !(lacking.is_empty() && excess.is_empty()) {
        report.minimal_account = minimal_account(&server.database, host_of(account), needs);
    }
    report.add(finding);
    Ok(())
}

/// From where the account may come.
fn host_of(account: &str) -> &str {
    account.rsplit_once('@').map_or("localhost", |(_, host)| host)
}
