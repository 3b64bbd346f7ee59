//! Nobody learns from the time that a login takes which users exist: what is hashed is counted, not timed.

use std::sync::Arc;

use actix_web::rt::System;
use wp_sidecar::account::Context;
use wp_sidecar::account::authenticate::{AuthenticateError, Refusal};
use wp_sidecar::account::caller::Caller;
use wp_sidecar::ambient::{Clock, Random};
use wp_sidecar::app::App;
use wp_sidecar::settings::{Settings, Sources};
use wp_sidecar::wp::password::HashWork;

use crate::app::dump;
use crate::server::Server;

/// Users of the dump, besides those made here.
const HASHES: [(&str, &str); 7] = [
    ("editor", "''"),
    ("mary jane", "'*'"),
    ("bob@example.com", "'!disabled by somebody'"),
    ("tworoles", "'$2y$'"),
    ("norole", "'$wp$2y$10$short'"),
    ("spammer", "'$P$Bshort'"),
    ("admin", "'$unknown$kind$of$hash$that$is$long$enough$'"),
];

/// What a wrong password of each of these names makes the service hash.
fn refused_work(version: &str, names: &[&str]) -> Vec<(HashWork, Refusal)> {
    let server = Server::mariadb();
    let database = server.database_from(&dump(version));
    for (login, hash) in HASHES {
        server
            .exec(&database, &format!("UPDATE wp_users SET user_pass = {hash} WHERE user_login = '{login}'"));
    }
    let settings = [("database.url", server.url(&database)), ("wordpress.version", version.to_owned())];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    let sources = Sources { command_line: settings.into(), ..Sources::default() };
    let settings = Settings::load(&sources).unwrap_or_else(|error| panic!("{error}"));
    System::new().block_on(async {
        let app = Arc::new(App::new(settings, Clock::System, Random::System).expect("an application"));
        let site = app.refresh().await.expect("a site");
        let now = app.clock.now();
        let context = Context {
            db: &app.db,
            hashing: &app.hashing,
            limits: &app.limits,
            caller: &Caller::stays(),
            site: &site,
            random: &app.random,
            now,
        };
        let mut seen = Vec::new();
        for name in names {
            match context.authenticate(name.as_bytes(), b"wrong Pass 1", None).await {
                Err(AuthenticateError::Refused { work, reason, .. }) => seen.push((work, reason)),
                other => panic!("{name}: {other:?}"),
            }
        }
        app.db.close().await;
        seen
    })
}

#[test]
fn every_refused_login_does_the_same_hash_work() {
    let unknown = ["nobody", "nobody@example.com", "ünknown", "<b>", "nul\0", "x' OR 1"];
    let mut names = vec!["john", "oldmd5"];
    names.extend(unknown);
    names.extend(HASHES.map(|(login, _)| login));
    for version in ["6.1", "6.8", "7.1"] {
        let seen = refused_work(version, &names);
        let (reference, _) = seen[0];
        assert_ne!(reference, HashWork::default(), "{version}");
        for (name, (work, reason)) in names.iter().zip(seen) {
            if reason == Refusal::Empty {
                // Told before any user is looked for: the same for every name.
                assert_eq!(*name, "<b>");
                continue;
            }
            assert_eq!(work, reference, "{name} of {version}");
            let known = !unknown.contains(name);
            let told = if known { Refusal::IncorrectPassword } else { Refusal::UnknownUser };
            assert_eq!(reason, told, "{name} of {version}");
        }
    }
}

/// Hashes of kinds that this WordPress reads but no longer makes cost their own work on top; never less.
#[test]
fn a_wrong_password_of_a_foreign_hash_does_at_least_that_work() {
    for version in ["6.1", "6.8", "7.1"] {
        let seen = refused_work(version, &["john", "oldphpass", "vanillabcrypt", "argonuser"]);
        let (reference, _) = seen[0];
        for (work, _) in seen {
            assert!(work.bcrypt_rounds >= reference.bcrypt_rounds, "{version}");
            assert!(work.phpass_rounds >= reference.phpass_rounds, "{version}");
        }
    }
}
