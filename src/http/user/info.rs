//! `user/info`: the version of JSON API User whose interface this is.

use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::wp::php_value::PhpArray;

/// `version` alone, as 3.6.0 answers.
pub fn handle(_: Call<'_>) -> Result<PhpArray, ApiError> {
    let mut fields = PhpArray::new();
    fields.insert("version", "3.6.0");
    Ok(fields)
}
