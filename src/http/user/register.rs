//! `user/register`: a new user of the site's default role, logged in at once.

mod parameters;

use parameters::{Notify, Wanted};

use crate::account::register::{CreateUserError, NewUser};
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::{audit, login, nonce};
use crate::wp::php_value::PhpArray;
use crate::wp::sanitize::{addslashes, is_email, sanitize_email, validate_username};

/// The plugin's checks in its order, then those that it leaves to chance (D8, D15), then everything at once (D16).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let account = call.account();
    call.app.limits.take_registration(call.client.ip).await?;
    let sign_up = account.sign_up().await?;
    if !sign_up.open {
        return Err(ApiError::RegistrationDisabled);
    }
    let username = call.required_text("username", ApiError::RegisterUsernameMissing)?;
    let email = call.required_text("email", ApiError::RegisterEmailMissing)?;
    let given = call.required("nonce", ApiError::RegisterNonceMissing)?;
    if !nonce::verify(call, "user", "register", given.as_text().unwrap_or_default()).await? {
        return Err(ApiError::RegisterNonceInvalid);
    }
    let rules = call.site.rules();
    let username = account.new_login(username);
    if !validate_username(&username, rules) || username == b"admin" || sign_up.is_illegal(&username) {
        return Err(ApiError::RegisterUsernameInvalid);
    }
    let email = sanitize_email(&addslashes(email));
    let taken = account.find_taken(&username, &email).await?;
    if taken.login {
        return Err(ApiError::RegisterUsernameTaken);
    }
    if !is_email(&email) {
        return Err(ApiError::RegisterEmailInvalid);
    }
    if taken.email {
        return Err(ApiError::RegisterEmailTaken);
    }

    let seconds = login::seconds(call)?;
    let notify = Notify::of(call);
    let wanted = Wanted::of(call, &username, &email)?;
    let ip = call.client.ip.map(|ip| ip.to_string());
    let new = NewUser {
        with_reset_key: notify.user && !call.app.mailer.is_off(),
        expiration: call.now.saturating_add(seconds),
        ip: ip.as_deref(),
        user_agent: &call.client.user_agent,
        ..wanted.as_new_user()
    };
    let created = match account.create_user(&sign_up, new).await {
        Err(CreateUserError::ProtectedKey(key)) => {
            audit::meta_refused(call, None, &key);
            return Err(ApiError::MetaProtected(key));
        }
        other => other?,
    };
    audit::registered(call, created.user_id);
    notify.send(call, &created);

    let mut fields = PhpArray::new();
    fields.insert("cookie", created.cookie.logged_in);
    fields.insert("cookie_admin", created.cookie.secure_auth);
    fields.insert("cookie_name", call.site.cookies.logged_in.as_str());
    fields.insert("user_id", created.user_id);
    fields.insert("username", created.login);
    Ok(fields)
}
