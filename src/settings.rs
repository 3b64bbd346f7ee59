//! The settings: raw layers parsed into types that cannot hold nonsense.
//!
//! Layers, later ones win: defaults, the site's wp-config.php, `wp-sidecar.toml`, the environment, the command
//! line. Nothing here looks at the database.

pub mod database_url;
pub mod db_host;
pub mod environment_use;
mod error;
mod facebook;
mod file;
pub mod keys;
mod layers;
mod limits;
mod mail;
mod origin;
pub mod rate;
mod read;
pub mod secret;
mod sections;
mod site_constants;
pub mod smtp;
pub mod version_file;
pub mod web_address;
pub mod wp_config;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use error::SettingsError;
pub use origin::Origin;
pub use sections::*;
pub use wp_config::{WpConfig, WpConfigError};

use layers::Layers;
use read::Reader;

/// Where the layers come from. Values may be secret, so there is no Debug.
#[derive(Clone, Default)]
pub struct Sources {
    /// `--config FILE`
    pub config_file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The names of variables that are not UTF-8. A setting among them is refused.
    pub unreadable: Vec<String>,
    /// Settings given on the command line, by name.
    pub command_line: Vec<(String, String)>,
}

/// All settings.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the sections say it")]
pub struct Settings {
    pub server: Server,
    pub wordpress: Wordpress,
    pub database: Database,
    pub keys: Keys,
    pub mail: Mail,
    pub limits: Limits,
    pub hashing: Hashing,
    pub auth: Auth,
    pub facebook: Facebook,
    pub features: Features,
}

impl Settings {
    /// Reads and merges all layers.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let mut said = Layers::defaults();
        if let Some(path) = &sources.config_file {
            said.add_file(path)?;
        }
        if let Some(variable) = sources.unreadable.iter().find(|name| layers::is_setting(name)) {
            return Err(SettingsError::NotUtf8 { variable: variable.clone() });
        }
        said.add_environment(&sources.environment)?;
        for (name, value) in &sources.command_line {
            said.set(name, value.clone(), "command line")?;
        }
        let reader = Reader::new(&said);
        // The path decides which wp-config.php is read, so it is resolved before all else.
        let path = reader.text("wordpress.path")?.map(PathBuf::from);
        let site = match &path {
            Some(path) => Some(site_constants::SiteConstants::read(path, &sources.environment)?),
            None => None,
        };
        Self::from_layers(&reader, path, site.as_ref(), &said)
    }

    fn from_layers(
        reader: &Reader<'_>,
        path: Option<PathBuf>,
        site: Option<&site_constants::SiteConstants>,
        said: &Layers,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            server: Server {
                listen: reader.parsed("server.listen")?.unwrap_or_else(|| ([127, 0, 0, 1], 8080).into()),
                trusted_proxies: proxies(reader)?,
                stop: reader.seconds("server.stop_seconds", 1, 600)?,
            },
            wordpress: site_constants::wordpress(reader, path, site, said)?,
            database: site_constants::database(reader, site)?,
            keys: site_constants::keys(reader, site)?,
            mail: mail::read(reader)?,
            limits: limits::read(reader)?,
            hashing: limits::read_hashing(reader)?,
            auth: Auth {
                max_cookie_seconds: i64::try_from(reader.number(
                    "auth.max_cookie_seconds",
                    1,
                    u64::from(u32::MAX),
                )?)
                .unwrap_or(i64::MAX),
                max_sessions: usize::try_from(reader.number("sessions.max_per_user", 1, 1_000_000)?)
                    .unwrap_or(usize::MAX),
            },
            facebook: facebook::read(reader)?,
            features: Features {
                protected_meta: protected_meta(reader)?,
                ignore_visibility: reader.switch("xprofile.ignore_visibility")?,
                trust_client_status: reader.switch("comments.trust_client_status")?,
                allowed_origins: reader.list("cors.allowed_origins")?,
                docs: reader.switch("docs.enabled")?,
                metrics_listen: reader.parsed("metrics.listen")?,
            },
        })
    }
}

/// Names of meta keys; a `*` elsewhere than at the end would be taken by its letter and protect nothing.
fn protected_meta(reader: &Reader<'_>) -> Result<Vec<String>, SettingsError> {
    struct Pattern(String);
    impl std::str::FromStr for Pattern {
        type Err = ();
        fn from_str(text: &str) -> Result<Self, ()> {
            let start = text.strip_suffix('*').unwrap_or(text);
            if start.contains('*') { Err(()) } else { Ok(Self(text.to_owned())) }
        }
    }
    Ok(reader.list::<Pattern>("meta.protected")?.into_iter().map(|pattern| pattern.0).collect())
}

/// Networks, or single addresses.
fn proxies(reader: &Reader<'_>) -> Result<Vec<ipnet::IpNet>, SettingsError> {
    struct Proxy(ipnet::IpNet);
    impl std::str::FromStr for Proxy {
        type Err = ();
        fn from_str(text: &str) -> Result<Self, ()> {
            let address = || text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            text.parse().or_else(|_| address()).map(Self).map_err(drop)
        }
    }
    Ok(reader.list::<Proxy>("server.trusted_proxies")?.into_iter().map(|proxy| proxy.0).collect())
}
