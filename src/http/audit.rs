//! Events that whoever guards the site wants to see, one line each: who, from where, in which request. Never a cookie,
//! a password, a login name or an e-mail address.

use super::call::Call;
use crate::account::authenticate::{LoggedIn, Refusal};
use crate::limits::TooMany;

macro_rules! event {
    ($level:ident, $call:expr, $event:literal, $($field:tt)*) => {
        tracing::$level!(
            event = $event,
            ip = $call.client.ip.map(tracing::field::display),
            request_id = $call.id.as_str(),
            $($field)*
        )
    };
}

/// Somebody logged in.
pub fn login_ok(call: Call<'_>, user: &LoggedIn) {
    let user_id = user.found.user.id;
    event!(info, call, "login_ok", user_id, "logged in");
    if user.rehashed {
        event!(info, call, "password_rehashed", user_id, "the password's hash was renewed");
    }
}

/// Somebody vouched for by Facebook logged in.
pub fn connect_ok(call: Call<'_>, user_id: u64) {
    event!(info, call, "login_ok", user_id, "logged in with Facebook");
}

/// A login was refused.
pub fn login_failed(call: Call<'_>, user_id: Option<u64>, reason: Refusal) {
    event!(info, call, "login_failed", user_id, ?reason, "login refused");
}

/// Facebook does not vouch for whoever sent a token.
pub fn connect_failed(call: Call<'_>, reason: &str) {
    event!(info, call, "login_failed", reason, "Facebook refuses a token");
}

/// A budget is used up.
pub fn limited(call: Call<'_>, limit: TooMany) {
    event!(warn, call, "limited", budget = limit.budget, seconds = limit.seconds, "too many requests");
}

/// A user was made.
pub fn registered(call: Call<'_>, user_id: u64) {
    event!(info, call, "registration", user_id, "registered");
}

/// A link for a new password was mailed.
pub fn reset(call: Call<'_>, user_id: u64) {
    event!(info, call, "password_reset", user_id, "a link for a new password was mailed");
}

/// A protected meta key was asked for.
pub fn meta_refused(call: Call<'_>, user_id: Option<u64>, key: &str) {
    // As much as the column holds; the rest is a client's to choose.
    let key = key.char_indices().nth(255).and_then(|(end, _)| key.get(..end)).unwrap_or(key);
    event!(warn, call, "protected_meta_refused", user_id, key, "a protected meta key was refused");
}
