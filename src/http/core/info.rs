//! `core/info`: the transport's version and controllers, or one controller's methods.

use super::catalog;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::wp::php_text::addslashes;
use crate::wp::php_value::{PhpArray, PhpValue};

/// The version of JSON API whose interface this is.
const VERSION: &str = "2.3.0";

/// The methods of one controller, or all enabled controllers.
pub fn handle(call: Call<'_>) -> Result<PhpArray, ApiError> {
    let mut fields = PhpArray::new();
    if call.params.is_missing("controller") {
        let enabled = |name: &str| call.site.controllers.iter().any(|enabled| enabled == name);
        fields.insert("json_api_version", VERSION);
        let names = catalog::CONTROLLERS.iter().map(|controller| controller.name);
        fields.insert("controllers", list(names.filter(|name| enabled(name))));
        return Ok(fields);
    }
    let name = call.params.text("controller").ok_or(ApiError::NotText("controller"))?;
    let shown = String::from_utf8_lossy(&addslashes(name)).into_owned();
    let controller = catalog::find(&shown).ok_or(ApiError::UnknownController(shown))?;
    fields.insert("name", controller.title);
    fields.insert("description", controller.description);
    fields.insert("methods", list(controller.methods.iter().copied()));
    Ok(fields)
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> PhpValue {
    let mut list = PhpArray::new();
    for text in texts {
        list.push(text);
    }
    PhpValue::Array(list)
}
