//! The settings and the site's own wp-config.php.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::finding::Finding;
use crate::settings::{DatabaseSource, Settings, SettingsError, WpConfig, WpConfigError, environment_use};

const NAME: &str = "wp-config";

/// Constants that move the uploads. `serve` starts without them.
const UPLOADS: [&str; 5] =
    ["WP_CONTENT_DIR", "WP_CONTENT_URL", "UPLOADS", "BP_AVATAR_UPLOAD_PATH", "BP_AVATAR_URL"];

/// What says where the database is.
const DATABASE: [&str; 4] = ["DB_NAME", "DB_USER", "DB_PASSWORD", "DB_HOST"];

const TO_THE_FOLDER: &str = "set wordpress.path to the folder of wp-settings.php";

/// Settings that `serve` would not start with.
pub fn refused(error: &SettingsError) -> Finding {
    let (name, advice) = match error {
        SettingsError::WpConfig(error) => (NAME, place(error)),
        SettingsError::Unresolved { .. } => (NAME, "wp-config.php is read as data and never executed"),
        SettingsError::Unknown { .. } => ("settings", "docs/settings.md lists all settings"),
        SettingsError::NotAllowed { .. } | SettingsError::File { .. } | SettingsError::NotUtf8 { .. } => {
            ("settings", "correct it; docs/settings.md says how")
        }
        SettingsError::NoDatabase => ("settings", "for example --wp-path /var/www/html"),
    };
    Finding::failed(name, error.to_string(), advice)
}

/// What to do when the file is not to be had.
fn place(error: &WpConfigError) -> &'static str {
    match error {
        WpConfigError::Closed { .. } => {
            "let the user that runs the service enter it and the folders above, for example through the web \
             server's group (chmod g+x)"
        }
        WpConfigError::NotFound(_) => TO_THE_FOLDER,
        WpConfigError::Unreadable { source, .. } => match source.kind() {
            ErrorKind::PermissionDenied => {
                "let the user that runs the service read it, for example through the web server's group (chmod g+r)"
            }
            ErrorKind::NotFound => TO_THE_FOLDER,
            _ => "see what lies there: a plain file of at most 1 MiB is read",
        },
    }
}

/// The file as it was understood. It is there: the settings could be read.
pub fn wp_config(settings: &Settings, environment: &BTreeMap<String, String>) -> Finding {
    let Some(path) = &settings.wordpress.path else {
        return Finding::ok(NAME, "not read: wordpress.path is not set, so all comes from the settings");
    };
    let variable = |name: &str| environment.get(name).cloned();
    let config = match WpConfig::find(path, &variable) {
        Ok(config) => config,
        Err(error) => {
            return Finding::failed(NAME, error.to_string(), place(&error));
        }
    };
    let at = config.path().display();
    if let Some(problem) = config.problems().first() {
        let more = match config.problems().len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more places)", count - 1),
        };
        return Finding::warning(
            NAME,
            format!("{at} was not understood in full: {problem}{more}"),
            "see that nothing which the service needs is defined there, or say it in the settings",
        );
    }
    if let Some(finding) = fallbacks(settings, path, environment) {
        return finding;
    }
    let moved = UPLOADS.iter().find_map(|name| config.constant(name).err());
    if let Some(unresolved) = moved.filter(|_| settings.wordpress.uploads_path.is_none()) {
        return Finding::warning(
            NAME,
            format!("{unresolved}: uploaded avatars are not looked for"),
            "set wordpress.uploads_path and wordpress.uploads_url",
        );
    }
    let unknown: Vec<&str> = config.unresolved().map(|unresolved| unresolved.name.as_str()).collect();
    let unknown = match unknown.as_slice() {
        [] => String::new(),
        names => format!("; not needed and not told: {}", names.join(", ")),
    };
    Finding::ok(NAME, format!("{at}, {} constants{unknown}", config.names().count()))
}

/// A database named by what the file falls back to, as nobody gave the service the web server's variables. Where one of
/// them is set the others are left out on purpose.
fn fallbacks(settings: &Settings, path: &Path, environment: &BTreeMap<String, String>) -> Option<Finding> {
    let DatabaseSource::Constants { .. } = settings.database.source else {
        return None;
    };
    let uses = environment_use::find(path, &DATABASE, environment).ok()?;
    if uses.is_empty() || uses.iter().any(|one| one.is_set) {
        return None;
    }
    let variables: Vec<&str> = uses.iter().map(|one| one.variable.as_str()).collect();
    let is_used = |name: &&&str| uses.iter().any(|one| one.constants.contains(*name));
    let constants: Vec<&str> = DATABASE.iter().filter(is_used).copied().collect();
    Some(Finding::warning(
        NAME,
        format!(
            "what wp-config.php falls back to is taken for {}, as the environment here lacks {}",
            constants.join(", "),
            variables.join(", ")
        ),
        "give the service the variables of the web server, or set database.url",
    ))
}
