//! `user/delete_user_meta`: the rows of a key that have a value.

use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::meta_values::{filtered, told};
use crate::store::users::Identity;
use crate::wp::php_value::{PhpArray, PhpValue};
use crate::wp::sanitize::stripslashes;

/// Key and value are filtered as text first. A value of which nothing is left would delete every row of the key, so
/// it counts as missing (D3).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let found = cookie_check::acting_user::<Identity>(call, &[]).await?;
    let rules = call.site.rules();
    let key = filtered(call.required("meta_key", ApiError::MetaKeyMissing)?, rules);
    let value = filtered(call.required("meta_value", ApiError::MetaValueMissing)?, rules);
    if value.is_empty() {
        return Err(ApiError::MetaValueMissing);
    }
    let value = PhpValue::Str(stripslashes(&value));
    let id = found.user.id;
    let deleted = told(call, id, call.account().delete_user_meta(id, &stripslashes(&key), &value).await)?;
    let mut fields = PhpArray::new();
    fields.insert("deleted", deleted);
    Ok(fields)
}
