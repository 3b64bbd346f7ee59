//! The settings as types, one struct a section. None of them can hold nonsense.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::database_url::DatabaseUrl;
use super::origin::Origin;
use super::rate::Rate;
use super::secret::SecretString;
use super::smtp::SmtpServer;
use crate::wp::table_prefix::TablePrefix;
use crate::wp::version::WpVersion;

/// `server.*`
#[derive(Clone, Debug)]
pub struct Server {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long running requests and queued mails may take when the service stops.
    pub stop: Duration,
}

/// `wordpress.*`, and what wp-config.php alone says.
#[derive(Clone, Debug, Default)]
pub struct Wordpress {
    /// The folder of wp-settings.php.
    pub path: Option<PathBuf>,
    /// Said by the owner; the code under `path` wins.
    pub version: Option<WpVersion>,
    /// `$table_prefix`.
    pub table_prefix: TablePrefix,
    /// `CUSTOM_USER_TABLE`, a full table name.
    pub user_table: Option<TablePrefix>,
    /// `CUSTOM_USER_META_TABLE`, a full table name.
    pub user_meta_table: Option<TablePrefix>,
    /// `WP_SITEURL`.
    pub siteurl: Option<String>,
    /// `WP_HOME`.
    pub home: Option<String>,
    /// `COOKIEHASH`.
    pub cookie_hash: Option<String>,
    /// `LOGGED_IN_COOKIE`.
    pub logged_in_cookie: Option<String>,
    /// `AUTH_COOKIE`.
    pub auth_cookie: Option<String>,
    /// `SECURE_AUTH_COOKIE`.
    pub secure_auth_cookie: Option<String>,
    /// `EMPTY_TRASH_DAYS` is 0: there is no trash.
    pub no_trash: bool,
    /// The network of a multisite installation.
    pub network: Option<Network>,
    /// The uploads folder.
    pub uploads_path: Option<PathBuf>,
    /// Its address.
    pub uploads_url: Option<String>,
    /// Constants that move the uploads; `None` where they cannot be known.
    pub uploads: Option<UploadConstants>,
}

/// What wp-config.php says of the uploads.
#[derive(Clone, Debug, Default)]
pub struct UploadConstants {
    /// `WP_CONTENT_DIR`
    pub content_dir: Option<String>,
    /// `WP_CONTENT_URL`
    pub content_url: Option<String>,
    /// `UPLOADS`, relative to WordPress's folder.
    pub uploads: Option<String>,
    /// `BP_AVATAR_UPLOAD_PATH`
    pub avatar_path: Option<String>,
    /// `BP_AVATAR_URL`
    pub avatar_url: Option<String>,
}

/// A multisite installation's numbers.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// `SITE_ID_CURRENT_SITE`, the network.
    pub id: u64,
    /// `BLOG_ID_CURRENT_SITE`, the site served.
    pub blog_id: u64,
}

/// `database.*`
#[derive(Clone, Debug)]
pub struct Database {
    /// Where it is.
    pub source: DatabaseSource,
    /// `DB_CHARSET`.
    pub charset: Option<String>,
    /// `DB_COLLATE`.
    pub collate: Option<String>,
    /// Connections kept.
    pub max_connections: u32,
    /// How long a statement may take.
    pub statement_deadline: Duration,
}

/// How the database was named.
#[derive(Clone, Debug)]
pub enum DatabaseSource {
    /// `database.url`
    Url(DatabaseUrl),
    /// `DB_HOST` and its like.
    Constants {
        /// `DB_HOST`, as `wpdb::parse_db_host()` splits it.
        host: String,
        /// Port, 3306 when not given.
        port: Option<u16>,
        /// Unix socket.
        socket: Option<PathBuf>,
        /// `DB_USER`
        user: String,
        /// `DB_PASSWORD`
        password: SecretString,
        /// `DB_NAME`
        name: String,
        /// `MYSQL_CLIENT_FLAGS` asks for TLS.
        tls: bool,
    },
}

/// `keys.*`: the ten constants, by lower-case name.
#[derive(Clone, Debug, Default)]
pub struct Keys(pub Vec<(&'static str, SecretString)>);

/// `mail.*`
#[derive(Clone, Debug)]
pub struct Mail {
    /// How mails leave.
    pub transport: MailTransport,
    /// From's address.
    pub from_address: Option<String>,
    /// From's name.
    pub from_name: Option<String>,
}

/// `mail.transport`
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// `mail.smtp_url`
    Smtp(SmtpServer),
    /// `mail.sendmail_path`, the local program.
    Sendmail(PathBuf),
    /// No mail leaves.
    Off,
}

/// `limits.*`
#[derive(Clone, Debug)]
pub struct Limits {
    /// All limits on or off.
    pub enabled: bool,
    /// Budgets shared by several instances.
    pub redis_url: Option<SecretString>,
    /// What their names in Redis begin with.
    pub redis_prefix: String,
    /// Budgets of attempts.
    pub rates: Rates,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long the head of a request may take to arrive.
    pub head: Duration,
    /// How long its body may take to arrive.
    pub body: Duration,
    /// How long the whole request may take.
    pub request: Duration,
    /// Open connections.
    pub connections: usize,
}

/// `limits.login_*` and the like: attempts in a time.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Failed logins from one address.
    pub login_address: Rate,
    /// The same where many accounts logged in well from that address.
    pub login_shared_address: Rate,
    /// Failed logins on one account.
    pub login_account: Rate,
    /// Failed logins in all.
    pub login_global: Rate,
    /// Registrations from one address.
    pub register_address: Rate,
    /// Password mails asked for from one address.
    pub reset_address: Rate,
    /// Password mails to one account.
    pub reset_account: Rate,
    /// Nonces for one address.
    pub nonce_address: Rate,
}

/// `hashing.*`
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// Hashes that run at a time.
    pub threads: usize,
    /// Hashes that may wait for a thread.
    pub queue: usize,
    /// How long they wait.
    pub patience: Duration,
}

/// `auth.*` and `sessions.*`
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    /// The longest life of a cookie that a caller may ask for, in seconds.
    pub max_cookie_seconds: i64,
    /// Live sessions kept for one user.
    pub max_sessions: usize,
}

/// `facebook.*`
#[derive(Clone, Debug)]
pub struct Facebook {
    /// The app whose tokens are accepted.
    pub app_id: Option<String>,
    /// Its secret.
    pub app_secret: Option<SecretString>,
    /// The Graph API.
    pub graph_url: String,
}

/// The single switches and lists of the remaining sections.
#[derive(Clone, Debug)]
pub struct Features {
    /// `meta.protected`
    pub protected_meta: Vec<String>,
    /// `xprofile.ignore_visibility`
    pub ignore_visibility: bool,
    /// `comments.trust_client_status`
    pub trust_client_status: bool,
    /// `cors.allowed_origins`
    pub allowed_origins: Vec<Origin>,
    /// `docs.enabled`
    pub docs: bool,
    /// `metrics.listen`
    pub metrics_listen: Option<SocketAddr>,
}
