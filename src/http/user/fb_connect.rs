//! `user/fb_connect`: a Facebook login becomes a login here (D12).

use crate::account::connect::{ConnectError, Person, Visit};
use crate::account::register::CreateUserError;
use crate::facebook::FacebookError;
use crate::http::audit;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::login::DEFAULT_SECONDS;
use crate::limits::{Account, Attempt};
use crate::wp::php_value::PhpArray;

/// The plugin's words; its status stays ok.
const NO_EMAIL: &str = "Your 'access_token' did not return email of the user. Without 'email' user can't be logged in \
                        or registered. Get user email extended permission while joining the Facebook app.";

/// Who is meant is Facebook's word alone: `fields` and `ssl` are not read.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let token = call.required_text("access_token", ApiError::FacebookTokenMissing)?;
    // A token is no password, but a wrong one counts as a wrong login.
    let attempt =
        Attempt { ip: call.client.ip, account: Account::unknown(token), has_session_here: || false };
    let ticket = call.app.limits.admit_login(attempt).await?;
    let person = match call.app.facebook.person(token).await {
        Err(FacebookError::Refused(reason)) => {
            ticket.failed();
            audit::connect_failed(call, &reason);
            return Err(ApiError::FacebookTokenRefused);
        }
        other => {
            ticket.undone().await;
            other?
        }
    };
    let mut fields = PhpArray::new();
    let Some(email) = &person.email else {
        fields.insert("msg", NO_EMAIL);
        return Ok(fields);
    };
    let ip = call.client.ip.map(|ip| ip.to_string());
    let known =
        Person { name: &person.name, first_name: &person.first_name, last_name: &person.last_name, email };
    let visit = Visit {
        expiration: call.now.saturating_add(DEFAULT_SECONDS),
        ip: ip.as_deref(),
        user_agent: &call.client.user_agent,
        most_sessions: call.app.settings.auth.max_sessions,
    };
    let done = match call.account().connect(known, visit).await {
        Ok(done) => done,
        Err(ConnectError::Email) => {
            fields.insert("msg", NO_EMAIL);
            return Ok(fields);
        }
        Err(error) => {
            if let ConnectError::Refused(reason) = &error {
                audit::login_failed(call, None, *reason);
            }
            return Err(error.into());
        }
    };
    if done.is_new {
        audit::registered(call, done.user_id);
    }
    audit::connect_ok(call, done.user_id);
    fields.insert("msg", if done.is_new { "user registered." } else { "user logged in." });
    fields.insert("wp_user_id", done.user_id);
    fields.insert("cookie", done.cookie);
    fields.insert("user_login", done.login);
    Ok(fields)
}

impl From<FacebookError> for ApiError {
    fn from(error: FacebookError) -> Self {
        match error {
            FacebookError::NotConfigured => Self::FacebookNotConfigured,
            FacebookError::Refused(_) => Self::FacebookTokenRefused,
            FacebookError::Unavailable(reason) => {
                tracing::error!(%reason, "Facebook could not be asked");
                Self::FacebookUnavailable
            }
        }
    }
}

impl From<ConnectError> for ApiError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Email => Self::EmailInvalid,
            // Such an account gets this answer to the right password, too.
            ConnectError::Refused(_) => Self::UserLoginInvalid,
            ConnectError::Store(error) => error.into(),
            ConnectError::Create(CreateUserError::LoginTaken | CreateUserError::EmailTaken) => {
                Self::Internal("no login name was free")
            }
            ConnectError::Create(error) => error.into(),
        }
    }
}
