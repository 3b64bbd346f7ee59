//! Which WordPress runs: its own code says it, else the owner; with neither, the newest rules are assumed.

use std::path::Path;

use crate::settings::{Wordpress, version_file};
use crate::wp::version::WpVersion;

/// A version and where it was read.
#[derive(Debug)]
pub struct Detected {
    /// Whose rules hold.
    pub version: WpVersion,
    /// Who says so.
    pub source: Source,
    /// Why the code does not say it, where there is a `wordpress.path`.
    pub problem: Option<String>,
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
    let code = wordpress.path.as_ref().map(|path| read(&path.join("wp-includes/version.php")));
    let problem = match code {
        Some(Ok(version)) => return Detected { version, source: Source::Code, problem: None },
        Some(Err(problem)) => Some(problem),
        None => None,
    };
    match wordpress.version {
        Some(version) => Detected { version, source: Source::Setting, problem },
        None => Detected { version: WpVersion::NEWEST_KNOWN, source: Source::Assumed, problem },
    }
}

fn read(file: &Path) -> Result<WpVersion, String> {
    let at = file.display();
    let is_file = std::fs::metadata(file).map(|found| found.is_file());
    // Who opens a pipe waits for ever.
    let text = match is_file {
        Ok(true) => std::fs::read(file),
        Ok(false) => return Err(format!("{at} is no plain file")),
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| format!("{at}: {error}"))?;
    let found = version_file::read(&text)
        .ok_or_else(|| format!("{at} has no line $wp_version = '…'; as WordPress writes it"))?;
    WpVersion::parse(&found.wp_version)
        .ok_or_else(|| format!("{at} says {:?}, which is no version", found.wp_version))
}

impl Detected {
    /// Says which rules hold and why.
    pub fn log(&self) {
        let version = self.version;
        let problem = self.problem.as_deref();
        match self.source {
            Source::Code => {
                tracing::info!(%version, "WordPress version, read from wp-includes/version.php");
            }
            Source::Setting => {
                tracing::info!(%version, problem, "WordPress version, from the setting wordpress.version");
            }
            Source::Assumed => tracing::warn!(
                %version,
                problem,
                "WordPress version assumed: neither the code below wordpress.path nor wordpress.version tells it, and \
                 the database cannot"
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
