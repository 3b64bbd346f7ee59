//! Passwords: checking one against a stored hash, and new hashes, as the running WordPress does it.
//!
//! Finding the user, limits on attempts and the order of an authentication are not here.
//!
//! What is hashed is not the password as typed: WordPress slashes every request value and strips the
//! blanks around a password, so [`check`] and [`hash`] take it raw and do both. A hash made by code that
//! did not slash is not tried: it would double the work of each failure with a quote in the password,
//! and WordPress's own login does not find it either.
//!
//! Every failed check costs the same: see [`check`].

mod argon2;
mod bcrypt;
mod kind;
#[cfg(test)]
mod tests;
mod work;

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use self::{argon2::Argon2Hash, bcrypt::BcryptHash};
pub use self::{kind::HashKind, work::HashWork};
use super::{
    hash as keyed, php_text,
    phpass::{self, PortableHash},
    version::WpVersion,
};

/// Longest password in bytes, slashes included, that is hashed.
pub const MAX_PASSWORD_BYTES: usize = 4096;

/// What a password costs on this site: the yardstick for every failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    bcrypt_cost: u32,
}

impl Reference {
    /// `bcrypt_cost` is the most frequent [`bcrypt_cost`] of the site's users, or what PHP would use
    /// (10 up to 8.3, 12 after). Brought into the range 4 to 16. Of no account before WordPress 6.8.
    #[must_use]
    pub fn new(bcrypt_cost: u32) -> Self {
        Self { bcrypt_cost: bcrypt_cost.clamp(bcrypt::MIN_COST, bcrypt::MAX_COST) }
    }

    /// The cost in use.
    #[must_use]
    pub fn bcrypt_cost(self) -> u32 {
        self.bcrypt_cost
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new(10)
    }
}

/// Why a password was turned down without its hash being computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `''` or `0`, or blanks only: no login, as in WordPress.
    Empty,
    /// More than [`MAX_PASSWORD_BYTES`], as in WordPress.
    TooLong,
    /// WordPress could check this hash, the service cannot ([`HashKind::Crypt`]): worth a warning.
    Unsupported,
    /// The hash asks for more work than the service does for one login: worth a warning.
    TooCostly,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether the password is right.
    pub matches: bool,
    /// The slow hashing done.
    pub work: HashWork,
    /// Kind of the stored hash, `None` without a user.
    pub kind: Option<HashKind>,
    /// Set when the answer is no for another reason than a wrong password.
    pub refusal: Option<Refusal>,
}

/// Checks a login's password, as sent, against `user_pass`; `None` for a user that does not exist.
///
/// Mirrors what `wp_authenticate()` and `wp_check_password()` do together; held against 6.1.12, 6.8.8
/// and 7.1.0.
///
/// A failure always costs one full hash: bcrypt of the reference's cost from 6.8 on, 2^13 rounds of
/// phpass before. For an unknown user, an unusable hash or MD5 that is a dummy; for `$P$` on 6.8 the dummy
/// comes on top, for a bcrypt hash of lower cost it makes up the difference. Dearer hashes than the
/// reference, which WordPress itself did not write, can still be told by their time. A success costs only
/// its own hash; if it was a cheap one, [`needs_rehash`] says so, and the new hash is the full one.
#[must_use]
pub fn check(password: &[u8], stored: Option<&[u8]>, version: WpVersion, reference: Reference) -> Checked {
    let slashed = Zeroizing::new(php_text::addslashes(password).into_owned());
    let password = php_text::trim(&slashed);
    if matches!(password, b"" | b"0") {
        // No user is looked at, so nothing can be learnt from the time.
        return Checked {
            matches: false,
            work: HashWork::default(),
            kind: stored.map(HashKind::of),
            refusal: Some(Refusal::Empty),
        };
    }
    check_slashed(password, stored, version, reference)
}

/// True for a password, as sent, that is refused for its length.
#[must_use]
pub fn is_too_long(password: &[u8]) -> bool {
    let slashed = Zeroizing::new(php_text::addslashes(password).into_owned());
    php_text::trim(&slashed).len() > MAX_PASSWORD_BYTES
}

/// Checks a password exactly as given: no slashing, no trimming.
///
/// Mirrors `wp_check_password()`. The work is as in [`check`].
#[must_use]
pub fn check_slashed(
    password: &[u8],
    stored: Option<&[u8]>,
    version: WpVersion,
    reference: Reference,
) -> Checked {
    let mut work = HashWork::default();
    // Computed for everybody, so that long passwords take the same time for all users.
    let md5 = Zeroizing::new(keyed::md5_hex(password));
    let too_long = password.len() > MAX_PASSWORD_BYTES;
    let answer = match stored {
        Some(short) if short.len() <= 32 => Ok(keyed::equal(short, md5.as_bytes())),
        _ if too_long => Err(Refusal::TooLong),
        Some(stored) if version.at_least(6, 8) => check_new(password, stored, &mut work),
        Some(stored) => check_old(password, stored, &mut work),
        None => Ok(false),
    };
    let matches = answer == Ok(true);
    if !matches && !too_long {
        work.top_up(password, version, reference);
    }
    Checked { matches, work, kind: stored.map(HashKind::of), refusal: answer.err() }
}

/// A new hash of a password as sent: `$wp$2y$NN$...` from 6.8 on, `$P$B...` before. `*`, which no password
/// fits, for more than 4096 bytes: refuse such a password before.
///
/// Mirrors `wp_hash_password()` of a slashed password; held against 6.1.12, 6.8.8 and 7.1.0. `cost` is
/// that of bcrypt, 4 to 16. Takes 16 random bytes, of which phpass uses 6.
#[must_use]
pub fn hash(password: &[u8], version: WpVersion, cost: u32, random: [u8; 16]) -> String {
    let slashed = Zeroizing::new(php_text::addslashes(password).into_owned());
    let trimmed = php_text::trim(&slashed);
    // 6.8 measures before it trims.
    let measured = if version.at_least(6, 8) { slashed.len() } else { trimmed.len() };
    if measured > MAX_PASSWORD_BYTES {
        return "*".to_owned();
    }
    if version.at_least(6, 8) {
        return format!("$wp{}", bcrypt::hash(prehash(trimmed).as_bytes(), cost, random));
    }
    let [s0, s1, s2, s3, s4, s5, ..] = random;
    phpass::hash(trimmed, &[s0, s1, s2, s3, s4, s5])
}

/// Whether a hash that matched should be written anew.
///
/// From 6.8 on everything but `$wp`, before that only MD5. Unlike `wp_password_needs_rehash()` never for
/// the cost of a `$wp` hash: this service does not know PHP's default, and two sides that disagree would
/// rewrite it at each login.
#[must_use]
pub fn needs_rehash(stored: &[u8], version: WpVersion) -> bool {
    if version.at_least(6, 8) { !stored.starts_with(b"$wp") } else { stored.len() <= 32 }
}

/// The cost of a `$wp$2y$NN$` hash, to find the site's usual one. `None` for other kinds.
#[must_use]
pub fn bcrypt_cost(stored: &[u8]) -> Option<u32> {
    BcryptHash::parse(stored.strip_prefix(b"$wp")?).map(|hash| hash.cost())
}

/// WordPress 6.8 and later.
fn check_new(password: &[u8], stored: &[u8], work: &mut HashWork) -> Result<bool, Refusal> {
    if let Some(native) = stored.strip_prefix(b"$wp") {
        return password_verify(prehash(password).as_bytes(), native, work);
    }
    if stored.starts_with(b"$P$") {
        return check_portable(password, PortableHash::parse(stored, false), work);
    }
    password_verify(password, stored, work)
}

/// Up to WordPress 6.7: phpass, and what it hands on to PHP's `crypt()`, which knows no argon2.
fn check_old(password: &[u8], stored: &[u8], work: &mut HashWork) -> Result<bool, Refusal> {
    match HashKind::of(stored) {
        HashKind::Portable | HashKind::PortableH => {
            check_portable(password, PortableHash::parse(stored, true), work)
        }
        HashKind::Argon2 => Ok(false),
        _ => password_verify(password, stored, work),
    }
}

fn check_portable(
    password: &[u8],
    hash: Option<PortableHash<'_>>,
    work: &mut HashWork,
) -> Result<bool, Refusal> {
    match hash {
        Some(hash) if !hash.is_affordable() => Err(Refusal::TooCostly),
        Some(hash) => Ok(work.phpass(&hash, password)),
        None => Ok(false),
    }
}

/// PHP's `password_verify()`.
fn password_verify(password: &[u8], stored: &[u8], work: &mut HashWork) -> Result<bool, Refusal> {
    if let Some(hash) = BcryptHash::parse(stored) {
        return if hash.is_affordable() { Ok(work.bcrypt(&hash, password)) } else { Err(Refusal::TooCostly) };
    }
    if let Some(hash) = Argon2Hash::parse(stored) {
        return if hash.is_affordable() { Ok(work.argon2(&hash, password)) } else { Err(Refusal::TooCostly) };
    }
    if HashKind::of(stored) == HashKind::Crypt { Err(Refusal::Unsupported) } else { Ok(false) }
}

/// What 6.8 gives to bcrypt instead of the password: 64 characters, whatever its length.
fn prehash(password: &[u8]) -> Zeroizing<String> {
    let digest = Zeroizing::new(keyed::hmac_sha384(password, b"wp-sha384"));
    Zeroizing::new(STANDARD.encode(digest.as_slice()))
}
