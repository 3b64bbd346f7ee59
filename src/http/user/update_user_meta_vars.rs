//! `user/update_user_meta_vars`: every parameter is a key, and so is every one of `custom_fields` (D4).

use super::update_user_meta::shown;
use crate::account::user_meta::NewMeta;
use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::meta_values::{told, trimmed, value};
use crate::http::params::{Param, ParamKey};
use crate::http::protocol;
use crate::store::users::Identity;
use crate::wp::php_value::{PhpArray, PhpKey};
use crate::wp::sanitize::stripslashes;

/// `{"<name>": {"updated": …}}` for each; one transaction for all.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let found = cookie_check::acting_user::<Identity>(call, &[]).await?;
    let mut labels = Vec::new();
    let mut changes = Vec::new();
    for (name, param) in call.params.iter() {
        let key = name_of(name);
        if key == b"custom_fields" {
            for (name, param) in param.as_array().unwrap_or_default() {
                let key = custom_field(&name_of(name));
                labels.push(PhpKey::from(key.clone()));
                changes.push(change(&key, param));
            }
        } else if !is_protocol(&key) {
            let label: Vec<u8> = key.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
            labels.push(PhpKey::from(label));
            changes.push(change(&key, param));
        }
    }
    if changes.is_empty() {
        return Err(ApiError::MetaVarsMissing);
    }
    let id = found.user.id;
    let updated = told(call, id, call.account().update_user_meta(id, &changes).await)?;
    let mut fields = PhpArray::new();
    for (label, updated) in labels.into_iter().zip(updated) {
        let mut result = PhpArray::new();
        result.insert("updated", shown(updated));
        fields.insert(label, result);
    }
    Ok(fields)
}

/// WordPress takes slashes off the key although none were put on a name.
fn change(name: &[u8], param: &Param) -> NewMeta {
    NewMeta { key: stripslashes(name), value: value(param, trimmed, trimmed) }
}

fn name_of(name: &ParamKey) -> Vec<u8> {
    match name {
        ParamKey::Int(number) => number.to_string().into_bytes(),
        ParamKey::Str(name) => name.clone(),
    }
}

fn is_protocol(name: &[u8]) -> bool {
    protocol::is_parameter(&stripslashes(name))
}

/// The documents write `custom_fields['name']`, whose quotes PHP keeps; 4.x drops them and lowers the letters.
fn custom_field(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| !matches!(byte, b'\'' | b'"')).map(u8::to_ascii_lowercase).collect()
}
