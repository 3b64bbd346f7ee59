//! The four salts that cookies and nonces are signed with, out of constants and options.
//!
//! Reading wp-config.php and the options table, and storing what is generated, are not here.

use secrecy::{ExposeSecret, SecretSlice};

use super::{hash, random_text};

/// Bytes that never show in debug output and are wiped when dropped.
pub type Secret = SecretSlice<u8>;

/// What the sample configuration holds in place of each key and salt.
pub const PLACEHOLDER: &[u8] = b"put your unique phrase here";

/// What a salt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The auth cookie, for wp-admin without TLS.
    Auth,
    /// The secure_auth cookie, for wp-admin over TLS.
    SecureAuth,
    /// The logged_in cookie.
    LoggedIn,
    /// Nonces.
    Nonce,
}

impl Scheme {
    const ALL: [Self; 4] = [Self::Auth, Self::SecureAuth, Self::LoggedIn, Self::Nonce];

    /// Constants and options of key and salt.
    const fn names(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Auth => [("AUTH_KEY", "auth_key"), ("AUTH_SALT", "auth_salt")],
            Self::SecureAuth => {
                [("SECURE_AUTH_KEY", "secure_auth_key"), ("SECURE_AUTH_SALT", "secure_auth_salt")]
            }
            Self::LoggedIn => [("LOGGED_IN_KEY", "logged_in_key"), ("LOGGED_IN_SALT", "logged_in_salt")],
            Self::Nonce => [("NONCE_KEY", "nonce_key"), ("NONCE_SALT", "nonce_salt")],
        }
    }
}

/// The constants of wp-config.php that count, and which of them are fit for use.
#[derive(Debug)]
pub struct SaltConstants {
    defined: Vec<(&'static str, Secret)>,
    placeholder: Vec<u8>,
}

impl SaltConstants {
    /// All ten names.
    pub const NAMES: [&'static str; 10] = [
        "AUTH_KEY",
        "AUTH_SALT",
        "SECURE_AUTH_KEY",
        "SECURE_AUTH_SALT",
        "LOGGED_IN_KEY",
        "LOGGED_IN_SALT",
        "NONCE_KEY",
        "NONCE_SALT",
        "SECRET_KEY",
        "SECRET_SALT",
    ];

    /// Takes each of [`NAMES`](Self::NAMES) from `constant`, which says `None` for an undefined one.
    /// `placeholder` is the translation of [`PLACEHOLDER`] in the site's language, if it has one.
    pub fn new(constant: impl Fn(&str) -> Option<Secret>, placeholder: Option<&str>) -> Self {
        Self {
            defined: Self::NAMES.into_iter().filter_map(|name| Some((name, constant(name)?))).collect(),
            placeholder: placeholder.map_or_else(|| PLACEHOLDER.to_vec(), |text| text.as_bytes().to_vec()),
        }
    }

    /// The constant's value, unless it is undefined, empty, a placeholder, or the same as another one's.
    fn usable(&self, name: &str) -> Option<&Secret> {
        let (_, secret) = self.defined.iter().find(|(defined, _)| *defined == name)?;
        self.fault(secret).is_none().then_some(secret)
    }

    fn fault(&self, secret: &Secret) -> Option<Fault> {
        let value = secret.expose_secret();
        let same = self.defined.iter().filter(|(_, other)| other.expose_secret() == value).count();
        if is_empty(value) {
            Some(Fault::Empty)
        } else if value == PLACEHOLDER || value == self.placeholder {
            Some(Fault::Placeholder)
        } else {
            (same > 1).then_some(Fault::Repeated)
        }
    }

    /// The constants that are defined and do not count, and why.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, Fault)> {
        self.defined.iter().filter_map(|(name, secret)| Some((*name, self.fault(secret)?))).collect()
    }

    /// Where each of the eight parts comes from, in the order of WordPress.
    #[must_use]
    pub fn sources(&self, option: impl Fn(&str) -> Option<Secret>) -> Vec<(&'static str, Source)> {
        let source = |[(key_constant, key_option), (salt_constant, salt_option)]: [(&'static str, &str);
                          2]| {
            let of = |constant: &str, other: Option<&str>, name: &str| {
                if self.usable(constant).is_some() {
                    Source::Constant
                } else if other.is_some_and(|other| self.usable(other).is_some()) {
                    Source::OldConstant
                } else if stored(&option, name).is_some() {
                    Source::Option
                } else {
                    Source::Missing
                }
            };
            let old_salt = (salt_constant == "AUTH_SALT").then_some("SECRET_SALT");
            [
                (key_constant, of(key_constant, Some("SECRET_KEY"), key_option)),
                (salt_constant, of(salt_constant, old_salt, salt_option)),
            ]
        };
        Scheme::ALL.into_iter().flat_map(|scheme| source(scheme.names())).collect()
    }
}

/// Why a defined constant does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It says nothing.
    Empty,
    /// It holds what the sample configuration holds.
    Placeholder,
    /// Another of the constants has the same value.
    Repeated,
}

/// Where a key or salt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The constant of its name.
    Constant,
    /// `SECRET_KEY` or `SECRET_SALT`.
    OldConstant,
    /// The option of its name.
    Option,
    /// Nowhere: it is to be generated.
    Missing,
}

/// The four salts.
#[derive(Debug)]
pub struct Salts {
    auth: Secret,
    secure_auth: Secret,
    logged_in: Secret,
    nonce: Secret,
}

/// Options that hold no value and have to be generated first, in the order WordPress would.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingOptions(pub Vec<&'static str>);

impl Salts {
    /// Puts the salts together. `option` reads a site option (sitemeta on multisite).
    ///
    /// Mirrors `wp_salt()`; held against the genuine code by the cases of vectors/salts.json. A site may
    /// filter `salt` or replace the function: check a live cookie.
    ///
    /// # Errors
    /// Names the options that have to be generated ([`salt_from_random`]) and stored first. WordPress may
    /// generate at the same moment: read them again after the write.
    pub fn resolve(
        constants: &SaltConstants,
        option: impl Fn(&str) -> Option<Secret>,
    ) -> Result<Self, MissingOptions> {
        let mut missing = Vec::new();
        let [auth, secure_auth, logged_in, nonce] = Scheme::ALL.map(|scheme| {
            let [(key_constant, key_option), (salt_constant, salt_option)] = scheme.names();
            let secret_salt = if scheme == Scheme::Auth { constants.usable("SECRET_SALT") } else { None };
            let key = constants.usable(key_constant).or_else(|| constants.usable("SECRET_KEY"));
            let salt = constants.usable(salt_constant).or(secret_salt);
            let mut part = |constant: Option<&Secret>, name| {
                constant.cloned().or_else(|| stored(&option, name)).unwrap_or_else(|| {
                    missing.push(name);
                    Secret::from(Vec::new())
                })
            };
            let key = part(key, key_option);
            join(&key, &part(salt, salt_option))
        });
        if missing.is_empty() {
            Ok(Self { auth, secure_auth, logged_in, nonce })
        } else {
            Err(MissingOptions(missing))
        }
    }

    /// The salt of a scheme, key and salt joined.
    #[must_use]
    pub fn get(&self, scheme: Scheme) -> &[u8] {
        match scheme {
            Scheme::Auth => &self.auth,
            Scheme::SecureAuth => &self.secure_auth,
            Scheme::LoggedIn => &self.logged_in,
            Scheme::Nonce => &self.nonce,
        }
        .expose_secret()
    }
}

/// The salt of a scheme that a plugin made up: any name but the four of [`Scheme`].
///
/// Mirrors `wp_salt()` as [`Salts::resolve`] does.
///
/// # Errors
/// The option `secret_key` is needed and holds nothing.
pub fn resolve_other(
    scheme: &str,
    constants: &SaltConstants,
    option: impl Fn(&str) -> Option<Secret>,
) -> Result<Secret, MissingOptions> {
    let key = constants.usable("SECRET_KEY").cloned().or_else(|| stored(&option, "secret_key"));
    let key = key.ok_or_else(|| MissingOptions(vec!["secret_key"]))?;
    let salt = hash::wp_hash(scheme.as_bytes(), key.expose_secret());
    Ok(join(&key, &Secret::from(salt.into_bytes())))
}

/// A value for an option that holds none: 64 characters of WordPress's alphabet (417 bits).
///
/// Mirrors `wp_generate_password( 64, true, true )`. Takes 80 random bytes, 27 more than the text holds,
/// which leaves no bias to speak of.
#[must_use]
pub fn salt_from_random(random: &[u8; 80]) -> Secret {
    let text = random_text::draw(random_text::LETTERS_DIGITS_AND_SPECIALS, 64, random);
    Secret::from(text.into_bytes())
}

/// An option's value, unless it is empty.
fn stored(option: impl Fn(&str) -> Option<Secret>, name: &str) -> Option<Secret> {
    option(name).filter(|value| !is_empty(value.expose_secret()))
}

/// PHP's idea of an empty text.
fn is_empty(value: &[u8]) -> bool {
    value.is_empty() || value == b"0"
}

fn join(key: &Secret, salt: &Secret) -> Secret {
    Secret::from([key.expose_secret(), salt.expose_secret()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn secret(value: &str) -> Secret {
        Secret::from(value.as_bytes().to_vec())
    }

    fn lookup(map: &Value) -> impl Fn(&str) -> Option<Secret> {
        // PHP wrote empty maps as lists.
        move |name| map.get(name).and_then(Value::as_str).map(secret)
    }

    #[test]
    fn salts_are_those_of_wordpress() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../fixtures/vectors/salts.json")).unwrap();
        assert_eq!(cases.len(), 15);
        for case in &cases {
            let constants = SaltConstants::new(lookup(&case["constants"]), None);
            let option = lookup(&case["options"]);
            let mut written = match Salts::resolve(&constants, &option) {
                Ok(_) => Vec::new(),
                Err(MissingOptions(names)) => names,
            };
            let other = resolve_other("custom", &constants, &option);
            written.extend(other.err().into_iter().flat_map(|missing| missing.0));
            assert_eq!(Value::from(written.clone()), case["options_written"], "{}", case["name"]);

            let option = |name: &str| {
                if written.contains(&name) { Some(secret("GENERATED-64")) } else { option(name) }
            };
            let salts = Salts::resolve(&constants, option).unwrap();
            for (scheme, name) in Scheme::ALL.into_iter().zip(["auth", "secure_auth", "logged_in", "nonce"]) {
                let salt = String::from_utf8(salts.get(scheme).to_vec()).unwrap();
                assert_eq!(salt, case["salts"][name].as_str().unwrap(), "{}", case["name"]);
            }
            let custom = resolve_other("custom", &constants, option).unwrap();
            assert_eq!(
                custom.expose_secret(),
                case["salts"]["custom"].as_str().unwrap().as_bytes(),
                "{}",
                case["name"]
            );
        }
    }

    #[test]
    fn what_does_not_count_is_told_with_its_reason_and_where_each_part_comes_from_instead() {
        let constants = json!({
            "AUTH_KEY": "a", "AUTH_SALT": "a", "SECURE_AUTH_KEY": "put your unique phrase here",
            "SECURE_AUTH_SALT": "", "LOGGED_IN_KEY": "b", "SECRET_SALT": "c",
        });
        let constants = SaltConstants::new(lookup(&constants), None);
        assert_eq!(
            constants.faults(),
            [
                ("AUTH_KEY", Fault::Repeated),
                ("AUTH_SALT", Fault::Repeated),
                ("SECURE_AUTH_KEY", Fault::Placeholder),
                ("SECURE_AUTH_SALT", Fault::Empty),
            ]
        );
        let options = json!({"auth_key": "x", "nonce_key": "y", "nonce_salt": ""});
        assert_eq!(
            constants.sources(lookup(&options)),
            [
                ("AUTH_KEY", Source::Option),
                ("AUTH_SALT", Source::OldConstant),
                ("SECURE_AUTH_KEY", Source::Missing),
                ("SECURE_AUTH_SALT", Source::Missing),
                ("LOGGED_IN_KEY", Source::Constant),
                ("LOGGED_IN_SALT", Source::Missing),
                ("NONCE_KEY", Source::Option),
                ("NONCE_SALT", Source::Missing),
            ]
        );
    }

    #[test]
    fn a_translated_placeholder_is_no_key() {
        let constant = |name: &str| (name == "AUTH_KEY").then(|| secret("gib hier etwas Einmaliges ein"));
        let option = |_: &str| Some(secret("stored"));
        let auth = |placeholder| {
            let constants = SaltConstants::new(constant, placeholder);
            Salts::resolve(&constants, option).unwrap().get(Scheme::Auth).to_vec()
        };
        assert_eq!(auth(Some("gib hier etwas Einmaliges ein")), b"storedstored");
        assert_eq!(auth(None), b"gib hier etwas Einmaliges einstored");
    }

    #[test]
    fn zero_counts_as_empty() {
        let constants = SaltConstants::new(|name| (name == "AUTH_KEY").then(|| secret("0")), None);
        let missing = Salts::resolve(&constants, |_| Some(secret("0"))).unwrap_err();
        assert_eq!(missing.0.len(), 8);
    }

    #[test]
    fn debug_output_shows_no_salt() {
        let constants = SaltConstants::new(|name| Some(secret(&format!("hush-{name}"))), None);
        let salts = Salts::resolve(&constants, |_| None).unwrap();
        for shown in [format!("{salts:?}"), format!("{constants:?}")] {
            assert!(shown.contains("REDACTED") && !shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn a_generated_salt_has_64_characters_of_wordpress_alphabet() {
        let salt = salt_from_random(&[0xA5; 80]);
        assert_eq!(salt.expose_secret().len(), 64);
        assert!(
            salt.expose_secret().iter().all(|byte| random_text::LETTERS_DIGITS_AND_SPECIALS.contains(byte))
        );
    }
}
