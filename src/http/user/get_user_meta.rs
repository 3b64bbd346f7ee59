//! `user/get_user_meta`: the values of one key, or the first value of every key.

use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::meta_values::filtered;
use crate::store::usermeta::MetaRow;
use crate::store::users::Identity;
use crate::wp::php_serialize::maybe_unserialize;
use crate::wp::php_value::{PhpArray, PhpKey, PhpValue};

/// With `meta_key` a list of values as PHP has them; without it a flat map of stored texts. Secrets are neither in
/// the one nor in the other (D6).
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let found = cookie_check::acting_user::<Identity>(call, &[]).await?;
    let account = call.account();
    // The key keeps its slashes, in the search too: one with a quote is never found.
    let key = call.params.get("meta_key").map(|param| filtered(param, call.site.rules())).unwrap_or_default();
    match std::str::from_utf8(&key) {
        Ok("" | "0") | Err(_) => Ok(first_values(account.list_readable_meta(found.user.id, None).await?)),
        Ok(key) => {
            let rows = account.list_readable_meta(found.user.id, Some(key)).await?;
            let values: Vec<PhpValue> = rows
                .iter()
                .map(|row| row.value.as_deref().map_or(PhpValue::Null, maybe_unserialize))
                .collect();
            let mut fields = PhpArray::new();
            fields.insert(key, PhpArray::from(values));
            Ok(fields)
        }
    }
}

/// The first value of each key as stored; what PHP calls false is left out (D22).
fn first_values(rows: Vec<MetaRow>) -> PhpArray {
    let mut firsts = PhpArray::new();
    for row in rows {
        let key = PhpKey::from(row.key);
        if !firsts.contains_key(&key) {
            firsts.insert(key, row.value);
        }
    }
    firsts
        .retain(|_, value| !matches!(value, PhpValue::Null) && !matches!(value.as_bytes(), Some(b"" | b"0")));
    firsts
}
