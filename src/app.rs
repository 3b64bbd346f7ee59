//! The service put together: settings, database, clock, randomness, and what is known of the site.

mod figures;
mod running;
pub mod version;

pub use running::Running;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::account::hashing::Hashing;
use crate::account::site::Site;
use crate::ambient::{Clock, Random};
use crate::facebook::Facebook;
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::settings::Settings;
use crate::store::{Db, StoreError};
use crate::wp::salts::MissingOptions;

/// How old the knowledge of the site may become.
const REFRESH: Duration = Duration::from_secs(3);

/// One running service.
#[derive(Debug)]
pub struct App {
    /// The settings.
    pub settings: Settings,
    /// The tables.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Random bytes.
    pub random: Random,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// Where mails are handed over; what it queues leaves while [`Mailer::run`] runs.
    pub mailer: Mailer,
    /// Budgets of attempts.
    pub limits: Limits,
    /// Work that goes on when its caller hangs up.
    pub running: Running,
    /// Whom Facebook tokens belong to.
    pub facebook: Facebook,
    /// Methods that write are unknown to it.
    pub reads_only: bool,
    site: RwLock<Option<Arc<Site>>>,
    /// Unix seconds.
    started: i64,
}

impl App {
    /// Puts the service together. Nothing is asked of the database yet.
    pub fn new(settings: Settings, clock: Clock, random: Random) -> Result<Self, StoreError> {
        let db = Db::open(&settings.database, &settings.wordpress)?;
        let mailer = Mailer::new(&settings.mail);
        let hashing = Hashing::new(&settings.hashing, settings.limits.enabled);
        let facebook = Facebook::new(&settings.facebook);
        let limits = Limits::new(&settings.limits);
        let (running, site) = (Running::default(), RwLock::new(None));
        let (started, reads_only) = (clock.now(), false);
        Ok(Self {
            settings,
            db,
            clock,
            random,
            hashing,
            mailer,
            limits,
            running,
            facebook,
            reads_only,
            site,
            started,
        })
    }

    /// The site as of a moment ago; `None` until it was read for the first time.
    #[must_use]
    pub fn site(&self) -> Option<Arc<Site>> {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the site anew.
    pub async fn refresh(&self) -> Result<Arc<Site>, StoreError> {
        let wordpress = &self.settings.wordpress;
        let version = version::detect(wordpress);
        let (keys, protected) = (&self.settings.keys, &self.settings.features.protected_meta);
        let before = self.site();
        let before = before.as_deref();
        let site =
            Site::read(&self.db, wordpress, keys, protected, version.version, &self.random, before).await?;
        let site = Arc::new(site);
        if before.is_none() {
            self.warn_of_tables_without_transactions().await;
        }
        let mut known = self.site.write().unwrap_or_else(PoisonError::into_inner);
        // Said at the start, and again when the site updated itself.
        if known.as_ref().is_none_or(|known| known.version != site.version) {
            version.log();
        }
        *known = Some(Arc::clone(&site));
        Ok(site)
    }

    /// Reads the site once without a write, and names the salts that [`Self::refresh`] would make.
    pub async fn look(&self) -> Result<Result<Arc<Site>, MissingOptions>, StoreError> {
        let Settings { wordpress, keys, features, .. } = &self.settings;
        let version = version::detect(wordpress).version;
        let found = Site::look(&self.db, wordpress, keys, &features.protected_meta, version, None).await?;
        let site = match found {
            Ok(site) => Arc::new(site),
            Err(missing) => return Ok(Err(missing)),
        };
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&site));
        Ok(Ok(site))
    }

    async fn warn_of_tables_without_transactions(&self) {
        let tables = match self.db.list_tables_without_transactions().await {
            Ok(tables) => tables,
            Err(error) => {
                tracing::warn!(%error, "whether the tables keep transactions is not known");
                return;
            }
        };
        for (table, engine) in tables {
            tracing::warn!(
                table,
                engine,
                "this table keeps no transactions: a failure may leave half of a registration behind, and two at \
                 once may get the same name; convert it to InnoDB"
            );
        }
    }

    /// Keeps the knowledge fresh until the service ends. A database that is away is asked again. `tell` hears how the
    /// first look ended, and of every change between good and bad.
    pub async fn keep_fresh(self: Arc<Self>, mut tell: impl FnMut(Result<&Site, &StoreError>)) {
        let mut failing = None;
        loop {
            match self.refresh().await {
                Ok(site) => {
                    if failing != Some(false) {
                        tell(Ok(&site));
                    }
                    failing = Some(false);
                }
                Err(error) => {
                    if failing != Some(true) {
                        tracing::error!(%error, "the site's options could not be read; trying again");
                        tell(Err(&error));
                    }
                    failing = Some(true);
                }
            }
            self.limits.sweep();
            tokio::time::sleep(REFRESH).await;
        }
    }
}
