//! The site's options about comments, read when a comment comes.

use crate::account::capabilities::{Capabilities, ROLES};
use crate::store::usermeta;
use crate::store::users::UserWithMeta;
use crate::store::{Db, StoreError};
use crate::wp::php_number::int_cast;
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::PhpValue;
use crate::wp::time_zone::SiteZone;

/// The options read, besides the roles.
const OPTIONS: &[&str] = &[
    "siteurl",
    "blogname",
    "admin_email",
    "timezone_string",
    "gmt_offset",
    "comment_moderation",
    "comment_max_links",
    "moderation_keys",
    "disallowed_keys",
    "comment_previously_approved",
    "close_comments_for_old_posts",
    "close_comments_days_old",
    "moderation_notify",
    "comments_notify",
];

/// The options by name.
#[derive(Debug)]
pub struct Options {
    rows: Vec<(String, Vec<u8>)>,
    roles: String,
    super_admins: Vec<Vec<u8>>,
}

impl Options {
    pub(super) async fn read(db: &Db, network: Option<u64>) -> Result<Self, StoreError> {
        let roles = format!("{}{ROLES}", db.tables().names().blog_prefix.as_str());
        let mut names = OPTIONS.to_vec();
        names.push(&roles);
        let rows = db.list_options(&names).await?;
        let super_admins = match network {
            Some(id) => logins(&db.list_site_options(id, &["site_admins"]).await?),
            None => Vec::new(),
        };
        Ok(Self { rows, roles, super_admins })
    }

    /// The value, empty where there is none.
    pub(super) fn get(&self, name: &str) -> &[u8] {
        let found = self.rows.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_slice()).unwrap_or_default()
    }

    /// PHP's `(bool) get_option()`.
    pub(super) fn is_on(&self, name: &str) -> bool {
        !matches!(self.get(name), b"" | b"0")
    }

    /// PHP's `(int) get_option()`.
    pub(super) fn number(&self, name: &str) -> i64 {
        int_cast(self.get(name))
    }

    /// The value as text.
    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(self.get(name)).into_owned()
    }

    pub(super) fn zone(&self) -> SiteZone {
        SiteZone::new(&self.text("timezone_string"), &self.text("gmt_offset"))
    }

    /// What a user may do on this site; the meta must hold the user's `<prefix>capabilities`.
    pub(super) fn capabilities(&self, user: &UserWithMeta, key: &str) -> Capabilities {
        if self.super_admins.contains(&user.user.login) {
            return Capabilities::everything();
        }
        let meta = usermeta::first(&user.meta, key).and_then(|row| row.value.as_deref());
        Capabilities::new(meta, self.get(&self.roles))
    }
}

/// The logins of a stored list.
fn logins(rows: &[(String, Vec<u8>)]) -> Vec<Vec<u8>> {
    let value = rows.last().map(|(_, value)| maybe_unserialize(value));
    let list = value.and_then(PhpValue::into_array).unwrap_or_default();
    list.values().filter_map(|login| login.as_bytes().map(<[u8]>::to_vec)).collect()
}
