//! What the whole site has in common: addresses, cookie names, salts, release. Read from the options every few
//! seconds, never per user.

mod options;

use self::options::Options;
use super::protected_meta::ProtectedMeta;
use super::uploads::{AvatarFiles, UploadOptions};
use crate::ambient::Random;
use crate::settings::secret::ExposeSecret as _;
use crate::settings::{Keys, Wordpress};
use crate::store::collation::MetaColumns;
use crate::store::{Db, StoreError};
use crate::wp::avatar::AvatarSettings;
use crate::wp::cookie_names::{self, CookieNames, NameConstants};
use crate::wp::password::{self, Reference};
use crate::wp::salts::{MissingOptions, SaltConstants, Salts, Secret, Source, salt_from_random};
use crate::wp::sanitize::{DecodeQuotes, Locale, Rules, specialchars_decode};
use crate::wp::time_zone::SiteZone;
use crate::wp::version::WpVersion;

/// The file that says BuddyPress is active.
const BUDDYPRESS: &str = "buddypress/bp-loader.php";

/// One site, as of a moment ago.
#[derive(Debug)]
pub struct Site {
    /// Whose rules hold.
    pub version: WpVersion,
    /// Option `home` without a slash at its end.
    pub home: String,
    /// The network's number, where there is one.
    pub network_id: Option<u64>,
    /// Option `json_api_base`.
    pub base: String,
    /// Option `json_api_controllers`: lower case, no blanks.
    pub controllers: Vec<String>,
    /// Option `blog_charset`.
    pub charset: String,
    /// The site's language.
    pub locale: Locale,
    /// Names of the cookies.
    pub cookies: CookieNames,
    /// Salts of cookies and nonces.
    pub salts: Salts,
    /// BuddyPress is active.
    pub buddypress: bool,
    /// BuddyPress's components that are active.
    pub components: Vec<String>,
    /// What the extended profiles of the site depend on.
    pub profiles: ProfileOptions,
    /// Where uploaded avatars lie, if that is known.
    pub avatar_files: Option<AvatarFiles>,
    /// What avatar addresses depend on.
    pub avatars: AvatarSettings,
    /// A network of sites: its users carry a spam mark of their own.
    pub multisite: bool,
    /// What a password hash usually costs here.
    pub hash_cost: Reference,
    /// `<prefix>capabilities`
    pub capabilities_key: String,
    /// What `usermeta` can hold.
    pub meta_columns: MetaColumns,
    /// The meta that no request writes or reads.
    pub protected_meta: ProtectedMeta,
    /// Where wp-login.php is: the network's `siteurl`, else the site's. No slash at its end.
    pub network_siteurl: String,
    /// Option `blogname`, decoded: it is stored with entities.
    pub blogname: String,
    /// The network's name; `blogname` where there is no network.
    pub network_name: String,
    /// Option `admin_email`.
    pub admin_email: String,
}

/// What the extended profiles of the site depend on.
#[derive(Clone, Debug)]
pub struct ProfileOptions {
    /// Option `bp-xprofile-fullname-field-name`.
    pub fullname_field: String,
    /// The user's names follow that field; option `bp-disable-profile-sync` ends it.
    pub sync: bool,
    /// The site's time zone.
    pub zone: SiteZone,
}

impl Site {
    /// Reads the options; generates salts that neither constants nor options hold, as WordPress would. `before` is
    /// what was read the last time.
    pub async fn read(
        db: &Db,
        wordpress: &Wordpress,
        keys: &Keys,
        protected_meta: &[String],
        version: WpVersion,
        random: &Random,
        before: Option<&Self>,
    ) -> Result<Self, StoreError> {
        let look = async || Self::look(db, wordpress, keys, protected_meta, version, before).await;
        match look().await? {
            Ok(site) => Ok(site),
            Err(MissingOptions(names)) => {
                generate(db, wordpress, &names, random).await?;
                // Somebody else may have been first, so what counts is what is stored now.
                look().await?.map_err(|_| inconsistent("option_value"))
            }
        }
    }

    /// The same without a write: names the salts that would be generated.
    pub async fn look(
        db: &Db,
        wordpress: &Wordpress,
        keys: &Keys,
        protected_meta: &[String],
        version: WpVersion,
        before: Option<&Self>,
    ) -> Result<Result<Self, MissingOptions>, StoreError> {
        let constants = salt_constants(keys);
        let options = Options::read(db, wordpress).await?;
        let salts = match Salts::resolve(&constants, |name| options.secret(name)) {
            Ok(salts) => salts,
            Err(missing) => return Ok(Err(missing)),
        };
        let hash_cost = usual_cost(&db.list_newest_hashes().await?);
        let meta_columns = db.find_meta_columns().await?;
        let protected_meta = ProtectedMeta::read(
            db,
            wordpress,
            protected_meta,
            &meta_columns,
            before.map(|before| &before.protected_meta),
        )
        .await?;
        let blog_prefix = db.tables().names().blog_prefix.as_str();
        let meta = (meta_columns, protected_meta);
        let mut site = Self::of(&options, wordpress, version, salts, hash_cost, blog_prefix, meta);
        if let Some(files) = &mut site.avatar_files {
            files.look_where().await;
        }
        Ok(Ok(site))
    }

    fn of(
        options: &Options,
        wordpress: &Wordpress,
        version: WpVersion,
        salts: Salts,
        hash_cost: Reference,
        blog_prefix: &str,
        (meta_columns, protected_meta): (MetaColumns, ProtectedMeta),
    ) -> Self {
        let siteurl = options.text("siteurl");
        let home = wordpress.home.clone().unwrap_or_else(|| options.text("home"));
        let home = if home.is_empty() { siteurl.clone() } else { home };
        let buddypress = options.lists_plugin(BUDDYPRESS);
        let network_siteurl = options.network_text("siteurl");
        let place = if wordpress.network.is_some() {
            cookie_names::Site::Multisite { siteurl: &network_siteurl }
        } else {
            cookie_names::Site::Single { siteurl: &siteurl, wp_siteurl: wordpress.siteurl.as_deref() }
        };
        let cookies = CookieNames::new(
            place,
            NameConstants {
                cookiehash: wordpress.cookie_hash.as_deref(),
                auth: wordpress.auth_cookie.as_deref(),
                secure_auth: wordpress.secure_auth_cookie.as_deref(),
                logged_in: wordpress.logged_in_cookie.as_deref(),
            },
        );
        let blogname = decoded(&options.text("blogname"));
        let (login_at, network_name) = match wordpress.network {
            Some(_) => (network_siteurl, options.network_text("site_name")),
            None => (wordpress.siteurl.clone().unwrap_or_else(|| siteurl.clone()), blogname.clone()),
        };
        let or = |name: &str, default: &str| options.optional(name).unwrap_or_else(|| default.to_owned());
        Self {
            version,
            home: home.trim_end_matches(['/', '\\']).to_owned(),
            network_id: wordpress.network.map(|network| network.id),
            base: or("json_api_base", "api"),
            controllers: or("json_api_controllers", "core").split(',').map(str::to_owned).collect(),
            charset: match or("blog_charset", "UTF-8") {
                empty if empty.is_empty() => "UTF-8".to_owned(),
                // get_option() writes this one name as the standard does.
                utf8 if utf8.eq_ignore_ascii_case("utf8") || utf8.eq_ignore_ascii_case("utf-8") => {
                    "UTF-8".to_owned()
                }
                other => other,
            },
            locale: Locale::parse(&options.text("WPLANG")),
            cookies,
            salts,
            buddypress,
            components: if buddypress { options.components() } else { Vec::new() },
            profiles: ProfileOptions {
                fullname_field: or("bp-xprofile-fullname-field-name", "Name"),
                sync: matches!(options.text("bp-disable-profile-sync").as_str(), "" | "0"),
                zone: options.zone(),
            },
            avatar_files: AvatarFiles::locate(
                wordpress,
                UploadOptions {
                    siteurl: wordpress.siteurl.as_deref().unwrap_or(&siteurl).trim_end_matches('/'),
                    path: &options.text("upload_path"),
                    url: &options.text("upload_url_path"),
                },
            ),
            avatars: AvatarSettings {
                version,
                buddypress,
                show: !matches!(or("show_avatars", "1").as_str(), "" | "0"),
                default: or("avatar_default", "mystery"),
                rating: or("avatar_rating", "G"),
            },
            multisite: wordpress.network.is_some(),
            hash_cost,
            capabilities_key: format!("{blog_prefix}capabilities"),
            meta_columns,
            protected_meta,
            network_siteurl: login_at.trim_end_matches('/').to_owned(),
            blogname,
            network_name,
            admin_email: options.text("admin_email"),
        }
    }

    /// BuddyPress's `bp_is_active()`.
    #[must_use]
    pub fn has_component(&self, name: &str) -> bool {
        self.components.iter().any(|component| component == name)
    }

    /// The rules that filters depend on.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { version: self.version, locale: self.locale }
    }
}

/// A name as it was typed.
fn decoded(name: &str) -> String {
    String::from_utf8_lossy(&specialchars_decode(name.as_bytes(), DecodeQuotes::All)).into_owned()
}

/// The most frequent bcrypt cost among the newest users: what this site's PHP writes.
fn usual_cost(hashes: &[Vec<u8>]) -> Reference {
    let mut counts = std::collections::BTreeMap::<u32, usize>::new();
    for cost in hashes.iter().filter_map(|hash| password::bcrypt_cost(hash)) {
        *counts.entry(cost).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count);
    usual.map_or_else(Reference::default, |(cost, _)| Reference::new(cost))
}

/// The constants that keys and salts are taken from.
#[must_use]
pub fn salt_constants(keys: &Keys) -> SaltConstants {
    SaltConstants::new(|name| constant(keys, name), None)
}

/// Where each key and salt of the site comes from: [`SaltConstants::sources`].
pub async fn salt_sources(
    db: &Db,
    wordpress: &Wordpress,
    keys: &Keys,
) -> Result<Vec<(&'static str, Source)>, StoreError> {
    let options = Options::read(db, wordpress).await?;
    Ok(salt_constants(keys).sources(|name| options.secret(name)))
}

/// The constant of that name, from the settings' keys.
fn constant(keys: &Keys, name: &str) -> Option<Secret> {
    let (_, value) = keys.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(Secret::from(value.expose_secret().as_bytes().to_vec()))
}

async fn generate(
    db: &Db,
    wordpress: &Wordpress,
    names: &[&'static str],
    random: &Random,
) -> Result<(), StoreError> {
    for name in names {
        let mut bytes = [0; 80];
        random.fill(&mut bytes);
        let salt = salt_from_random(&bytes);
        let text = String::from_utf8_lossy(salt.expose_secret());
        match wordpress.network {
            Some(network) => db.insert_site_option_if_absent(network.id, name, &text).await?,
            None => db.set_empty_option(name, &text).await?,
        }
    }
    Ok(())
}

fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent { table: "options", column, row: "salts".to_owned() }
}
