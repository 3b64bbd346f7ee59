//! User meta that no request writes (privileges) or even reads (secrets), however its key is spelled.
//!
//! MySQL finds rows by a key's weight in a collation, not by its bytes: `WP_CAPABILITIES`, `wp_càpabilities`, a key
//! with full-width letters, a trailing blank or a zero-width character all reach the row `wp_capabilities`. So the
//! database is asked what a key weighs, and what weighs as a protected name is protected. It is asked in two
//! collations: the column's own, and the one that connections have, in which the server compares where a key does not
//! exist in the column's charset.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Context;
use crate::settings::Wordpress;
use crate::store::collation::{Collation, MetaColumns, Weights};
use crate::store::usermeta::{MetaRow, Weighing};
use crate::store::{Db, StoreError};
use crate::wp::text_column::Limit;

/// Sessions, passwords of applications, addresses to be confirmed: readable by nobody.
const SECRET: [&str; 3] = [crate::wp::sessions::META_KEY, "_application_passwords", "_new_email"];
/// What keys of two-factor plugins begin with; as secret.
const SECRET_PREFIX: &str = "_two_factor_";
/// What says which sites of a network a user came from.
const PRIVILEGED: [&str; 2] = ["primary_blog", "source_domain"];
/// What grants roles, behind a site's prefix.
const PRIVILEGED_SUFFIXES: [&str; 2] = ["capabilities", "user_level"];
/// Length of WordPress's own `meta_key`.
const KEY_LENGTH: usize = 255;

/// The protected names, as the site's database weighs them.
#[derive(Debug)]
pub struct ProtectedMeta {
    collations: [Collation; 2],
    key_length: u64,
    /// For each form whether it is a secret one.
    secret: Vec<bool>,
    /// The forms as plain bytes in lower case.
    plain: Scale,
    weighed: [Scale; 2],
    hidden: Arc<Verdicts>,
}

/// Which keys have been found to be hidden or not. What a key weighs changes only with the collations.
#[derive(Debug, Default)]
struct Verdicts(Mutex<HashMap<Vec<u8>, bool>>);

/// Keys that are remembered. Clients may invent keys, so beyond it all are forgotten.
const REMEMBERED: usize = 4096;

impl Verdicts {
    fn known(&self) -> MutexGuard<'_, HashMap<Vec<u8>, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, key: &[u8], hidden: bool) {
        if !arrives_whole(key) {
            return;
        }
        let mut known = self.known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key.to_vec(), hidden);
    }
}

/// The bytes say which key it is: where a character does not exist in the connection's charset, the server sends a
/// question mark for it.
fn arrives_whole(key: &[u8]) -> bool {
    key.len() <= KEY_LENGTH && std::str::from_utf8(key).is_ok() && !key.contains(&b'?')
}

/// The names in one weighing, in the order of [`ProtectedMeta::secret`].
#[derive(Debug, PartialEq)]
struct Scale {
    forms: Vec<Form<Vec<u8>>>,
    digits: Vec<Vec<u8>>,
    blank: Vec<u8>,
}

/// What keys look like that a rule is about.
#[derive(Clone, Debug, PartialEq)]
enum Form<T> {
    /// This key.
    Exact(T),
    /// Every key that begins so.
    Prefix(T),
    /// Every key that ends so.
    Suffix(T),
    /// A number between the two: `wp_2_capabilities`.
    Numbered(T, T),
}

impl ProtectedMeta {
    /// Has the names weighed. `configured` are those of the setting `meta.protected`; a `*` at the end of one
    /// stands for any rest. `before` is what was read the last time.
    pub async fn read(
        db: &Db,
        wordpress: &Wordpress,
        configured: &[String],
        columns: &MetaColumns,
        before: Option<&Self>,
    ) -> Result<Self, StoreError> {
        let rules = rules(wordpress, db.tables().names().blog_prefix.as_str(), configured);
        let collations = [comparing(columns), Collation::unicode()];
        let key_length = match columns.key.limit {
            Some(Limit::Characters(most)) => most,
            _ => KEY_LENGTH,
        };
        let key_length = u64::try_from(key_length).unwrap_or(u64::MAX);

        let digits: Vec<String> = (0..10).map(|digit: u8| digit.to_string()).collect();
        let mut texts: Vec<&str> = digits.iter().map(String::as_str).collect();
        texts.push(" ");
        texts.extend(rules.iter().flat_map(|(_, form)| form.parts()));
        let weights = db.list_weights(&collations, &texts, u64::from(u16::MAX)).await?;
        let forms = || rules.iter().map(|(_, form)| form);
        let lower: Vec<Vec<u8>> = texts.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect();
        let scale = |pick: fn(&Weights) -> &Vec<u8>| Scale::new(forms(), weights.iter().map(pick).cloned());
        let weighed = [scale(|[first, _]| first), scale(|[_, second]| second)];
        // The rest follows from the settings, which do not change.
        let same = before.filter(|before| before.collations == collations && before.weighed == weighed);
        let hidden = same.map(|before| Arc::clone(&before.hidden)).unwrap_or_default();
        Ok(Self {
            key_length,
            secret: rules.iter().map(|(secret, _)| *secret).collect(),
            plain: Scale::new(forms(), lower.into_iter()),
            weighed,
            collations,
            hidden,
        })
    }

    /// [`Self::hides`], remembered: to read and compare the weights takes longer than all else with a row.
    fn is_hidden(&self, key: &[u8], weighing: &Weighing<'_>) -> Result<bool, StoreError> {
        if let Some(hidden) = self.hidden.known().get(key) {
            return Ok(*hidden);
        }
        let hidden = self.hides(key, &weighing.read()?);
        self.hidden.add(key, hidden);
        Ok(hidden)
    }

    /// True for a stored key that nobody may read.
    fn hides(&self, key: &[u8], weights: &Weights) -> bool {
        self.forbids(weights, true) || self.plain.matches(&key.to_ascii_lowercase(), &self.secret, true)
    }

    /// True for the key of a stored row that nobody may write: the names as WordPress itself writes them. Where a
    /// row was found in some way that the weights did not foresee, this still keeps it.
    pub(super) fn is_stored_name(&self, key: &[u8]) -> bool {
        self.plain.matches(&key.to_ascii_lowercase(), &self.secret, false)
    }

    /// True for a key that no answer shows, in the spelling in which WordPress and its plugins write it.
    #[must_use]
    pub fn is_secret_name(&self, key: &str) -> bool {
        self.plain.matches(key.to_ascii_lowercase().as_bytes(), &self.secret, true)
    }

    fn forbids(&self, [first, second]: &Weights, secrets_only: bool) -> bool {
        let [of_column, of_connection] = &self.weighed;
        of_column.matches(first, &self.secret, secrets_only)
            || of_connection.matches(second, &self.secret, secrets_only)
    }
}

impl Context<'_> {
    /// The first of these meta keys that no request may write, in one statement for all of them. Keys are as they
    /// would be stored: filtered and without slashes.
    pub async fn protected_meta_key(&self, keys: &[&str]) -> Result<Option<String>, StoreError> {
        self.first_forbidden(keys).await
    }

    async fn first_forbidden(&self, keys: &[&str]) -> Result<Option<String>, StoreError> {
        let protected = &self.site.protected_meta;
        let weights = self.db.list_weights(&protected.collations, keys, protected.key_length).await?;
        let found = keys.iter().zip(&weights).find(|(key, weights)| {
            protected.forbids(weights, false)
                || protected.plain.matches(key.to_ascii_lowercase().as_bytes(), &protected.secret, false)
        });
        Ok(found.map(|(key, _)| (*key).to_owned()))
    }

    /// A user's meta without the secrets, lowest `umeta_id` first, in one statement: all rows, or those of exactly
    /// this key.
    pub async fn list_readable_meta(
        &self,
        user_id: u64,
        key: Option<&str>,
    ) -> Result<Vec<MetaRow>, StoreError> {
        if let Some(key) = key
            && self.fitting_key(key.as_bytes()).await?.is_none()
        {
            return Ok(Vec::new());
        }
        let protected = &self.site.protected_meta;
        let is_readable = |key: &[u8], weighing: Weighing<'_>| Ok(!protected.is_hidden(key, &weighing)?);
        self.db.list_meta_weighed(user_id, key, &protected.collations, is_readable).await
    }
}

impl Scale {
    /// `weights`: of the ten digits, of the blank, and of the parts of all forms in their order.
    fn new<'f>(
        forms: impl Iterator<Item = &'f Form<String>>,
        mut weights: impl Iterator<Item = Vec<u8>>,
    ) -> Self {
        let digits = weights.by_ref().take(10).collect();
        let blank = weights.next().unwrap_or_default();
        let forms = forms.map(|form| form.weighed(|| weights.next().unwrap_or_default())).collect();
        Self { forms, digits, blank }
    }

    fn matches(&self, weight: &[u8], secret: &[bool], secrets_only: bool) -> bool {
        let weight = self.without_blanks(weight);
        let mut asked = self.forms.iter().zip(secret).filter(|(_, secret)| **secret || !secrets_only);
        asked.any(|(form, _)| match form {
            Form::Exact(name) => weight == self.without_blanks(name),
            Form::Prefix(start) => weight.starts_with(start),
            Form::Suffix(end) => weight.ends_with(end),
            Form::Numbered(start, end) => weight
                .strip_prefix(start.as_slice())
                .and_then(|rest| rest.strip_suffix(end.as_slice()))
                .is_some_and(|number| self.is_number(number)),
        })
    }

    /// Most collations do not count blanks at the end.
    fn without_blanks<'w>(&self, mut weight: &'w [u8]) -> &'w [u8] {
        while !self.blank.is_empty()
            && let Some(rest) = weight.strip_suffix(self.blank.as_slice())
        {
            weight = rest;
        }
        weight
    }

    fn is_number(&self, mut weight: &[u8]) -> bool {
        if weight.is_empty() {
            return false;
        }
        while !weight.is_empty() {
            let after = |digit: &Vec<u8>| {
                weight.strip_prefix(digit.as_slice()).filter(|rest| rest.len() < weight.len())
            };
            let Some(rest) = self.digits.iter().find_map(after) else {
                return false;
            };
            weight = rest;
        }
        true
    }
}

impl Form<String> {
    fn parts(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Exact(text) | Self::Prefix(text) | Self::Suffix(text) => (text, None),
            Self::Numbered(start, end) => (start, Some(end)),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }

    fn weighed(&self, mut weight: impl FnMut() -> Vec<u8>) -> Form<Vec<u8>> {
        match self {
            Self::Exact(_) => Form::Exact(weight()),
            Self::Prefix(_) => Form::Prefix(weight()),
            Self::Suffix(_) => Form::Suffix(weight()),
            Self::Numbered(..) => {
                let start = weight();
                Form::Numbered(start, weight())
            }
        }
    }
}

/// The rules, and whether each is about secrets.
fn rules(wordpress: &Wordpress, blog_prefix: &str, configured: &[String]) -> Vec<(bool, Form<String>)> {
    let base = wordpress.table_prefix.as_str();
    let mut rules: Vec<(bool, Form<String>)> = Vec::new();
    rules.extend(SECRET.map(|name| (true, Form::Exact(name.to_owned()))));
    rules.push((true, Form::Prefix(SECRET_PREFIX.to_owned())));
    rules.extend(PRIVILEGED.map(|name| (false, Form::Exact(name.to_owned()))));
    // Sites that share their users keep roles under prefixes that are not known here.
    let shared = wordpress.user_table.is_some() || wordpress.user_meta_table.is_some();
    for suffix in PRIVILEGED_SUFFIXES {
        rules.push((false, Form::Exact(format!("{base}{suffix}"))));
        rules.push((false, Form::Exact(format!("{blog_prefix}{suffix}"))));
        rules.push((false, Form::Numbered(base.to_owned(), format!("_{suffix}"))));
        if shared {
            rules.push((false, Form::Suffix(suffix.to_owned())));
        }
    }
    rules.extend(configured.iter().map(|name| match name.strip_suffix('*') {
        Some(start) => (true, Form::Prefix(start.to_owned())),
        None => (true, Form::Exact(name.clone())),
    }));
    rules
}

/// The column's collation. One that tells accents apart weighs in several levels, of which no prefix can be taken;
/// the one without accents of the same family takes the same texts for equal, and more.
fn comparing(columns: &MetaColumns) -> Collation {
    let own = columns.key.collation.as_deref().unwrap_or_default();
    let name = match own {
        own if !own.contains("_as_") => own,
        own if own.contains("_uca1400_") => "utf8mb4_uca1400_ai_ci",
        _ => "utf8mb4_0900_ai_ci",
    };
    Collation::parse(name).unwrap_or_else(Collation::unicode)
}
