//! Where keys and salts come from. Their values are never shown.

use super::Subject;
use super::finding::Finding;
use crate::account::site::{salt_constants, salt_sources};
use crate::ambient::Random;
use crate::settings::Keys;
use crate::settings::secret::secret;
use crate::store::StoreError;
use crate::wp::salts::{Fault, MissingOptions, SaltConstants, Source};

const NAME: &str = "salts";

pub async fn origin(subject: &Subject<'_>) -> Result<Finding, StoreError> {
    let settings = subject.settings;
    let sources = salt_sources(subject.db, &settings.wordpress, &settings.keys).await?;
    let from = |wanted: Source| -> Vec<&str> {
        sources.iter().filter(|(_, source)| *source == wanted).map(|(name, _)| *name).collect()
    };
    let faults = salt_constants(&settings.keys).faults();
    let missing = from(Source::Missing);
    if !missing.is_empty() {
        let text = format!("nobody has made {} yet", missing.join(", "));
        return Ok(if faults.is_empty() {
            let advice = "define them in wp-config.php, or let WordPress or serve make them when they are first needed";
            Finding::warning(NAME, text, advice)
        } else {
            Finding::warning(
                NAME,
                format!("{text}; WordPress ignores {}", ignored(&faults)),
                "give each constant a value of its own, or let WordPress or serve make what is missing when it is \
                 first needed",
            )
        });
    }
    let options = from(Source::Option);
    let origin = match (sources.len() - options.len(), options.as_slice()) {
        (_, []) => "all eight from constants".to_owned(),
        (0, _) => "all eight from the database".to_owned(),
        (_, options) => format!("from the database: {}; the others from constants", options.join(", ")),
    };
    Ok(if faults.is_empty() {
        let old =
            if from(Source::OldConstant).is_empty() { "" } else { ", some from SECRET_KEY or SECRET_SALT" };
        Finding::ok(NAME, format!("{origin}{old}"))
    } else {
        Finding::warning(
            NAME,
            format!("{origin}; WordPress ignores {}", ignored(&faults)),
            "give each constant a value of its own (that logs everybody out), or remove those",
        )
    })
}

fn ignored(faults: &[(&'static str, Fault)]) -> String {
    // Of one and of many.
    let kinds = [
        (Fault::Repeated, ["which has the same value as another", "which have the same value as another"]),
        (
            Fault::Placeholder,
            ["which still holds the sample's phrase", "which still hold the sample's phrase"],
        ),
        (Fault::Empty, ["which is empty", "which are empty"]),
    ];
    let of = |(kind, [of_one, of_many]): (Fault, [&str; 2])| {
        let names: Vec<&str> =
            faults.iter().filter(|(_, fault)| *fault == kind).map(|(name, _)| *name).collect();
        let reason = if names.len() == 1 { of_one } else { of_many };
        (!names.is_empty()).then(|| format!("{}, {reason}", names.join(" and ")))
    };
    kinds.into_iter().filter_map(of).collect::<Vec<_>>().join("; ")
}

/// Values for what nobody has made yet, so that all else can be looked at. Nothing is signed with them, and nobody can
/// have signed with them: they are others each time.
pub fn stand_in(keys: &mut Keys, missing: &MissingOptions) {
    for option in &missing.0 {
        let Some(name) = SaltConstants::NAMES.iter().find(|name| name.eq_ignore_ascii_case(option)) else {
            continue;
        };
        keys.0.retain(|(found, _)| found != name);
        let mut random = [0; 32];
        Random::System.fill(&mut random);
        keys.0.push((name, secret(&hex::encode(random))));
    }
}
