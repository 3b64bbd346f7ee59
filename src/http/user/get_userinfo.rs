//! `user/get_userinfo`: what everybody may see of a user.

use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::store::users::UserBy;
use crate::wp::php_value::{PhpArray, PhpValue};

/// An unknown or unreadable id is no error: all fields are null.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    call.required("user_id", ApiError::UserIdMissing)?;
    let id = call.params.whole_number("user_id").and_then(|id| u64::try_from(id).ok());
    let keys = ["nickname", "first_name", "last_name"];
    let found = match id {
        Some(id) => call.app.db.find_user_with_meta(UserBy::Id(id), &keys).await?,
        None => None,
    };
    Ok(match found {
        Some(found) => call.site.public_user_object(&found.user, &found.meta, call.client.tls).await,
        None => nobody(),
    })
}

fn nobody() -> PhpArray {
    let mut fields = PhpArray::new();
    for name in ["id", "nicename", "url", "displayname", "firstname", "lastname", "nickname", "avatar"] {
        fields.insert(name, PhpValue::Null);
    }
    fields
}
