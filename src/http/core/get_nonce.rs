//! `core/get_nonce`: a nonce for one method of one controller.

use super::catalog;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::nonce;
use crate::wp::php_text::addslashes;
use crate::wp::php_value::PhpArray;

/// Installed is enough, enabled is not needed; methods that PHP answers get theirs too.
pub async fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let controller = shown(call.required_text("controller", ApiError::NonceVars)?).to_ascii_lowercase();
    let method = shown(call.required_text("method", ApiError::NonceVars)?);
    let Some(known) = catalog::find(&controller) else {
        return Err(ApiError::UnknownController(controller));
    };
    if !known.methods.iter().any(|known| known.eq_ignore_ascii_case(&method)) {
        return Err(ApiError::UnknownMethod(method));
    }
    call.app.limits.take_nonce(call.client.ip).await?;
    let nonce = nonce::create(call, &controller, &method).await?;
    let mut fields = PhpArray::new();
    fields.insert("controller", controller);
    fields.insert("method", method);
    fields.insert("nonce", nonce);
    Ok(fields)
}

/// As the plugin echoes it: with WordPress's slashes.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(&addslashes(text)).into_owned()
}
