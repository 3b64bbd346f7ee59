//! `user/xprofile`: fields of a BuddyPress profile, as far as the reader may see them (D11).

use crate::account::profile::Reading;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::params::php_number;
use crate::store::xprofile::FieldBy;
use crate::wp::php_text::addslashes;
use crate::wp::php_value::{PhpArray, PhpKey, PhpValue};
use crate::wp::sanitize::sanitize_text_field;

/// What `default` stands for. The blanks keep the second and third from being found, as in the plugin.
const DEFAULT: &[u8] = b"First Name, Last Name, Bio";

/// Fields in one request.
const MOST: usize = 1000;

/// `{"<label>": value}`, each label as sent: text-filtered and slashed. An unknown field is false, one without a
/// value, or hidden from the reader, is shown empty.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    if !call.site.has_component("xprofile") {
        return Err(ApiError::NoBuddyPress);
    }
    let user_id = call.required_text("user_id", ApiError::ProfileUserIdMissing)?;
    // An array is no crash here; the filter makes nothing of it.
    let list = call.required("field", ApiError::FieldMissing)?.as_text().unwrap_or_default();
    let list = sanitize_text_field(&addslashes(list), call.site.rules());
    let list = if list == b"default" { DEFAULT } else { &list };
    let labels: Vec<&[u8]> = list.split(|&b| b == b',').collect();
    if labels.len() > MOST {
        return Err(ApiError::TooManyFields(MOST));
    }
    let mut fields = PhpArray::with_capacity(labels.len());
    let user_id = php_number::int_cast(user_id);
    if user_id == 0 {
        // BuddyPress looks for the member whose page is open, and there is none.
        fields.extend(labels.iter().map(|label| (key(label), PhpValue::Bool(false))));
        return Ok(fields);
    }
    let keys = [call.site.capabilities_key.as_str()];
    let account = call.account();
    let reader = match call.params.text("cookie") {
        Some(cookie) => account.find_by_logged_in_cookie(cookie, call.post, &keys).await?.ok(),
        None => None,
    };
    let reading = Reading {
        // A number below zero is nobody's.
        user_id: u64::try_from(user_id).unwrap_or(u64::MAX),
        reader: reader.as_ref(),
        ignore_visibility: call.app.settings.features.ignore_visibility,
    };
    let names: Vec<_> = labels.iter().map(|label| field_by(label)).collect();
    let values = account.read_profile(reading, &names).await?;
    fields.extend(labels.iter().map(|label| key(label)).zip(values));
    Ok(fields)
}

fn key(label: &[u8]) -> PhpKey {
    PhpKey::from(label.to_vec())
}

/// `xprofile_get_field_id_from_name()`: numeric text is a field's number, anything else its name.
pub(super) fn field_by(label: &[u8]) -> Option<FieldBy<'_>> {
    if php_number::is_numeric(label) {
        return u64::try_from(php_number::int_cast(label)).ok().map(FieldBy::Id);
    }
    std::str::from_utf8(label).ok().filter(|name| !name.is_empty()).map(FieldBy::Name)
}
