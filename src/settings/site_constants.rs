//! From the constants of wp-config.php to settings: what each is for, and which setting takes its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::database_url::DatabaseUrl;
use super::db_host::{DbHost, client_flags};
use super::layers::Layers;
use super::read::Reader;
use super::secret::{SecretString, secret};
use super::web_address::is_web_address;
use super::wp_config::{Unresolved, WpConfig};
use super::{Database, DatabaseSource, Keys, Network, SettingsError, UploadConstants, Wordpress};
use crate::wp::salts::SaltConstants;
use crate::wp::table_prefix::TablePrefix;
use crate::wp::version::WpVersion;

/// What takes the place of a constant that wp-config.php alone can say.
const NO_SETTING: &str = "";

/// wp-config.php of the site.
#[derive(Debug)]
pub struct SiteConstants {
    config: WpConfig,
}

impl SiteConstants {
    /// Finds and reads the file for the folder of wp-settings.php.
    pub fn read(path: &Path, environment: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let variable = |name: &str| environment.get(name).cloned();
        let config = WpConfig::find(path, &variable).map_err(SettingsError::WpConfig)?;
        for problem in config.problems() {
            tracing::warn!(%problem, "wp-config.php");
        }
        Ok(Self { config })
    }

    /// A text; what cannot be resolved is an error that names the setting to use instead.
    fn text(&self, name: &str, setting: &'static str) -> Result<Option<String>, SettingsError> {
        self.config.string(name).map_err(|unresolved| cannot(&unresolved, setting))
    }

    fn truthy(&self, name: &str) -> Result<bool, SettingsError> {
        Ok(self.config.truthy(name).map_err(|unresolved| cannot(&unresolved, NO_SETTING))?.unwrap_or(false))
    }

    fn defined(&self, name: &str) -> bool {
        !matches!(self.config.constant(name), Ok(None))
    }

    fn number(&self, name: &str, default: u64) -> Result<u64, SettingsError> {
        let number = self.config.int(name).map_err(|unresolved| cannot(&unresolved, NO_SETTING))?;
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(default))
    }

    /// The constants that move the uploads. One that cannot be resolved costs the uploaded avatars, not the start.
    fn uploads(&self) -> Option<UploadConstants> {
        let text = |name: &str| match self.config.string(name) {
            Ok(text) => Some(text),
            Err(unresolved) => {
                tracing::warn!(%unresolved, "uploaded avatars are not looked for; set wordpress.uploads_path");
                None
            }
        };
        Some(UploadConstants {
            content_dir: text("WP_CONTENT_DIR")?,
            content_url: text("WP_CONTENT_URL")?,
            uploads: text("UPLOADS")?,
            avatar_path: text("BP_AVATAR_UPLOAD_PATH")?,
            avatar_url: text("BP_AVATAR_URL")?,
        })
    }

    /// `is_multisite()`, with the numbers of network and site.
    fn network(&self) -> Result<Option<Network>, SettingsError> {
        let multisite = if self.defined("MULTISITE") {
            self.truthy("MULTISITE")?
        } else {
            ["SUBDOMAIN_INSTALL", "VHOST", "SUNRISE"].iter().any(|name| self.defined(name))
        };
        if !multisite {
            return Ok(None);
        }
        let blog_id = self.number("BLOG_ID_CURRENT_SITE", 1)?;
        Ok(Some(Network { id: self.number("SITE_ID_CURRENT_SITE", 1)?, blog_id }))
    }
}

fn cannot(unresolved: &Unresolved, setting: &'static str) -> SettingsError {
    SettingsError::Unresolved { unresolved: unresolved.to_string(), setting }
}

/// `wordpress.*` with what the file alone says.
pub fn wordpress(
    reader: &Reader<'_>,
    path: Option<PathBuf>,
    site: Option<&SiteConstants>,
    said: &Layers,
) -> Result<Wordpress, SettingsError> {
    // An empty text is a value nobody gave.
    let given = |setting: &str, accept: fn(&str) -> bool| {
        let text = reader.with(setting, |text| (text.is_empty() || accept(text)).then(|| text.to_owned()))?;
        Ok::<_, SettingsError>(text.filter(|text| !text.is_empty()))
    };
    let chosen = |setting: &'static str, constant: &str, accept| match (given(setting, accept)?, site) {
        (Some(text), _) => Ok(Some(text)),
        (None, Some(site)) => site.text(constant, setting),
        (None, None) => Ok(None),
    };
    let constant = |name: &str| match site {
        Some(site) => site.text(name, NO_SETTING),
        None => Ok(None),
    };
    let table =
        |name: &str| Ok::<_, SettingsError>(constant(name)?.and_then(|name| TablePrefix::parse(&name)));
    Ok(Wordpress {
        path,
        version: reader
            .with("wordpress.version", |text| {
                if text.is_empty() { Some(None) } else { WpVersion::parse(text).map(Some) }
            })?
            .flatten(),
        table_prefix: table_prefix(reader, site, said)?,
        user_table: table("CUSTOM_USER_TABLE")?,
        user_meta_table: table("CUSTOM_USER_META_TABLE")?,
        siteurl: chosen("wordpress.siteurl", "WP_SITEURL", is_web_address)?,
        home: chosen("wordpress.home", "WP_HOME", is_web_address)?,
        cookie_hash: chosen("wordpress.cookie_hash", "COOKIEHASH", is_of_cookie_name)?,
        logged_in_cookie: constant("LOGGED_IN_COOKIE")?,
        auth_cookie: constant("AUTH_COOKIE")?,
        secure_auth_cookie: constant("SECURE_AUTH_COOKIE")?,
        // What cannot be told is the default, 30 days.
        no_trash: site.is_some_and(|site| matches!(site.config.truthy("EMPTY_TRASH_DAYS"), Ok(Some(false)))),
        network: site.map(SiteConstants::network).transpose()?.flatten(),
        uploads_path: reader.reasoned("wordpress.uploads_path", folder)?.flatten(),
        uploads_url: given("wordpress.uploads_url", is_web_address)?,
        uploads: site.and_then(SiteConstants::uploads),
    })
}

/// PHP's `setcookie()` refuses a name with any of these, and so WordPress could log nobody in.
fn is_of_cookie_name(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || matches!(c, '=' | ',' | ';' | ' '))
}

/// A folder that is there, for a slip of the pen would cost the uploaded avatars without a word. Empty: none.
fn folder(text: &str) -> std::io::Result<Option<PathBuf>> {
    if text.is_empty() {
        return Ok(None);
    }
    if !std::fs::metadata(text)?.is_dir() {
        return Err(std::io::ErrorKind::NotADirectory.into());
    }
    Ok(Some(PathBuf::from(text)))
}

/// The setting, unless it is only the default and the file says another.
fn table_prefix(
    reader: &Reader<'_>,
    site: Option<&SiteConstants>,
    said: &Layers,
) -> Result<TablePrefix, SettingsError> {
    const NAME: &str = "wordpress.table_prefix";
    if let Some(site) = site.filter(|_| said.is_default(NAME)) {
        let prefix = site.config.table_prefix().map_err(|unresolved| cannot(&unresolved, NAME))?;
        if let Some(prefix) = prefix {
            return TablePrefix::parse(&prefix).ok_or_else(|| SettingsError::NotAllowed {
                key: NAME,
                origin: site.config.path().display().to_string(),
                allowed: "letters, digits and _",
                found: format!(" = {prefix:?}"),
                why: String::new(),
            });
        }
    }
    Ok(reader.with(NAME, TablePrefix::parse)?.unwrap_or_default())
}

/// `database.*`, or `DB_*` where no URL is set.
pub fn database(reader: &Reader<'_>, site: Option<&SiteConstants>) -> Result<Database, SettingsError> {
    const URL: &str = "database.url";
    let url = reader.reasoned(URL, |text| match text {
        "" => Ok(None),
        text => DatabaseUrl::parse(text).map(Some),
    })?;
    let text = |name: &str| match site {
        Some(site) => site.text(name, URL),
        None => Ok(None),
    };
    let source = match (url.flatten(), site) {
        (Some(url), _) => DatabaseSource::Url(url),
        (None, None) => return Err(SettingsError::NoDatabase),
        (None, Some(site)) => constants(site)?,
    };
    // Charset and collation are the site's also where the way to the database is another.
    let optional = |name: &str| {
        if matches!(source, DatabaseSource::Url(_)) { Ok(text(name).ok().flatten()) } else { text(name) }
    };
    let of_url = |part: fn(&DatabaseUrl) -> Option<&str>| match &source {
        DatabaseSource::Url(url) => part(url).map(str::to_owned),
        DatabaseSource::Constants { .. } => None,
    };
    let most = reader.number("database.max_connections", 1, 1000)?;
    Ok(Database {
        charset: of_url(DatabaseUrl::charset)
            .map_or_else(|| optional("DB_CHARSET"), |text| Ok(Some(text)))?,
        collate: of_url(DatabaseUrl::collation)
            .map_or_else(|| optional("DB_COLLATE"), |text| Ok(Some(text)))?,
        max_connections: u32::try_from(most).unwrap_or(u32::MAX),
        statement_deadline: reader.seconds("database.statement_seconds", 1, 3600)?,
        source,
    })
}

fn constants(site: &SiteConstants) -> Result<DatabaseSource, SettingsError> {
    const URL: &str = "database.url";
    let required = |name: &str| {
        site.text(name, URL)?.ok_or_else(|| SettingsError::Unresolved {
            unresolved: format!("{name} is not defined in {}", site.config.path().display()),
            setting: URL,
        })
    };
    let host = required("DB_HOST")?;
    let parsed = DbHost::parse(&host).ok_or_else(|| SettingsError::Unresolved {
        unresolved: format!("DB_HOST in {} is no host", site.config.path().display()),
        setting: URL,
    })?;
    let port = |port: Option<u64>| match port.map(u16::try_from) {
        Some(Err(_)) => Err(SettingsError::Unresolved {
            unresolved: format!("DB_HOST in {} has no port number", site.config.path().display()),
            setting: URL,
        }),
        Some(Ok(port)) => Ok(Some(port)),
        None => Ok(None),
    };
    let flags = site.config.int("MYSQL_CLIENT_FLAGS").map_err(|unresolved| cannot(&unresolved, URL))?;
    Ok(DatabaseSource::Constants {
        host: parsed.host,
        port: port(parsed.port)?,
        socket: parsed.socket.map(PathBuf::from),
        user: required("DB_USER")?,
        password: secret(&required("DB_PASSWORD")?),
        name: required("DB_NAME")?,
        tls: flags.unwrap_or(0) & client_flags::SSL != 0,
    })
}

/// `keys.*` by lower-case name; a setting hides the constant.
pub fn keys(reader: &Reader<'_>, site: Option<&SiteConstants>) -> Result<Keys, SettingsError> {
    let mut keys = Vec::new();
    for (constant, setting) in SaltConstants::NAMES.iter().zip(SETTINGS) {
        let value: Option<SecretString> = match (reader.secret(setting)?, site) {
            (Some(value), _) => Some(value),
            (None, Some(site)) => site.text(constant, setting)?.map(|text| secret(&text)),
            (None, None) => None,
        };
        keys.extend(value.map(|value| (*constant, value)));
    }
    Ok(Keys(keys))
}

/// The settings in the order of [`SaltConstants::NAMES`].
const SETTINGS: [&str; 10] = [
    "keys.auth_key",
    "keys.auth_salt",
    "keys.secure_auth_key",
    "keys.secure_auth_salt",
    "keys.logged_in_key",
    "keys.logged_in_salt",
    "keys.nonce_key",
    "keys.nonce_salt",
    "keys.secret_key",
    "keys.secret_salt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_salt_constant_has_the_setting_of_its_name() {
        for (constant, setting) in SaltConstants::NAMES.iter().zip(SETTINGS) {
            assert_eq!(setting, format!("keys.{}", constant.to_ascii_lowercase()));
        }
    }
}
