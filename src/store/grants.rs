//! What the database lets the service's account do, as the server itself lists it.
//!
//! What the service needs is in `needs`. The rows are taken apart here and nowhere shown: those of MariaDB hold the
//! hash of the account's password.

mod statement;

use super::needs::{Need, Privilege};
use super::server::ServerFacts;
use super::{Db, StoreError, row};
use statement::{Scope, Statement};

/// Privileges named in a text before the rest is only counted.
const NAMED: usize = 4;

/// All that is granted to the account and to the roles that are active for it.
#[derive(Clone, Debug)]
pub struct Grants {
    statements: Vec<Statement>,
    /// Names of databases and tables compare without letter case.
    folds_case: bool,
    /// `%` and `_` in a database's name stand for themselves.
    is_literal: bool,
}

impl Db {
    /// The grants of the account that is connected.
    pub async fn list_grants(&self, server: &ServerFacts) -> Result<Grants, StoreError> {
        // Without FOR: MariaDB then adds the active roles and what everybody has; MySQL merges them.
        let found = self.pool.fetch_all(sqlx::query("SHOW GRANTS")).await?;
        let rows: Vec<String> = found.iter().map(|found| row::text(found, 0)).collect::<Result<_, _>>()?;
        Ok(Grants::parse(rows.iter().map(String::as_str), server))
    }
}

impl Grants {
    /// Takes the rows of `SHOW GRANTS` apart.
    fn parse<'r>(rows: impl Iterator<Item = &'r str>, server: &ServerFacts) -> Self {
        Self {
            statements: rows.filter_map(Statement::parse).collect(),
            folds_case: server.folds_case,
            is_literal: server.has_partial_revokes,
        }
    }

    /// Whether the account may do that with a table.
    #[must_use]
    pub fn allow(&self, database: &str, table: &str, privilege: Privilege) -> bool {
        let name = privilege.name();
        self.global(database, name)
            || self.on_database(database, name)
            || self.on_table(database, table, name)
    }

    /// Whether the account may write although the server is read-only.
    #[must_use]
    pub fn write_in_spite_of_read_only(&self, server: &ServerFacts) -> bool {
        let names: &[&str] = match (server.product(), server.release()) {
            // SUPER held it before it became a privilege of its own.
            ("MariaDB", Some(release)) if release < (10, 11) => &["READ_ONLY ADMIN", "SUPER"],
            ("MariaDB", _) => &["READ_ONLY ADMIN"],
            _ => &["CONNECTION_ADMIN", "SUPER"],
        };
        let is_granted = |name: &&str| {
            let mut own = self.statements.iter();
            own.any(|statement| statement.scope == Scope::Global && !statement.revokes && statement.has(name))
        };
        !server.refuses_all_writes && names.iter().any(is_granted)
    }

    /// A role is granted that may not be active: nobody made it the default.
    #[must_use]
    pub fn has_role(&self) -> bool {
        self.statements.iter().any(|statement| statement.scope == Scope::Role)
    }

    /// What is granted beyond the needs, each in a few words. What everybody has is not counted.
    #[must_use]
    pub fn excess(&self, database: &str, needs: &[Need]) -> Vec<String> {
        let own = self.statements.iter().filter(|statement| !statement.is_public && !statement.revokes);
        own.filter_map(|statement| {
            let needed: &[Privilege] = match &statement.scope {
                Scope::Table(of, table) if self.same(of, database) => {
                    let need = needs.iter().find(|need| self.same(&need.table, table));
                    need.map_or(&[], |need| need.privileges)
                }
                Scope::Role | Scope::Other => return None,
                Scope::Global | Scope::Database(_) | Scope::Table(..) => &[],
            };
            let is_needed = |name: &&String| needed.iter().any(|privilege| privilege.name() == *name);
            let mut more: Vec<&str> = statement
                .privileges
                .iter()
                .chain(&statement.on_columns)
                .filter(|name| *name != "USAGE" && !is_needed(name))
                .map(String::as_str)
                .collect();
            if statement.may_grant {
                more.push("GRANT OPTION");
            }
            (!more.is_empty()).then(|| format!("{} on {}", listed(&more), statement.scope))
        })
        .collect()
    }

    fn global(&self, database: &str, name: &str) -> bool {
        let of = |statement: &&Statement| statement.scope == Scope::Global && statement.has(name);
        let taken_away = |statement: &Statement| {
            let here = matches!(&statement.scope, Scope::Database(of) if self.same(of, database));
            statement.revokes && here && statement.has(name)
        };
        self.statements.iter().filter(|statement| !statement.revokes).any(|statement| of(&statement))
            && !self.statements.iter().any(taken_away)
    }

    /// Of the grants on databases that fit, the server looks at one alone: the most special one of each grantee.
    fn on_database(&self, database: &str, name: &str) -> bool {
        let fitting = |statement: &&Statement| match &statement.scope {
            Scope::Database(pattern) => !statement.revokes && self.fits(pattern, database),
            _ => false,
        };
        self.statements.iter().filter(fitting).filter(|statement| statement.has(name)).any(|statement| {
            let rival = |other: &&Statement| other.grantee == statement.grantee;
            let most =
                self.statements.iter().filter(fitting).filter(rival).map(|other| self.rank(other)).max();
            most.is_none_or(|most| self.rank(statement) == most)
        })
    }

    fn on_table(&self, database: &str, table: &str, name: &str) -> bool {
        self.statements.iter().any(|statement| match &statement.scope {
            Scope::Table(of, found) => {
                !statement.revokes
                    && self.same(of, database)
                    && self.same(found, table)
                    && statement.has(name)
            }
            _ => false,
        })
    }

    /// How special a name is: the characters before its first wildcard.
    fn rank(&self, statement: &Statement) -> usize {
        match &statement.scope {
            Scope::Database(pattern) if !self.is_literal => statement::literal_length(pattern),
            _ => usize::MAX,
        }
    }

    fn same(&self, one: &str, other: &str) -> bool {
        if self.folds_case { one.to_lowercase() == other.to_lowercase() } else { one == other }
    }

    fn fits(&self, pattern: &str, database: &str) -> bool {
        if self.is_literal {
            return self.same(pattern, database);
        }
        if self.folds_case {
            statement::fits(&pattern.to_lowercase(), &database.to_lowercase())
        } else {
            statement::fits(pattern, database)
        }
    }
}

/// The first names and how many more there are.
fn listed(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
