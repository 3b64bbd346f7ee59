//! The table prefix and the tables behind it.

use super::Subject;
use super::finding::{Finding, Report};
use crate::settings::{Wordpress, WpConfig};
use crate::store::StoreError;
use crate::store::needs::Need;
use crate::wp::table_prefix::TablePrefix;

const NAME: &str = "tables";

/// Adds the finding. False when tables are missing.
pub async fn check(
    report: &mut Report,
    subject: &Subject<'_>,
    tables: &[String],
    needs: &[Need],
) -> Result<bool, StoreError> {
    let folds = subject.server.folds_case;
    let same = |one: &str, other: &str| if folds { one.eq_ignore_ascii_case(other) } else { one == other };
    let is_there = |name: &str| tables.iter().any(|table| same(table, name));
    let missing: Vec<&str> =
        needs.iter().map(|need| need.table.as_str()).filter(|name| !is_there(name)).collect();
    let prefix = subject.db.tables().names().blog_prefix.as_str();
    if !missing.is_empty() {
        let others = prefixes(tables);
        let advice = match others.as_slice() {
            [] if tables.is_empty() => {
                "the account sees no table here: is it the right database, and does it have its rights?"
                    .to_owned()
            }
            [] => "there is no WordPress in this database: DB_NAME or database.url".to_owned(),
            others if others.contains(&prefix) => {
                "some tables of this WordPress are gone or not visible to the account".to_owned()
            }
            others => format!(
                "there are tables with the prefix {}: set $table_prefix or wordpress.table_prefix",
                others.join(" and ")
            ),
        };
        let text = format!("no {} in {} (prefix {prefix})", missing.join(", "), subject.server.database);
        report.add(Finding::failed(NAME, text, advice));
        return Ok(false);
    }
    let engines = subject.db.list_tables_without_transactions().await?;
    let engines: Vec<String> =
        engines.into_iter().map(|(table, engine)| format!("{table} ({engine})")).collect();
    report.add(if engines.is_empty() {
        let text = format!("prefix {prefix}, all {} tables that are used are there", needs.len());
        if is_prefix_assumed(subject) {
            Finding::warning(
                NAME,
                format!(
                    "{text}; but wp-config.php sets no $table_prefix: the prefix is assumed, and WordPress itself looks \
                     for tables without one"
                ),
                "set $table_prefix in wp-config.php",
            )
        } else {
            Finding::ok(NAME, text)
        }
    } else {
        Finding::warning(
            NAME,
            format!("without transactions: {}", engines.join(", ")),
            "convert them (ALTER TABLE … ENGINE=InnoDB): a failure may leave half of a registration behind",
        )
    });
    Ok(true)
}

/// Neither wp-config.php nor another prefix than the usual one in the settings says it.
fn is_prefix_assumed(subject: &Subject<'_>) -> bool {
    let Wordpress { path, table_prefix, .. } = &subject.settings.wordpress;
    let variable = |name: &str| subject.environment.get(name).cloned();
    let config = path.as_ref().and_then(|path| WpConfig::find(path, &variable).ok());
    let says_none = config.is_some_and(|config| matches!(config.table_prefix(), Ok(None)));
    says_none && *table_prefix == TablePrefix::default()
}

/// What stands before the tables of each WordPress here.
fn prefixes(tables: &[String]) -> Vec<&str> {
    let prefix = |table: &'_ String| -> Option<&str> {
        tables.iter().find(|found| *found == table)?.strip_suffix("options")
    };
    let is_site = |prefix: &&str| tables.iter().any(|table| table.strip_prefix(prefix) == Some("posts"));
    tables.iter().filter_map(prefix).filter(is_site).collect()
}
