//! What the commands for support work sit at: the service put together, without serving.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::check::stand_in;
use crate::account::Context;
use crate::account::caller::Caller;
use crate::account::site::Site;
use crate::ambient::{Clock, Random};
use crate::app::App;
use crate::settings::{Settings, Sources};
use crate::store::users::{UserBy, UserWithMeta};
use crate::wp::salts::MissingOptions;
use crate::wp::sessions::META_KEY;

/// The service and the site as of now.
pub struct Desk {
    /// The service.
    pub app: App,
    /// The site.
    pub site: Arc<Site>,
    /// Unix seconds.
    pub now: i64,
    caller: Caller,
}

/// Reads the site. Writes nothing, so keys and salts must be there.
pub async fn look(app: &App) -> anyhow::Result<Arc<Site>> {
    match app.look().await? {
        Ok(site) => Ok(site),
        Err(MissingOptions(names)) => {
            bail!(
                "nobody has made the salts {} yet; start serve, or log in to WordPress once",
                names.join(", ")
            )
        }
    }
}

impl Desk {
    /// Reads settings and site. Writes nothing, so keys and salts must be there.
    pub async fn open(sources: &Sources) -> anyhow::Result<Self> {
        let app = App::new(Settings::load(sources)?, Clock::System, Random::System)?;
        let site = look(&app).await?;
        Ok(Self::with(app, site))
    }

    /// The same for what signs nothing: salts that nobody has made yet may be lacking. WordPress makes them when it first
    /// needs them, so a site without TLS never has those of `secure_auth`.
    pub async fn open_to_look(sources: &Sources) -> anyhow::Result<Self> {
        let mut settings = Settings::load(sources)?;
        let app = App::new(settings.clone(), Clock::System, Random::System)?;
        match app.look().await? {
            Ok(site) => return Ok(Self::with(app, site)),
            Err(missing) => stand_in(&mut settings.keys, &missing),
        }
        let app = App::new(settings, Clock::System, Random::System)?;
        let site = look(&app).await?;
        Ok(Self::with(app, site))
    }

    fn with(app: App, site: Arc<Site>) -> Self {
        let now = app.clock.now();
        Self { app, site, now, caller: Caller::stays() }
    }

    /// The verbs of `account`.
    pub fn account(&self) -> Context<'_> {
        Context {
            db: &self.app.db,
            hashing: &self.app.hashing,
            limits: &self.app.limits,
            caller: &self.caller,
            site: &self.site,
            random: &self.app.random,
            now: self.now,
        }
    }

    /// The user of a login, an e-mail address or a number, tried in this order; with the sessions.
    pub async fn find_user(&self, name: &str) -> anyhow::Result<UserWithMeta> {
        let find = async |by| self.app.db.find_user_with_meta(by, &[META_KEY]).await;
        let mut found = find(UserBy::Login(name)).await?;
        if found.is_none() && name.contains('@') {
            found = find(UserBy::Email(name)).await?;
        }
        if let (None, Ok(id)) = (&found, name.parse()) {
            found = find(UserBy::Id(id)).await?;
        }
        found.with_context(|| format!("no user has the login, e-mail address or number {name:?}"))
    }
}
