//! Which WordPress runs, and whether its rules are known.

use super::Subject;
use super::finding::Finding;
use crate::app::version::Source;
use crate::store::StoreError;
use crate::wp::version::WpVersion;

const NAME: &str = "version";

/// The least `db_version` that a release writes: what is higher was written by a later one. Releases between two lines
/// share the earlier one's number.
const WRITTEN_BY: &[(i64, WpVersion)] = &[
    (61_833, WpVersion::new(7, 0)),
    (60_717, WpVersion::new(6, 9)),
    (60_421, WpVersion::new(6, 8)),
    (58_975, WpVersion::new(6, 7)),
    (57_155, WpVersion::new(6, 5)),
    (56_657, WpVersion::new(6, 4)),
    (55_853, WpVersion::new(6, 3)),
];

pub async fn known(subject: &Subject<'_>) -> Result<Finding, StoreError> {
    let (version, source) = (subject.version.version, subject.version.source);
    let options = subject.db.list_options(&["db_version"]).await?;
    let db_version =
        options.first().and_then(|(_, value)| String::from_utf8_lossy(value).trim().parse().ok());
    let least = db_version
        .and_then(|found: i64| WRITTEN_BY.iter().find(|(least, _)| found >= *least))
        .map(|(_, release)| *release);
    let said = match source {
        Source::Code => "read from wp-includes/version.php",
        Source::Setting => "from the setting wordpress.version",
        Source::Assumed => "assumed",
    };
    let problem = subject.version.problem.as_deref();
    let because = problem.map(|problem| format!(" ({problem})")).unwrap_or_default();
    let text = format!("WordPress {version}, {said}{because}");
    Ok(if let Some(least) = least.filter(|least| version < *least) {
        Finding::failed(
            NAME,
            format!("{text}, but the database was written by {least} or later"),
            "correct wordpress.version or wordpress.path: cookies and passwords follow other rules",
        )
    } else if source == Source::Assumed && problem.is_some() {
        Finding::warning(
            NAME,
            text,
            "let the service read that file, or correct wordpress.path, or set wordpress.version",
        )
    } else if source == Source::Assumed {
        Finding::warning(
            NAME,
            format!("{text}: the database cannot tell it"),
            "set wordpress.path, or wordpress.version",
        )
    } else if version > WpVersion::NEWEST_KNOWN {
        Finding::warning(
            NAME,
            format!("{text}: newer than {}, whose rules are the newest known", WpVersion::NEWEST_KNOWN),
            "prove with --url that the site still accepts the service's cookie",
        )
    } else if version < WpVersion::OLDEST_KNOWN {
        Finding::warning(
            NAME,
            format!("{text}: older than {}, whose rules are the oldest known", WpVersion::OLDEST_KNOWN),
            "update WordPress, or prove with --url that the site accepts the service's cookie",
        )
    } else {
        Finding::ok(NAME, format!("{text}, known"))
    })
}
