//! Whether the database can be reached, and which server that is.

use super::finding::{Finding, Report};
use crate::settings::Settings;
use crate::store::needs::{SiteParts, minimal_account};
use crate::store::server::ServerFacts;
use crate::store::{self, Db, Place, StoreError};

const NAME: &str = "database";

/// The oldest servers that are tested.
const OLDEST_MARIADB: (u32, u32) = (10, 6);
const OLDEST_MYSQL: (u32, u32) = (8, 0);

/// Connects; `None` when that fails, which is then a finding.
pub async fn connect(report: &mut Report, settings: &Settings) -> Option<(Db, ServerFacts)> {
    let opened = match (store::place(&settings.database), Db::open(&settings.database, &settings.wordpress)) {
        (Ok(place), Ok(db)) => Ok((place, db)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    let (place, db) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            report.add(Finding::failed(NAME, error.to_string(), "correct database.url"));
            return None;
        }
    };
    match db.find_server().await {
        Ok(server) if server.database.is_empty() => {
            let text = format!("no database is named for the server at {}", place.address);
            report.add(Finding::failed(NAME, text, "add its name to database.url"));
            None
        }
        Ok(server) => {
            let takes_writes = !server.is_read_only
                || db
                    .list_grants(&server)
                    .await
                    .is_ok_and(|found| found.write_in_spite_of_read_only(&server));
            report.add(described(&server, &place, takes_writes));
            Some((db, server))
        }
        Err(error) => {
            report.add(Finding::failed(
                NAME,
                format!("{} at {}, account {}", said(&error), place.address, place.user),
                advice(&error),
            ));
            // ER_DBACCESS_DENIED_ERROR: the account has no right in it at all.
            if let (Some(1044), Some(name)) = (error.number(), &place.database) {
                let parts = SiteParts {
                    network: settings.wordpress.network.is_some(),
                    buddypress: false,
                    components: &[],
                };
                report.minimal_account = minimal_account(name, host_of(&place), &db.tables().needs(parts));
            }
            None
        }
    }
}

/// The error without the word that this finding begins with.
fn said(error: &StoreError) -> String {
    let text = error.to_string();
    text.strip_prefix("database: ").unwrap_or(&text).to_owned()
}

/// From where the server will see the service.
fn host_of(place: &Place) -> &'static str {
    if place.is_remote { "%" } else { "localhost" }
}

fn described(server: &ServerFacts, place: &Place, takes_writes: bool) -> Finding {
    let tls = if server.has_tls { ", TLS" } else { "" };
    let text = format!(
        "{} {} at {}{tls}, database {}, account {}",
        server.product(),
        server.version,
        place.address,
        server.database,
        server.account
    );
    let oldest = if server.product() == "MariaDB" { OLDEST_MARIADB } else { OLDEST_MYSQL };
    if server.is_read_only && takes_writes {
        return Finding::warning(
            NAME,
            format!("{text}: read_only is on, and this account may write all the same"),
            "if this is a replica, name the primary server in DB_HOST or database.url: what is written here is not \
             written there",
        );
    }
    if server.is_read_only {
        return Finding::failed(
            NAME,
            format!("{text}: it takes no writes (read_only is on)"),
            "name the primary server in DB_HOST or database.url; this seems to be a replica",
        );
    }
    if server.release().is_some_and(|release| release < oldest) {
        let advice = format!("{} {}.{} is the oldest that is tested", server.product(), oldest.0, oldest.1);
        return Finding::warning(NAME, text, advice);
    }
    if place.is_remote && !server.has_tls {
        return Finding::warning(
            NAME,
            format!("{text}: without TLS"),
            "password hashes cross the network readable: turn TLS on in the server, or ssl-mode=required in database.url",
        );
    }
    Finding::ok(NAME, text)
}

/// By the servers' own numbers, MariaDB's and MySQL's.
fn advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::NoConnection => {
            "no answer: is the address right, and does a firewall let the service through?"
        }
        StoreError::NeedsTls => "of these ways TLS is the better one",
        error if error.lacks_tls() => {
            "turn TLS on in the server, or drop ssl-mode from database.url or MYSQL_CLIENT_FLAGS from wp-config.php"
        }
        error if error.is_of_protocol() => {
            "let the account log in by mysql_native_password (MariaDB) or caching_sha2_password (MySQL); and see that a \
             MariaDB or MySQL listens there"
        }
        error => match error.number() {
            Some(1044) => {
                "grant the account its rights in this database, see below, or make the role that has them its default \
                 (SET DEFAULT ROLE); then check again, BuddyPress may need more"
            }
            Some(1045) => {
                "the server refuses name or password: compare DB_USER and DB_PASSWORD, or database.url, with the account; \
                 it may also be an account of another host than this one, or one that wants TLS (REQUIRE SSL)"
            }
            Some(1698) => {
                "the account has no password but is the system user of its name (unix_socket, auth_socket): give the \
                 service an account with a password"
            }
            Some(3118 | 4151) => "unlock the account: ALTER USER … ACCOUNT UNLOCK",
            Some(1820 | 1862) => {
                "the password has expired: set one by ALTER USER … IDENTIFIED BY, and the same in DB_PASSWORD or \
                 database.url"
            }
            Some(1049) => "there is no such database: compare DB_NAME, or database.url, with SHOW DATABASES",
            Some(1130) => "the account may not come from this machine: create it for this host",
            Some(1040 | 1203 | 1226) => {
                "the server is full: raise its limits or lower database.max_connections"
            }
            _ => "is the server running, and is the address right? DB_HOST or database.url",
        },
    }
}
