//! Which WordPress runs: the rules for cookies, hashes and filters depend on it.
//!
//! `db_version` in the options cannot tell (one number covers 6.7 and 6.8.0); the code's `$wp_version` can.

use std::fmt;

/// A WordPress release, as far as rules depend on it: `major.minor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WpVersion {
    major: u16,
    minor: u16,
}

impl WpVersion {
    /// The newest release whose rules were held against the genuine code.
    pub const NEWEST_KNOWN: Self = Self::new(7, 1);
    /// The oldest release whose rules were held against the genuine code.
    pub const OLDEST_KNOWN: Self = Self::new(6, 1);

    /// `major.minor`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Reads `$wp_version` as WordPress writes it: `6.8.3`, `7.1`, `7.2-alpha-60000`.
    /// `None` when it does not start with `digits.digits`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = text.trim().split_once('.')?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (minor, _) = rest.split_at_checked(digits)?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// True for this release and all later ones.
    #[must_use]
    pub fn at_least(self, major: u16, minor: u16) -> bool {
        self >= Self::new(major, minor)
    }
}

impl fmt::Display for WpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_wordpress_writes_it() {
        assert_eq!(WpVersion::parse("6.8.3"), Some(WpVersion::new(6, 8)));
        assert_eq!(WpVersion::parse("7.1"), Some(WpVersion::new(7, 1)));
        assert_eq!(WpVersion::parse("6.10-RC1-60000"), Some(WpVersion::new(6, 10)));
        assert_eq!(WpVersion::parse("six"), None);
        assert_eq!(WpVersion::parse("6.x"), None);
    }

    #[test]
    fn versions_compare_by_number_and_not_by_text() {
        assert!(WpVersion::new(6, 10).at_least(6, 9));
        assert!(!WpVersion::new(6, 9).at_least(6, 10));
    }
}
