//! Opening the database as WordPress opens it: charset, collation and SQL mode of `wpdb`; and with the limits of time
//! that keep one stuck statement from holding up a request for longer than anybody waits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{ConnectOptions as _, Row as _};

use super::StoreError;
use super::pool::Pool;
use crate::settings::secret::ExposeSecret as _;
use crate::settings::{Database, DatabaseSource};

/// Modes that `wpdb::set_sql_mode()` takes out of the session's.
const INCOMPATIBLE_MODES: &[&str] = &[
    "NO_ZERO_DATE",
    "ONLY_FULL_GROUP_BY",
    "STRICT_TRANS_TABLES",
    "STRICT_ALL_TABLES",
    "TRADITIONAL",
    "ANSI",
];

/// Where servers put their socket; PHP's `localhost` means the socket it was built with.
const USUAL_SOCKETS: &[&str] = &[
    "/run/mysqld/mysqld.sock",
    "/var/run/mysqld/mysqld.sock",
    "/var/lib/mysql/mysql.sock",
    "/tmp/mysql.sock",
];

/// How long a statement waits for somebody else's lock, in seconds. The server's own default is 50.
const LOCK_WAIT: u64 = 3;

/// A pool that connects when it is first asked.
pub(super) fn pool(database: &Database) -> Result<Pool, StoreError> {
    let options = session(options(&database.source)?, database);
    Ok(Pool::new(options, database.max_connections, database.statement_deadline))
}

/// Where the database is and who asks for it, without the password.
#[derive(Clone, Debug)]
pub struct Place {
    /// Socket, or host and port.
    pub address: String,
    /// The way there crosses a network.
    pub is_remote: bool,
    /// The account's name.
    pub user: String,
    /// The database's name.
    pub database: Option<String>,
}

/// Where the settings say that the database is.
pub fn place(database: &Database) -> Result<Place, StoreError> {
    let options = options(&database.source)?;
    let host = options.get_host();
    let address = match options.get_socket() {
        Some(path) => path.display().to_string(),
        None if host.contains(':') => format!("[{host}]:{}", options.get_port()),
        None => format!("{host}:{}", options.get_port()),
    };
    let is_local = host.parse::<std::net::IpAddr>().map_or(host == "localhost", |ip| ip.is_loopback());
    Ok(Place {
        address,
        is_remote: options.get_socket().is_none() && !is_local,
        user: options.get_username().to_owned(),
        database: options.get_database().map(str::to_owned),
    })
}

/// Opens a connection.
pub(super) async fn open(
    options: &MySqlConnectOptions,
    deadline: Duration,
) -> Result<MySqlConnection, StoreError> {
    let mut connection = options.connect().await?;
    prepare(&mut connection, deadline).await?;
    Ok(connection)
}

/// The charset of the connection: wpdb upgrades utf8 to utf8mb4.
pub(super) fn charset(database: &Database) -> &str {
    match database.charset.as_deref() {
        None | Some("" | "utf8" | "utf8mb3") => "utf8mb4",
        Some(other) => other,
    }
}

/// Charset, collation and what sqlx must leave alone (facts of wpdb: the time zone and the other modes stay).
fn session(options: MySqlConnectOptions, database: &Database) -> MySqlConnectOptions {
    let charset = charset(database);
    let options = options
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .charset(charset)
        .disable_statement_logging();
    // wpdb replaces an empty or general collation by the best unicode one.
    match database.collate.as_deref() {
        None | Some("" | "utf8_general_ci" | "utf8mb4_general_ci") if charset == "utf8mb4" => {
            options.collation("utf8mb4_unicode_520_ci")
        }
        None | Some("") => options,
        Some(collate) => {
            options.collation(&collate.replace("utf8_", "utf8mb4_").replace("utf8mb3_", "utf8mb4_"))
        }
    }
}

fn options(source: &DatabaseSource) -> Result<MySqlConnectOptions, StoreError> {
    match source {
        DatabaseSource::Url(url) => {
            // The driver's error text may quote the URL, so it is not passed on.
            let options: MySqlConnectOptions = url.text().expose_secret().parse().map_err(|_| {
                StoreError::Settings("database.url must read mysql://user:password@host:port/name".to_owned())
            })?;
            // The driver takes the brackets of an IPv6 address for a part of its name.
            let host = options.get_host().trim_matches(['[', ']']).to_owned();
            Ok(options.host(&host))
        }
        DatabaseSource::Constants { host, port, socket, user, password, name, tls } => {
            let options = MySqlConnectOptions::new().username(user).database(name).ssl_mode(if *tls {
                MySqlSslMode::Required
            } else {
                MySqlSslMode::Preferred
            });
            // The driver would hash an empty password too, and servers want nothing in its place.
            let options = match password.expose_secret() {
                "" => options,
                password => options.password(password),
            };
            Ok(match socket_of(host, socket.as_deref()) {
                Some(path) => options.socket(path),
                None => {
                    options.host(if host.is_empty() { "127.0.0.1" } else { host }).port(port.unwrap_or(3306))
                }
            })
        }
    }
}

/// The socket that PHP would use: the one named, or the usual one for `localhost`.
fn socket_of(host: &str, socket: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = socket {
        return Some(path.to_owned());
    }
    let local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    let mut usual = USUAL_SOCKETS.iter().map(Path::new).filter(|path| local && path.exists());
    usual.next().map(Path::to_owned)
}

/// SQL modes as `wpdb` leaves them, and the limits of time. The server ends what takes longer than `deadline`; MySQL
/// does so for reading statements only.
async fn prepare(connection: &mut MySqlConnection, deadline: Duration) -> Result<(), sqlx::Error> {
    let found = sqlx::query("SELECT @@SESSION.sql_mode, VERSION()").fetch_one(&mut *connection).await?;
    let modes: Vec<u8> = found.try_get_unchecked(0)?;
    let modes = String::from_utf8_lossy(&modes);
    let kept: Vec<&str> = modes.split(',').filter(|mode| !INCOMPATIBLE_MODES.contains(mode)).collect();
    let version: Vec<u8> = found.try_get_unchecked(1)?;
    let is_mariadb = String::from_utf8_lossy(&version).contains("MariaDB");
    let (sql, most) = if is_mariadb {
        let sql =
            "SET SESSION sql_mode = ?, SESSION innodb_lock_wait_timeout = ?, SESSION max_statement_time = ?";
        (sql, deadline.as_secs())
    } else {
        let sql =
            "SET SESSION sql_mode = ?, SESSION innodb_lock_wait_timeout = ?, SESSION max_execution_time = ?";
        (sql, deadline.as_secs().saturating_mul(1000))
    };
    // Shorter than the deadline: a wait that timed out may be done again, a statement that did may not.
    let lock_wait = LOCK_WAIT.min(deadline.as_secs() / 2).max(1);
    sqlx::query(sql).bind(kept.join(",")).bind(lock_wait).bind(most).execute(connection).await?;
    Ok(())
}
