//! Which variables of the environment end up in which constants of wp-config.php.
//!
//! The file is read again with a mark in the place of each variable it asks for: a constant that then holds the mark
//! takes its value from that variable. What to make of a variable that is not set does not belong here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::wp_config::{WpConfig, WpConfigError};

/// No site writes this.
const MARK: &str = "wp-sidecar asks where this goes";

/// More variables than any configuration names for its database.
const MOST: usize = 64;

/// A variable that ends up in constants.
#[derive(Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name.
    pub variable: String,
    /// Whether the environment has it.
    pub is_set: bool,
    /// The constants, in the order asked for.
    pub constants: Vec<&'static str>,
}

/// The variables from which any of `constants` takes its value, be they set or not, in alphabetical order.
pub fn find(
    dir: &Path,
    constants: &[&'static str],
    environment: &BTreeMap<String, String>,
) -> Result<Vec<Use>, WpConfigError> {
    let asked = RefCell::new(BTreeSet::new());
    WpConfig::find(dir, &|name| {
        asked.borrow_mut().insert(name.to_owned());
        environment.get(name).cloned()
    })?;
    let mut uses = Vec::new();
    for variable in asked.into_inner().into_iter().take(MOST) {
        let marked = WpConfig::find(dir, &|name| {
            if name == variable { Some(MARK.to_owned()) } else { environment.get(name).cloned() }
        })?;
        let holds_it = |name: &&&str| {
            let text = marked.string(name).ok().flatten();
            text.is_some_and(|text| text.contains(MARK))
        };
        let constants: Vec<&str> = constants.iter().filter(holds_it).copied().collect();
        if !constants.is_empty() {
            uses.push(Use { is_set: environment.contains_key(&variable), variable, constants });
        }
    }
    Ok(uses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, environment: &[(&str, &str)]) -> Vec<(String, bool, String)> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wp-config.php"), config).unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(owned).collect();
        let uses = find(folder.path(), &["DB_NAME", "DB_USER", "DB_HOST"], &environment).unwrap();
        uses.into_iter().map(|one| (one.variable, one.is_set, one.constants.join(" "))).collect()
    }

    fn expected(uses: &[(&str, bool, &str)]) -> Vec<(String, bool, String)> {
        uses.iter()
            .map(|(name, is_set, constants)| ((*name).to_owned(), *is_set, (*constants).to_owned()))
            .collect()
    }

    #[test]
    fn variables_are_found_through_calls_and_fallbacks_whether_set_or_not() {
        let config = "<?php
            if (!function_exists('getenv_docker')) { function getenv_docker($env, $default) {
                if ($file = getenv($env . '_FILE')) { return rtrim(file_get_contents($file), \"\\r\\n\"); }
                else if (($val = getenv($env)) !== false) { return $val; } else { return $default; } } }
            define('DB_NAME', getenv_docker('W_NAME', 'wordpress'));
            define('DB_USER', getenv('W_USER') ?: getenv('OTHER') ?: 'root');
            define('DB_HOST', $_ENV['W_HOST'] ?? 'mysql');
            if (getenv('STAGE') === 'x') { define('WP_DEBUG', true); }";
        assert_eq!(
            found(config, &[("W_NAME", "n")]),
            expected(&[
                ("OTHER", false, "DB_USER"),
                ("W_HOST", false, "DB_HOST"),
                ("W_NAME", true, "DB_NAME"),
                ("W_USER", false, "DB_USER"),
            ])
        );
    }

    #[test]
    fn a_file_that_asks_for_nothing_uses_nothing() {
        let config = "<?php define('DB_NAME', 'a'); if (getenv('X')) { define('DB_HOST', 'b'); }";
        assert_eq!(found(config, &[]), expected(&[]));
    }
}
