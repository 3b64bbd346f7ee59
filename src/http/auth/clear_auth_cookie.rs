//! `auth/clear_auth_cookie`: ends the cookie's session (D23).

use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::store::users::{Identity, WithMeta};
use crate::wp::auth_cookie::AuthCookie;
use crate::wp::php_value::PhpArray;

/// Other sessions of the user go on.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let found: WithMeta<Identity> =
        cookie_check::user_of(call, &[], ApiError::CookieMissing, ApiError::AuthCookieInvalid).await?;
    let cookie = call.params.text("cookie").and_then(AuthCookie::parse);
    if let Some(cookie) = cookie {
        // False when somebody else ended it meanwhile, which is what was asked for.
        call.account().end_session(found.user.id, cookie.token()).await?;
    }
    Ok(PhpArray::new())
}
