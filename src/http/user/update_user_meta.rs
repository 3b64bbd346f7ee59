//! `user/update_user_meta`: one key gets a value.

use crate::account::user_meta::{NewMeta, Updated};
use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::meta_values;
use crate::store::users::Identity;
use crate::wp::php_value::{PhpArray, PhpValue};

/// Text is kept as sent, the items of an array are trimmed; arrays in arrays are kept too (D4).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let found = cookie_check::acting_user::<Identity>(call, &[]).await?;
    let key = call.required_text("meta_key", ApiError::MetaKeyMissing)?;
    let value = call.required("meta_value", ApiError::NewMetaValueMissing)?;
    let change =
        NewMeta { key: key.to_vec(), value: meta_values::value(value, <[u8]>::to_vec, meta_values::trimmed) };
    let id = found.user.id;
    let updated = meta_values::told(call, id, call.account().update_user_meta(id, &[change]).await)?;
    let mut fields = PhpArray::new();
    fields.insert("updated", shown(updated.first().copied().unwrap_or(Updated::No)));
    Ok(fields)
}

/// As `update_user_meta()` of WordPress returns it: the new row's number, true or false.
pub(super) fn shown(updated: Updated) -> PhpValue {
    match updated {
        Updated::No => false.into(),
        Updated::Yes => true.into(),
        Updated::Added(id) => id.into(),
    }
}
