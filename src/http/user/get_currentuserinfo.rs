//! `user/get_currentuserinfo`: the cookie's user.

use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::wp::php_value::PhpArray;

/// The user object.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    cookie_check::described_user(call, ApiError::UserCookieInvalid).await
}
