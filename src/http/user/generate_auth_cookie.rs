//! `user/generate_auth_cookie`: name or e-mail and password to a cookie.

use crate::account::authenticate::Refusal;
use crate::http::audit;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::login;
use crate::limits::{Account, Attempt};
use crate::store::users::UserBy;
use crate::wp::php_value::PhpArray;
use crate::wp::sanitize::is_email;

/// Edge length of the avatar in a login's answer, in pixels.
const AVATAR_SIZE: u32 = 512;

/// One session serves both cookies (D5).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let params = call.params;
    if params.is_missing("username") && params.is_missing("email") {
        return Err(ApiError::UsernameOrEmailMissing);
    }
    let password = call.required_text("password", ApiError::PasswordMissing)?;
    let seconds = login::seconds(call)?;
    let username = if params.is_missing("email") {
        // An array is no crash here; it is just nobody's name.
        params.text("username").unwrap_or_default().to_vec()
    } else {
        login_of_email(call).await?
    };
    let done = login::log_in(call, &username, password, seconds, ApiError::UserLoginInvalid).await?;
    let found = &done.user.found;
    let mut fields = PhpArray::new();
    fields.insert("cookie", done.cookie.logged_in);
    fields.insert("cookie_admin", done.cookie.secure_auth);
    fields.insert("cookie_name", call.site.cookies.logged_in.as_str());
    let user = call.site.user_object(&found.user, &found.meta, AVATAR_SIZE, call.client.tls).await;
    fields.insert("user", user);
    Ok(fields)
}

/// The login name of an e-mail address, which is taken as sent: a blank makes it invalid.
async fn login_of_email(call: Call<'_>) -> Result<Vec<u8>, ApiError> {
    let email = call.params.text("email").ok_or(ApiError::NotText("email"))?;
    let text = std::str::from_utf8(email).ok().filter(|_| is_email(email)).ok_or(ApiError::EmailInvalid)?;
    if let Some(found) = call.app.db.find_user_with_meta(UserBy::Email(text), &[]).await? {
        return Ok(found.user.login);
    }
    // Whoever asks for one address after the other is told no more of them than one who tries passwords.
    let attempt =
        Attempt { ip: call.client.ip, account: Account::unknown(email), has_session_here: || false };
    call.app.limits.admit_login(attempt).await?.failed();
    audit::login_failed(call, None, Refusal::UnknownUser);
    Err(ApiError::EmailUnknown)
}
