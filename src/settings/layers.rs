//! Layers of raw values, later ones win: defaults, wp-config.php, the file, the environment, the command line.
//!
//! Nothing is interpreted here but the names; `settings` turns the merged values into types.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Value, ValueKind};

use super::keys::{self, Key};
use super::{SettingsError, file};

/// The start of every environment variable that is a setting.
pub const ENVIRONMENT_PREFIX: &str = "WP_SIDECAR__";

/// Whether a variable is meant for us.
#[must_use]
pub fn is_setting(variable: &str) -> bool {
    variable.starts_with(ENVIRONMENT_PREFIX)
}

/// The origin of the lowest layer.
const DEFAULT: &str = "default";

/// A value with the place it came from.
#[derive(Clone)]
pub struct Raw {
    /// The text; lists are split already.
    pub texts: Vec<String>,
    /// For error texts: `wp-sidecar.toml line 3`, `WP_SIDECAR__SERVER__LISTEN`, `command line` …
    pub origin: String,
}

/// The merged layers.
#[derive(Default)]
pub struct Layers {
    values: BTreeMap<&'static str, Raw>,
}

impl Layers {
    /// The lowest layer.
    #[must_use]
    pub fn defaults() -> Self {
        let mut layers = Self::default();
        for key in keys::KEYS.iter().filter(|key| !key.default.is_empty()) {
            layers.put(key, vec![key.default.to_owned()], DEFAULT);
        }
        layers
    }

    /// The value that holds for `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Raw> {
        self.values.get(name)
    }

    /// True when nobody said otherwise.
    #[must_use]
    pub fn is_default(&self, name: &str) -> bool {
        self.get(name).is_none_or(|raw| raw.origin == DEFAULT)
    }

    /// Sets one value from a place that knows its name to be right.
    pub fn set(&mut self, name: &str, text: String, origin: &str) -> Result<(), SettingsError> {
        let key = known(name, origin)?;
        self.put(key, vec![text], origin);
        Ok(())
    }

    /// Reads a TOML file of sections.
    pub fn add_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let name = path.display();
        let failed = |place: String, reason: String| SettingsError::File { place, reason };
        let text =
            std::fs::read_to_string(path).map_err(|error| failed(name.to_string(), error.to_string()))?;
        let entries = file::entries(&text, &name.to_string()).map_err(|mistake| {
            let place = format!("{name} line {}, column {}", mistake.line, mistake.column);
            failed(place, mistake.reason)
        })?;
        for (entry, value) in entries {
            let origin = value.origin().unwrap_or_default().to_owned();
            let key = known(&entry, &origin)?;
            let texts = texts(value).ok_or_else(|| SettingsError::NotAllowed {
                key: key.name,
                origin: origin.clone(),
                allowed: key.allowed,
                found: String::new(),
                why: String::new(),
            })?;
            self.put(key, texts, &origin);
        }
        Ok(())
    }

    /// Reads `WP_SIDECAR__SECTION__KEY` variables.
    pub fn add_environment(&mut self, variables: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        for (variable, value) in variables {
            let Some(rest) = variable.strip_prefix(ENVIRONMENT_PREFIX) else {
                continue;
            };
            let name = rest.to_ascii_lowercase().replacen("__", ".", 1);
            let key = known(&name, variable)?;
            self.put(key, vec![value.clone()], variable);
        }
        Ok(())
    }

    fn put(&mut self, key: &Key, texts: Vec<String>, origin: &str) {
        let name = keys::find(key.name).map_or("", |key| key.name);
        self.values.insert(name, Raw { texts, origin: origin.to_owned() });
    }
}

fn known(name: &str, origin: &str) -> Result<&'static Key, SettingsError> {
    keys::find(name).ok_or_else(|| unknown(name, origin))
}

fn unknown(name: &str, origin: &str) -> SettingsError {
    SettingsError::Unknown { key: name.to_owned(), origin: origin.to_owned(), nearest: keys::nearest(name) }
}

/// A scalar is one text, a list is one text an item; tables are no value.
pub(super) fn texts(value: Value) -> Option<Vec<String>> {
    match value.kind {
        ValueKind::Array(items) => items.into_iter().map(|item| item.into_string().ok()).collect(),
        ValueKind::Table(_) | ValueKind::Nil => None,
        _ => value.into_string().ok().map(|text| vec![text]),
    }
}
