//! Turning raw texts into types; the error texts are made here.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::SettingsError;
use super::keys::{self, Key};
use super::layers::{Layers, Raw};
use super::secret::{SecretString, secret};

/// Reads typed values out of the merged layers.
pub struct Reader<'a> {
    layers: &'a Layers,
}

impl<'a> Reader<'a> {
    /// A reader of these layers.
    #[must_use]
    pub fn new(layers: &'a Layers) -> Self {
        Self { layers }
    }

    /// A text, `None` when unset or empty.
    pub fn text(&self, name: &str) -> Result<Option<String>, SettingsError> {
        self.with(name, |text| (!text.is_empty()).then(|| text.to_owned()).map(Some).or(Some(None)))
            .map(Option::flatten)
    }

    /// A secret text, `None` when unset. An empty one counts as set: it hides what a lower layer says.
    pub fn secret(&self, name: &str) -> Result<Option<SecretString>, SettingsError> {
        self.with(name, |text| Some(secret(text)))
    }

    /// Anything that reads itself from text.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, SettingsError> {
        self.with(name, |text| if text.is_empty() { Some(None) } else { text.trim().parse().ok().map(Some) })
            .map(Option::flatten)
    }

    /// A number of at least `least`.
    pub fn number(&self, name: &str, least: u64, most: u64) -> Result<u64, SettingsError> {
        let number = self
            .with(name, |text| text.trim().parse().ok().filter(|number| (least..=most).contains(number)))?;
        Ok(number.unwrap_or(least))
    }

    /// A number of seconds.
    pub fn seconds(&self, name: &str, least: u64, most: u64) -> Result<Duration, SettingsError> {
        self.number(name, least, most).map(Duration::from_secs)
    }

    /// A switch.
    pub fn switch(&self, name: &str) -> Result<bool, SettingsError> {
        let switch = self.with(name, |text| match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        })?;
        Ok(switch.unwrap_or_default())
    }

    /// A list: of the file's own items, or of one text split at commas.
    pub fn list<T: FromStr>(&self, name: &str) -> Result<Vec<T>, SettingsError> {
        let Some(raw) = self.layers.get(name) else {
            return Ok(Vec::new());
        };
        raw.texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| item.parse().map_err(|_| not_allowed(name, raw, item, "")))
            .collect()
    }

    /// A text that `accept` turns into a value, or refuses.
    pub fn with<T>(
        &self,
        name: &str,
        accept: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingsError> {
        let Some((raw, text)) = self.one(name)? else {
            return Ok(None);
        };
        accept(text).map(Some).ok_or_else(|| not_allowed(name, raw, text, ""))
    }

    /// The same with a reason: a clause without anything secret.
    pub fn reasoned<T, E: Display>(
        &self,
        name: &str,
        accept: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, SettingsError> {
        let Some((raw, text)) = self.one(name)? else {
            return Ok(None);
        };
        accept(text).map(Some).map_err(|reason| not_allowed(name, raw, text, &format!(": {reason}")))
    }

    fn one(&self, name: &str) -> Result<Option<(&'a Raw, &'a str)>, SettingsError> {
        let Some(raw) = self.layers.get(name) else {
            return Ok(None);
        };
        match raw.texts.as_slice() {
            [text] => Ok(Some((raw, text))),
            _ => Err(not_allowed(name, raw, "a list", "")),
        }
    }
}

fn not_allowed(name: &str, raw: &Raw, found: &str, why: &str) -> SettingsError {
    const NONE: Key = Key { name: "", default: "", allowed: "", about: "", secret: true };
    let key = keys::find(name).unwrap_or(&NONE);
    let found = if key.secret { String::new() } else { format!(" = {found:?}") };
    let (origin, why) = (raw.origin.clone(), why.to_owned());
    SettingsError::NotAllowed { key: key.name, origin, allowed: key.allowed, found, why }
}
