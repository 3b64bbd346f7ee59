//! `user/xprofile_update`: each parameter is a field of the cookie's user (D10).

use crate::account::profile::{Change, Sent};
use crate::http::call::Call;
use crate::http::cookie_check;
use crate::http::error::ApiError;
use crate::http::params::{Param, ParamKey};
use crate::http::protocol;
use crate::store::users::UserWithMeta;
use crate::wp::php_value::{PhpArray, PhpKey};

use super::xprofile::field_by;

/// A parameter that may be a field.
struct Label<'a> {
    key: PhpKey,
    name: &'a [u8],
    /// With `_` read as a blank.
    spaced: Vec<u8>,
    param: &'a Param,
}

/// `{"<label>": {"updated": bool}}` for each; all in one transaction.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    if !call.site.has_component("xprofile") {
        return Err(ApiError::NoBuddyPress);
    }
    let found: UserWithMeta = cookie_check::acting_user(call, &[]).await?;
    let labels: Vec<Label<'_>> = call
        .params
        .iter()
        .filter(|(key, _)| !key.as_name().is_some_and(protocol::is_parameter))
        .map(Label::new)
        .collect();
    let changes: Vec<Change<'_>> = labels
        .iter()
        .map(|label| Change {
            exact: field_by(label.name),
            spaced: if label.name.is_empty() { None } else { field_by(&label.spaced) },
            sent: sent(label.param),
        })
        .collect();
    let done = call.account().update_profile(&found.user, &changes).await?;
    let mut fields = PhpArray::with_capacity(labels.len());
    for (label, done) in labels.into_iter().zip(done) {
        let mut answer = PhpArray::new();
        answer.insert("updated", done.updated);
        // The label by which the field was found; the one with blanks if it was not.
        fields.insert(if done.exact { label.key } else { PhpKey::from(label.spaced) }, answer);
    }
    Ok(fields)
}

impl<'a> Label<'a> {
    fn new((key, param): (&'a ParamKey, &'a Param)) -> Self {
        match key {
            // PHP counts such names anew, so they mean no field.
            ParamKey::Int(number) => {
                let spaced = number.to_string().into_bytes();
                Self { key: PhpKey::from(*number), name: b"", spaced, param }
            }
            ParamKey::Str(name) => {
                let spaced = name.iter().map(|&b| if b == b'_' { b' ' } else { b }).collect();
                Self { key: PhpKey::from(name.clone()), name, spaced, param }
            }
        }
    }
}

/// Lists within lists are not for any field.
fn sent(param: &Param) -> Sent<'_> {
    match param {
        Param::Text(text) => Sent::Text(text),
        Param::Array(items) => items
            .iter()
            .map(|(_, item)| item.as_text())
            .collect::<Option<Vec<&[u8]>>>()
            .map_or(Sent::Unusable, Sent::List),
    }
}
