//! What both controllers do with the parameter `cookie`.

use super::call::Call;
use super::error::ApiError;
use crate::store::users::{Identity, User, UserColumns, WithMeta};
use crate::wp::php_value::PhpArray;

/// The user of the cookie, with the meta rows of `keys`.
pub async fn user_of<U: UserColumns>(
    call: Call<'_>,
    keys: &[&str],
    missing: ApiError,
    invalid: ApiError,
) -> Result<WithMeta<U>, ApiError> {
    let cookie = call.required_text("cookie", missing)?;
    call.account().find_by_logged_in_cookie(cookie, call.post, keys).await?.map_err(|_| invalid)
}

/// The same in the words of the methods that act for a user.
pub async fn acting_user<U: UserColumns>(call: Call<'_>, keys: &[&str]) -> Result<WithMeta<U>, ApiError> {
    user_of(call, keys, ApiError::UserMethodCookieMissing, ApiError::UserMethodCookieInvalid).await
}

/// `valid`: whether WordPress would take the cookie.
pub async fn validity(call: Call<'_>, missing: ApiError) -> Result<PhpArray, ApiError> {
    let cookie = call.required_text("cookie", missing)?;
    let found = call.account().find_by_logged_in_cookie::<Identity>(cookie, call.post, &[]).await?;
    let mut fields = PhpArray::new();
    fields.insert("valid", found.is_ok());
    Ok(fields)
}

/// `user`: the cookie's user, described.
pub async fn described_user(call: Call<'_>, invalid: ApiError) -> Result<PhpArray, ApiError> {
    let keys = call.site.user_object_keys();
    let found: WithMeta<User> = user_of(call, &keys, ApiError::CookieMissing, invalid).await?;
    let user = call.site.user_object(&found.user, &found.meta, 32, call.client.tls).await;
    let mut fields = PhpArray::new();
    fields.insert("user", user);
    Ok(fields)
}
