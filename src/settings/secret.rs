//! Texts that never show: not in logs, not in Debug output.

pub use secrecy::{ExposeSecret, SecretString};

/// A secret text.
#[must_use]
pub fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}
