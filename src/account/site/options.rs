//! The options that describe a site, of the site and of its network.

use crate::settings::Wordpress;
use crate::store::{Db, StoreError};
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::salts::Secret;
use crate::wp::time_zone::SiteZone;

/// The options read.
const OPTIONS: &[&str] = &[
    "siteurl",
    "home",
    "json_api_base",
    "json_api_controllers",
    "blog_charset",
    "WPLANG",
    "active_plugins",
    "bp-active-components",
    "blogname",
    "admin_email",
    "bp-disable-profile-sync",
    "bp-xprofile-fullname-field-name",
    "gmt_offset",
    "timezone_string",
    "upload_path",
    "upload_url_path",
    "show_avatars",
    "avatar_default",
    "avatar_rating",
];

/// Options that hold what no constant says; those of the network where there is one.
const SALT_OPTIONS: &[&str] = &[
    "auth_key",
    "auth_salt",
    "secure_auth_key",
    "secure_auth_salt",
    "logged_in_key",
    "logged_in_salt",
    "nonce_key",
    "nonce_salt",
];

/// Options of a network, from `sitemeta`.
const NETWORK_OPTIONS: &[&str] = &["siteurl", "site_name", "active_sitewide_plugins"];

/// The options as read, by name.
pub(super) struct Options {
    site: Vec<(String, Vec<u8>)>,
    network: Option<Vec<(String, Vec<u8>)>>,
}

impl Options {
    pub(super) async fn read(db: &Db, wordpress: &Wordpress) -> Result<Self, StoreError> {
        let network = match wordpress.network {
            Some(network) => {
                Some(db.list_site_options(network.id, &[NETWORK_OPTIONS, SALT_OPTIONS].concat()).await?)
            }
            None => None,
        };
        Ok(Self { site: db.list_options(&[OPTIONS, SALT_OPTIONS].concat()).await?, network })
    }

    pub(super) fn optional(&self, name: &str) -> Option<String> {
        lookup(&self.site, name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.optional(name).unwrap_or_default()
    }

    pub(super) fn network_text(&self, name: &str) -> String {
        let value = self.network.as_ref().and_then(|rows| lookup(rows, name));
        value.map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
    }

    /// BuddyPress's active components: those whose value is truthy, and what a site without the option has.
    pub(super) fn components(&self) -> Vec<String> {
        let Some(stored) = lookup(&self.site, "bp-active-components") else {
            let names = ["activity", "members", "notifications", "settings", "xprofile"];
            return names.map(str::to_owned).to_vec();
        };
        let components = maybe_unserialize(stored).into_array().unwrap_or_default();
        let active = |value: &PhpValue| !matches!(value.to_text().as_deref(), None | Some(b"" | b"0"));
        let active = components.iter().filter(|(_, value)| active(value));
        active.map(|(name, _)| String::from_utf8_lossy(&name.to_bytes()).into_owned()).collect()
    }

    /// `wp_timezone()`
    pub(super) fn zone(&self) -> SiteZone {
        SiteZone::new(&self.text("timezone_string"), &self.text("gmt_offset"))
    }

    /// A site option: of the network where there is one.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        let rows = self.network.as_ref().unwrap_or(&self.site);
        lookup(rows, name).map(|value| Secret::from(value.to_vec()))
    }

    /// True when the plugin is active on the site or in its whole network.
    pub(super) fn lists_plugin(&self, plugin: &str) -> bool {
        let array = |value: Option<&[u8]>| match value.map(maybe_unserialize) {
            Some(PhpValue::Array(array)) => array,
            _ => PhpArray::default(),
        };
        let active = array(lookup(&self.site, "active_plugins"));
        let sitewide = array(self.network.as_ref().and_then(|rows| lookup(rows, "active_sitewide_plugins")));
        active.iter().any(|(_, value)| value.as_bytes() == Some(plugin.as_bytes()))
            || sitewide.contains_key(plugin)
    }
}

/// The option's value; the collation may have matched other letter cases, the name must not.
fn lookup<'a>(rows: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    rows.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_slice())
}
