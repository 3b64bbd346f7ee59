//! What the two `generate_auth_cookie` share: the cookie's life, and from password to cookie.

use super::audit;
use super::call::Call;
use super::error::ApiError;
use super::params::php_number;
use crate::account::authenticate::{AuthenticateError, LoggedIn};
use crate::account::issue_cookie::IssuedCookie;

/// A cookie's life when nobody asks for another: 14 days.
pub const DEFAULT_SECONDS: i64 = 14 * 86_400;

/// A login and its cookie.
pub struct Login {
    /// The user as found.
    pub user: LoggedIn,
    /// What to hand out.
    pub cookie: IssuedCookie,
}

/// `seconds`: absent, empty or 0 means 14 days; otherwise a positive whole number, cut to the site's maximum (D8).
pub fn seconds(call: Call<'_>) -> Result<i64, ApiError> {
    if call.params.is_missing("seconds") {
        return Ok(DEFAULT_SECONDS);
    }
    let text = call.params.text("seconds").ok_or(ApiError::Seconds)?;
    let digits = text.trim_ascii();
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(ApiError::Seconds);
    }
    match php_number::int_cast(digits) {
        0 => Err(ApiError::Seconds),
        seconds => Ok(seconds.min(call.app.settings.auth.max_cookie_seconds)),
    }
}

/// Checks the password, starts the session and signs the cookie.
pub async fn log_in(
    call: Call<'_>,
    username: &[u8],
    password: &[u8],
    seconds: i64,
    refused: ApiError,
) -> Result<Login, ApiError> {
    let account = call.account();
    let user = match account.authenticate(username, password, call.client.ip).await {
        Ok(user) => user,
        // One text for all reasons.
        Err(AuthenticateError::Refused { reason, user_id, .. }) => {
            audit::login_failed(call, user_id, reason);
            return Err(refused);
        }
        Err(AuthenticateError::Limited(error)) => return Err(error.into()),
        Err(AuthenticateError::Hash(error)) => return Err(error.into()),
        Err(AuthenticateError::Store(error)) => return Err(error.into()),
    };
    let ip = call.client.ip.map(|ip| ip.to_string());
    let cookie = account
        .issue_cookie(
            &user.found,
            call.now.saturating_add(seconds),
            ip.as_deref(),
            &call.client.user_agent,
            call.app.settings.auth.max_sessions,
        )
        .await?;
    audit::login_ok(call, &user);
    Ok(Login { user, cookie })
}
