//! `auth/validate_auth_cookie`: whether a cookie still holds.

use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::wp::php_value::PhpArray;

/// `valid`, always with status 200.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    cookie_check::validity(call, ApiError::AuthValidateCookieMissing).await
}
