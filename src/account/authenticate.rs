//! Name and password to user: `wp_authenticate()` with the filters that WordPress and BuddyPress put on it.
//!
//! However it fails, the hash work is the same, so that time tells nobody which users exist.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::Context;
use super::hashing::{HashError, Question};
use super::sessions;
use super::user_object::META_KEYS;
use crate::limits::{self, Account, Attempt, TooMany};
use crate::store::users::{UserBy, UserWithMeta};
use crate::store::{StoreError, usermeta};
use crate::wp::password::{self, HashWork, Refusal as HashRefusal};
use crate::wp::php_text;
use crate::wp::sanitize::{is_email, sanitize_user};
use crate::wp::sessions::Sessions;

/// A user who gave the right password.
#[derive(Debug)]
pub struct LoggedIn {
    /// The row as it is now, with the meta that describes the user and its sessions.
    pub found: UserWithMeta,
    /// The stored hash was replaced by one of the site's own kind.
    pub rehashed: bool,
    /// What was hashed on the way.
    pub work: HashWork,
}

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// Name or password are wrong, or the account may not log in. The client is not told which.
    #[error("{reason:?}")]
    Refused {
        /// For the log.
        reason: Refusal,
        /// Whose account, where there is one.
        user_id: Option<u64>,
        /// What was hashed on the way.
        work: HashWork,
    },
    /// Too many failed before; the password was not looked at.
    #[error(transparent)]
    Limited(#[from] TooMany),
    /// Nothing is known about the password.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is known about the password.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// WordPress's error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `empty_username` or `empty_password`
    Empty,
    /// `invalid_username` or `invalid_email`
    UnknownUser,
    /// `incorrect_password`
    IncorrectPassword,
    /// `spammer_account` of a network, or BuddyPress's spammer
    Spammer,
    /// `bp_account_not_activated`
    NotActivated,
}

/// How often a login follows a password that changes under its hands.
const ATTEMPTS: u32 = 3;

impl Context<'_> {
    /// Logs in by login name or e-mail address. Both texts are as sent. `ip` is the caller's, for the limits.
    pub async fn authenticate(
        &self,
        username: &[u8],
        password: &[u8],
        ip: Option<IpAddr>,
    ) -> Result<LoggedIn, AuthenticateError> {
        let login = sanitize_user(username, false, self.site.rules());
        let mut work = HashWork::default();
        if is_empty(&login) || is_blank(password) {
            return Err(AuthenticateError::Refused { reason: Refusal::Empty, user_id: None, work });
        }
        let mut reason = Refusal::UnknownUser;
        let mut tried = None;
        // What is not UTF-8 is in no column, but costs a hash like any unknown name.
        if let Ok(login) = std::str::from_utf8(&login) {
            for by in [UserBy::Login(login), UserBy::Email(login)] {
                if matches!(by, UserBy::Email(_)) && !is_email(login.as_bytes()) {
                    continue;
                }
                let Some(found) = self.db.find_user_with_meta(by, &self.login_meta()).await? else {
                    continue;
                };
                // WordPress would check the same hash again.
                if tried == Some(found.user.id) {
                    continue;
                }
                tried = Some(found.user.id);
                let attempt = Attempt {
                    ip,
                    account: Account::User(found.user.id),
                    has_session_here: || ip.is_some_and(|ip| self.has_session_at(&found, ip)),
                };
                let ticket = self.limits.admit_login(attempt).await?;
                match self.is_password(password, Some(&found.user.pass), &mut work, ticket.looked_at()).await
                {
                    Ok(true) => {
                        // It counts no more, even if the caller hangs up before his answer.
                        ticket.looked_at().store(false, Ordering::Relaxed);
                        let done = self.admit(found, password, work).await;
                        match &done {
                            Ok(_) => ticket.succeeded().await,
                            // The password was right: who gave it is nobody who guesses.
                            Err(_) => ticket.undone().await,
                        }
                        return done;
                    }
                    Ok(false) => {
                        ticket.failed();
                        reason = Refusal::IncorrectPassword;
                    }
                    Err(error) => {
                        ticket.undone().await;
                        return Err(error);
                    }
                }
            }
        }
        if tried.is_none() {
            let attempt = Attempt { ip, account: Account::unknown(&login), has_session_here: || false };
            let ticket = self.limits.admit_login(attempt).await?;
            match self.is_password(password, None, &mut work, ticket.looked_at()).await {
                Ok(_) => ticket.failed(),
                Err(error) => {
                    ticket.undone().await;
                    return Err(error);
                }
            }
        }
        Err(AuthenticateError::Refused { reason, user_id: tried, work })
    }

    /// After the right password: renew an old hash, then ask whether the account may log in.
    async fn admit(
        &self,
        mut found: UserWithMeta,
        password: &[u8],
        mut work: HashWork,
    ) -> Result<LoggedIn, AuthenticateError> {
        let mut rehashed = false;
        for _ in 0..ATTEMPTS {
            if !password::needs_rehash(&found.user.pass, self.site.version) {
                break;
            }
            if self.rehash(&mut found, password, &mut work).await? {
                rehashed = true;
                break;
            }
            // Somebody changed the hash meanwhile: another login that renewed it, or a new password.
            let id = found.user.id;
            let refused = |reason| AuthenticateError::Refused { reason, user_id: Some(id), work };
            let Some(now) = self.db.find_user_with_meta(UserBy::Id(id), &self.login_meta()).await? else {
                return Err(refused(Refusal::UnknownUser));
            };
            found = now;
            if !self.is_password(password, Some(&found.user.pass), &mut work, &AtomicBool::new(false)).await?
            {
                let refused = AuthenticateError::Refused {
                    reason: Refusal::IncorrectPassword,
                    user_id: Some(id),
                    work,
                };
                return Err(refused);
            }
        }
        match self.bar(&found).await? {
            Some(reason) => Err(AuthenticateError::Refused { reason, user_id: Some(found.user.id), work }),
            None => Ok(LoggedIn { found, rehashed, work }),
        }
    }

    /// Accounts that may not log in although the password is right.
    pub(super) async fn bar(&self, found: &UserWithMeta) -> Result<Option<Refusal>, StoreError> {
        let user = &found.user;
        if self.site.multisite && self.db.is_network_spammer(user.id).await? {
            return Ok(Some(Refusal::Spammer));
        }
        if self.site.buddypress {
            if user.status == 1 {
                return Ok(Some(Refusal::Spammer));
            }
            let login = String::from_utf8_lossy(&user.login);
            if user.status == 2 && self.db.has_open_signup(&login).await? {
                return Ok(Some(Refusal::NotActivated));
            }
        }
        Ok(None)
    }

    async fn rehash(
        &self,
        found: &mut UserWithMeta,
        password: &[u8],
        work: &mut HashWork,
    ) -> Result<bool, AuthenticateError> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        let version = self.site.version;
        let hash = self.hashing.hash(self.caller, password, version, self.site.hash_cost, salt).await?;
        *work += HashWork::of_new_hash(version, self.site.hash_cost);
        let user = &mut found.user;
        let stored = self.db.update_password_hash(user.id, &user.pass, &hash).await?;
        if stored {
            // The cookie is signed with a part of the hash.
            user.pass = hash.into_bytes();
        }
        Ok(stored)
    }

    /// `looked_at` is set from the moment at which the password is looked at.
    async fn is_password(
        &self,
        password: &[u8],
        stored: Option<&[u8]>,
        work: &mut HashWork,
        looked_at: &AtomicBool,
    ) -> Result<bool, AuthenticateError> {
        let question =
            Question { password, stored, version: self.site.version, reference: self.site.hash_cost };
        let checked = self.hashing.check(self.caller, question, looked_at).await?;
        *work += checked.work;
        if let Some(refusal @ (HashRefusal::Unsupported | HashRefusal::TooCostly)) = checked.refusal {
            let kind = checked.kind.map(|kind| kind.to_string());
            tracing::warn!(
                ?refusal,
                kind,
                "a stored password hash cannot be checked here; its user cannot log in"
            );
        }
        Ok(checked.matches)
    }

    /// Whether one of the user's live sessions was begun at that address.
    fn has_session_at(&self, found: &UserWithMeta, ip: IpAddr) -> bool {
        let stored = usermeta::first(&found.meta, sessions::META_KEY).and_then(|row| row.value.as_deref());
        let parsed = |ip: &[u8]| std::str::from_utf8(ip).ok()?.parse::<IpAddr>().ok();
        Sessions::parse(stored).is_ok_and(|sessions| {
            let mut begun = sessions.live_addresses(self.now).filter_map(parsed);
            begun.any(|begun| limits::network(begun) == limits::network(ip))
        })
    }

    /// Keys of the meta that a login needs.
    pub(super) fn login_meta(&self) -> [&str; META_KEYS.len() + 2] {
        let [nickname, first, last, description] = META_KEYS;
        [sessions::META_KEY, &self.site.capabilities_key, nickname, first, last, description]
    }
}

/// Nothing but what `trim()` takes away; the copy with slashes does not stay in memory.
fn is_blank(password: &[u8]) -> bool {
    let slashed = Zeroizing::new(php_text::addslashes(password).into_owned());
    is_empty(php_text::trim(&slashed))
}

/// PHP's `empty()` for text.
fn is_empty(text: &[u8]) -> bool {
    text.is_empty() || text == b"0"
}
