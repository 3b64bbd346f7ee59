//! Which WordPress runs: its own code says it, else the owner; with neither, the newest rules are assumed.

use crate::settings::{Wordpress, version_file};
use crate::wp::version::WpVersion;

/// A version and where it was read.
#[derive(Debug)]
pub struct Detected {
    /// Whose rules hold.
    pub version: WpVersion,
    /// Who says so.
    pub source: Source,
}

/// Where a version was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `wp-includes/version.php`
    Code,
    /// `wordpress.version`
    Setting,
    /// Nobody said it.
    Assumed,
}

/// Reads the file anew each time: sites update themselves.
#[must_use]
pub fn detect(wordpress: &Wordpress) -> Detected {
    let file = wordpress.path.as_ref().map(|path| path.join("wp-includes/version.php"));
    let code = file.and_then(|file| std::fs::read(file).ok()).and_then(|text| version_file::read(&text));
    if let Some(version) = code.and_then(|found| WpVersion::parse(&found.wp_version)) {
        return Detected { version, source: Source::Code };
    }
    match wordpress.version {
        Some(version) => Detected { version, source: Source::Setting },
        None => Detected { version: WpVersion::NEWEST_KNOWN, source: Source::Assumed },
    }
}

impl Detected {
    /// Says which rules hold and why.
    pub fn log(&self) {
        let version = self.version;
        match self.source {
            Source::Code => {
                tracing::info!(%version, "WordPress version, read from wp-includes/version.php");
            }
            Source::Setting => {
                tracing::info!(%version, "WordPress version, from the setting wordpress.version");
            }
            Source::Assumed => tracing::warn!(
                %version,
                "WordPress version assumed: neither wordpress.path nor wordpress.version is set, and the database \
                 cannot tell it"
            ),
        }
        if version > WpVersion::NEWEST_KNOWN {
            tracing::warn!(%version, known = %WpVersion::NEWEST_KNOWN, "this WordPress is newer than the rules known");
        }
        if version < WpVersion::OLDEST_KNOWN {
            tracing::warn!(%version, known = %WpVersion::OLDEST_KNOWN, "this WordPress is older than the rules known");
        }
    }
}
