//! `wp-sidecar check`: reads the same settings as `serve`, looks at what they lead to, and says what is wrong.
//!
//! Nothing is ever written to the database: not a row, not a salt. What is found is in one file a subject.

mod buddypress;
mod clock;
mod constants;
mod cookies;
mod database;
mod facebook;
mod finding;
mod grants;
mod hashes;
mod limits;
mod live;
mod mail;
mod object_cache;
mod permalinks;
mod registration;
mod salts;
mod tables;
mod version;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;

use super::SettingsArguments;
use super::given;
use crate::account::site::Site;
use crate::ambient::Clock;
use crate::app::version::{Detected, detect};
use crate::settings::{Settings, Sources};
use crate::store::needs::{Need, SiteParts};
use crate::store::server::ServerFacts;
use crate::store::{Db, StoreError};
use finding::{Finding, Report};
pub use salts::stand_in;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingsArguments,
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    /// The live site, for example https://example.org: proves that it accepts the service's cookie. A logged-in
    /// user's cookie (`wordpress_logged_in_…`) is read from standard input.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// What the subjects are found on.
struct Subject<'a> {
    settings: &'a Settings,
    /// wp-config.php may ask for it.
    environment: &'a BTreeMap<String, String>,
    db: &'a Db,
    server: &'a ServerFacts,
    version: &'a Detected,
    now: i64,
}

/// Looks and prints. The exit code is 1 when something has failed.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let live = match arguments.url {
        Some(url) => Some((url, given::read_input("a logged-in user's cookie")?)),
        None => None,
    };
    let sources = arguments.settings.sources();
    let mut report = Report::new(arguments.json);
    actix_web::rt::System::new().block_on(examine(&mut report, &sources, live));
    report.finish()?;
    Ok(if report.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(report: &mut Report, sources: &Sources, live: Option<(String, Vec<u8>)>) {
    let settings = match Settings::load(sources) {
        Ok(settings) => settings,
        Err(error) => {
            report.add(constants::refused(&error));
            return;
        }
    };
    report.add(constants::wp_config(&settings, &sources.environment));
    let version = detect(&settings.wordpress);
    let clock = Clock::System;
    if let Some((db, server)) = database::connect(report, &settings).await {
        let subject = Subject {
            settings: &settings,
            environment: &sources.environment,
            db: &db,
            server: &server,
            version: &version,
            now: clock.now(),
        };
        report.add(clock::difference(server.now, subject.now));
        if let Err(error) = subject.examine(report, live).await {
            report.add(Finding::failed("site", error.to_string(), "see the findings above"));
        }
        db.close().await;
    }
    report.add(mail::transport(&settings.mail, sources).await);
    report.add(facebook::app(&settings.facebook));
    report.add(limits::budgets(&settings.limits).await);
    report.add(object_cache::drop_in(&settings.wordpress));
}

impl Subject<'_> {
    /// What is found in the tables. They are looked for first: without them nothing else makes sense.
    async fn examine(&self, report: &mut Report, live: Option<(String, Vec<u8>)>) -> Result<(), StoreError> {
        let tables = self.db.list_tables().await?;
        let site = self.look().await;
        let needs = self.needs(site.as_ref().ok());
        grants::check(report, self, &needs).await?;
        let complete = tables::check(report, self, &tables, &needs).await?;
        let site = match site {
            Ok(site) => site,
            // The reason is told by then.
            Err(_) if !complete || report.has_failed() => return Ok(()),
            Err(error) => return Err(error),
        };
        report.add(version::known(self).await?);
        report.add(salts::origin(self).await?);
        report.add(cookies::names(&self.settings.wordpress, &site));
        report.add(registration::open(self, &site).await?);
        report.add(buddypress::components(&site, &tables, self.db));
        report.add(permalinks::base(self, &site).await?);
        report.add(hashes::cost(self).await?);
        if let Some((url, cookie)) = live {
            live::prove(report, self, &site, &url, &cookie).await?;
        }
        Ok(())
    }

    /// The site, whatever it lacks: stand-ins take the place of salts that nobody has made yet.
    async fn look(&self) -> Result<Site, StoreError> {
        let Settings { wordpress, keys, features, .. } = self.settings;
        let version = self.version.version;
        let mut keys = keys.clone();
        let mut look = async || {
            let found =
                Site::look(self.db, wordpress, &keys, &features.protected_meta, version, None).await?;
            if let Err(missing) = &found {
                salts::stand_in(&mut keys, missing);
            }
            Ok::<_, StoreError>(found)
        };
        if let Ok(site) = look().await? {
            return Ok(site);
        }
        look().await?.map_err(|_| StoreError::Settings("keys and salts cannot be told".to_owned()))
    }

    /// What the service needs here. Of a site that cannot be read, BuddyPress is not known.
    fn needs(&self, site: Option<&Site>) -> Vec<Need> {
        let components = site.map(|site| site.components.as_slice()).unwrap_or_default();
        let buddypress = site.is_some_and(|site| site.buddypress);
        let network = self.settings.wordpress.network.is_some();
        self.db.tables().needs(SiteParts { network, buddypress, components })
    }
}
