//! Events that whoever guards the site wants to see, one line each: who, from where, in which request. Never a cookie,
//! a password, a login name or an e-mail address.

use super::call::Call;
use crate::account::authenticate::{LoggedIn, Refusal};
use crate::limits::TooMany;

/// What is told here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody logged in.
    LoginOk,
    /// A login was refused.
    LoginFailed,
    /// A budget is used up.
    Limited,
    /// A user was made.
    Registration,
    /// A link for a new password was mailed.
    PasswordReset,
    /// A password's hash was renewed.
    PasswordRehashed,
    /// A protected meta key was asked for.
    ProtectedMetaRefused,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::LoginOk,
        Self::LoginFailed,
        Self::Limited,
        Self::Registration,
        Self::PasswordReset,
        Self::PasswordRehashed,
        Self::ProtectedMetaRefused,
    ];

    /// In the log and in the figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoginOk => "login_ok",
            Self::LoginFailed => "login_failed",
            Self::Limited => "limited",
            Self::Registration => "registration",
            Self::PasswordReset => "password_reset",
            Self::PasswordRehashed => "password_rehashed",
            Self::ProtectedMetaRefused => "protected_meta_refused",
        }
    }
}

/// The span of the request adds its id.
macro_rules! event {
    ($level:ident, $call:expr, $event:ident, $($field:tt)*) => {
        $call.figures.event(Event::$event);
        tracing::$level!(
            event = Event::$event.name(),
            ip = $call.client.ip.map(tracing::field::display),
            $($field)*
        );
    };
}

/// Somebody logged in.
pub fn login_ok(call: Call<'_>, user: &LoggedIn) {
    let user_id = user.found.user.id;
    event!(info, call, LoginOk, user_id, "logged in");
    if user.rehashed {
        event!(info, call, PasswordRehashed, user_id, "the password's hash was renewed");
    }
}

/// Somebody vouched for by Facebook logged in.
pub fn connect_ok(call: Call<'_>, user_id: u64) {
    event!(info, call, LoginOk, user_id, "logged in with Facebook");
}

/// A login was refused.
pub fn login_failed(call: Call<'_>, user_id: Option<u64>, reason: Refusal) {
    event!(info, call, LoginFailed, user_id, ?reason, "login refused");
}

/// Facebook does not vouch for whoever sent a token.
pub fn connect_failed(call: Call<'_>, reason: &str) {
    event!(info, call, LoginFailed, reason, "Facebook refuses a token");
}

/// A budget is used up.
pub fn limited(call: Call<'_>, limit: TooMany) {
    event!(warn, call, Limited, budget = limit.budget, seconds = limit.seconds, "too many requests");
}

/// A user was made.
pub fn registered(call: Call<'_>, user_id: u64) {
    event!(info, call, Registration, user_id, "registered");
}

/// A link for a new password was mailed.
pub fn reset(call: Call<'_>, user_id: u64) {
    event!(info, call, PasswordReset, user_id, "a link for a new password was mailed");
}

/// A protected meta key was asked for.
pub fn meta_refused(call: Call<'_>, user_id: Option<u64>, key: &str) {
    // As much as the column holds; the rest is a client's to choose.
    let key = key.char_indices().nth(255).and_then(|(end, _)| key.get(..end)).unwrap_or(key);
    event!(warn, call, ProtectedMetaRefused, user_id, key, "a protected meta key was refused");
}
