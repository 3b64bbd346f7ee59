//! What can be wrong with the settings. Each text names the key, where it came from and what is allowed.

use super::wp_config::WpConfigError;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A name that no setting has.
    #[error("{origin}: unknown setting {key}{}", nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Unknown {
        /// As written.
        key: String,
        /// File, variable or command line.
        origin: String,
        /// The known name nearest to it.
        nearest: Option<&'static str>,
    },
    /// A value that the setting cannot hold.
    #[error("{origin}: {key}{found} is not allowed{why}; allowed: {allowed}")]
    NotAllowed {
        /// The setting.
        key: &'static str,
        /// File, variable or command line.
        origin: String,
        /// In words.
        allowed: &'static str,
        /// ` = "value"`, or nothing where the value is secret.
        found: String,
        /// `: it names no host`, or nothing where what is allowed says it all.
        why: String,
    },
    /// A variable whose bytes are no text. Passed over, another database than the one meant might be served.
    #[error("{variable}: its value is not UTF-8; write it in UTF-8")]
    NotUtf8 {
        /// Its name.
        variable: String,
    },
    /// A settings file that cannot be read, or is no TOML.
    #[error("{place}: {reason}")]
    File {
        /// The file, with line and column where it is no TOML.
        place: String,
        /// The reader's words; never the file's.
        reason: String,
    },
    /// wp-config.php cannot be found or read.
    #[error("{0}")]
    WpConfig(WpConfigError),
    /// A constant that wp-config.php computes in a way that cannot be followed.
    #[error("{unresolved}; {}", instead(setting))]
    Unresolved {
        /// Constant, file, line and reason.
        unresolved: String,
        /// The setting that takes its place; empty where none does.
        setting: &'static str,
    },
    /// Nothing says where the database is.
    #[error("no database: set wordpress.path to the site's folder, or database.url")]
    NoDatabase,
}

fn instead(setting: &str) -> String {
    match setting {
        "" => "write it there as a plain value".to_owned(),
        setting => format!("set {setting} instead"),
    }
}
