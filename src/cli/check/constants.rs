//! The settings and the site's own wp-config.php.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::finding::Finding;
use crate::settings::{Settings, SettingsError, WpConfig, WpConfigError};

const NAME: &str = "wp-config";

/// Constants that move the uploads. `serve` starts without them.
const UPLOADS: [&str; 5] =
    ["WP_CONTENT_DIR", "WP_CONTENT_URL", "UPLOADS", "BP_AVATAR_UPLOAD_PATH", "BP_AVATAR_URL"];

/// Settings that `serve` would not start with.
pub fn refused(error: &SettingsError) -> Finding {
    let (name, advice) = match error {
        SettingsError::WpConfig(error) => (NAME, place(error)),
        SettingsError::Unresolved { .. } => (NAME, "wp-config.php is read as data and never executed"),
        SettingsError::Unknown { .. } => ("settings", "docs/settings.md lists all settings"),
        SettingsError::NotAllowed { .. } | SettingsError::File { .. } => {
            ("settings", "correct it; docs/settings.md says how")
        }
        SettingsError::NoDatabase => ("settings", "for example --wp-path /var/www/html"),
    };
    Finding::failed(name, error.to_string(), advice)
}

/// What to do when the file is not to be had.
fn place(error: &WpConfigError) -> &'static str {
    match error {
        WpConfigError::Unreadable { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            "let the service read it, for example through the web server's group"
        }
        _ => "set wordpress.path to the folder of wp-settings.php",
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
