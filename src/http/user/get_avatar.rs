//! `user/get_avatar`: the picture that BuddyPress shows for a user.

use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::store::users::UserBy;
use crate::wp::avatar::{BUDDYPRESS_FULL, BUDDYPRESS_THUMB};
use crate::wp::php_value::PhpArray;

/// An unknown user has the Gravatar of no address. Any `type` but `thumb` is large; any but `full` takes the small
/// uploaded file.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    if !call.site.buddypress {
        return Err(ApiError::NoBuddyPress);
    }
    call.required("user_id", ApiError::UserIdMissing)?;
    let kind = call.required("type", ApiError::AvatarTypeMissing)?.as_text().unwrap_or_default();
    let id = call.params.whole_number("user_id").and_then(|id| u64::try_from(id).ok());
    let found = match id {
        Some(id) => call.app.db.find_user_with_meta(UserBy::Id(id), &[]).await?,
        None => None,
    };
    let email = found.map(|found| found.user.email).unwrap_or_default();
    let size = if kind == b"thumb" { BUDDYPRESS_THUMB } else { BUDDYPRESS_FULL };
    let avatar = call.site.buddypress_avatar(id, &email, kind == b"full", size).await;
    let mut fields = PhpArray::new();
    fields.insert("avatar", avatar);
    Ok(fields)
}
