//! `auth/generate_auth_cookie`: name and password to a cookie.

use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::login;
use crate::wp::php_value::PhpArray;

/// As the user controller's, without `email` and without the admin cookie.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let username = call.required("username", ApiError::UsernameMissing)?.as_text().unwrap_or_default();
    let password = call.required_text("password", ApiError::PasswordMissing)?;
    let seconds = login::seconds(call)?;
    let done = login::log_in(call, username, password, seconds, ApiError::AuthLoginInvalid).await?;
    let found = &done.user.found;
    let mut fields = PhpArray::new();
    fields.insert("cookie", done.cookie.logged_in);
    fields.insert("cookie_name", call.site.cookies.logged_in.as_str());
    let user = call.site.user_object(&found.user, &found.meta, 32, call.client.tls).await;
    fields.insert("user", user);
    Ok(fields)
}
