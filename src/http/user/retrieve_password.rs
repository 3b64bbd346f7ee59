//! `user/retrieve_password`: mails a link with which a user chooses a new password.

use tracing::Instrument as _;

use crate::account::reset_password::{ResetError, StartedReset, mail_address};
use crate::http::audit;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::mail::{self, MailError, Mailer, Message};
use crate::store::Db;
use crate::wp::php_value::PhpArray;

/// The answer waits for the hand-over of the mail (D13).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let user_login = call.required_text("user_login", ApiError::ResetUserMissing)?;
    let account = call.account();
    call.app.limits.take_reset_of_address(call.client.ip).await?;
    let user = account.find_for_reset(user_login).await?;
    call.app.limits.take_reset_of_account(user.id).await?;
    // Asked first: a key that nobody learns would only spoil an older one.
    if call.app.mailer.is_off() {
        return Err(ApiError::ResetMailNotSent);
    }
    let started = account.start_reset(user.id).await?;
    let message = mail::password_reset(
        &call.site_names(),
        &mail_address(&user),
        &String::from_utf8_lossy(&user.login),
        &call.site.reset_link(&user.login, &started.key, call.client.tls),
        call.client.ip.map(|ip| ip.to_string()).as_deref(),
    );
    // A task of its own: it ends what it began even when the caller hangs up.
    let delivery = deliver(call.app.mailer.clone(), call.app.db.clone(), message, started);
    match tokio::spawn(delivery.in_current_span()).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => return Err(ApiError::ResetMailNotSent),
    }
    audit::reset(call, user.id);
    let mut fields = PhpArray::new();
    fields.insert("msg", "Link for password reset has been emailed to you. Please check your email.");
    Ok(fields)
}

/// Hands the mail over; if that fails, the key that was there before holds again. A server that takes the mail only
/// after the time is up leaves its reader with a link that does not work, and the answer had said so.
async fn deliver(mailer: Mailer, db: Db, message: Message, started: StartedReset) -> Result<(), MailError> {
    let done = mailer.deliver(message).await;
    if done.is_err() {
        let previous = String::from_utf8_lossy(&started.previous);
        // Not if somebody else stored another key meanwhile.
        let undone = db.update_activation_key(started.user_id, started.stored.as_bytes(), &previous).await;
        if let Err(error) = undone {
            tracing::error!(%error, user_id = started.user_id, "a reset key that nobody knows stays stored");
        }
    }
    done
}

impl From<ResetError> for ApiError {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::UnknownEmail => Self::ResetEmailUnknown,
            ResetError::UnknownLogin => Self::ResetLoginUnknown,
            ResetError::NotAllowed => Self::ResetNotAllowed,
            ResetError::Store(error) => error.into(),
        }
    }
}
