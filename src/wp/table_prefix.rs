//! The table prefix: the only text that is ever put into SQL, so it is parsed once and can hold nothing else.

use std::fmt;

/// `$table_prefix`: letters, digits and underscores, possibly nothing at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePrefix(String);

impl TablePrefix {
    /// `None` when the text holds anything but `[A-Za-z0-9_]`, as `wpdb::set_prefix()` refuses it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// This prefix with a table's own name behind it; what does not belong in a name is left out.
    #[must_use]
    pub fn with(&self, name: &str) -> Self {
        let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        Self(self.0.chars().chain(name.chars().filter(fits)).collect())
    }

    /// The charset's name that WordPress uses by default; charsets are spelled like prefixes.
    #[must_use]
    pub fn utf8mb4() -> Self {
        Self("utf8mb4".to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TablePrefix {
    fn default() -> Self {
        Self("wp_".to_owned())
    }
}

impl fmt::Display for TablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_digits_and_underscores_make_a_prefix() {
        assert_eq!(TablePrefix::parse("Wp2_").unwrap().as_str(), "Wp2_");
        assert_eq!(TablePrefix::parse("").unwrap().as_str(), "");
        for bad in ["wp-", "wp`", "wp ", "wp_; DROP", "wpé_"] {
            assert_eq!(TablePrefix::parse(bad), None, "{bad}");
        }
    }
}
