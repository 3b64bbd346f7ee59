//! Whether anybody may register, and as what.

use super::Subject;
use super::finding::Finding;
use crate::account::register::SignUp;
use crate::account::site::Site;
use crate::store::StoreError;
use crate::wp::php_value::PhpValue;

const NAME: &str = "registration";

/// Capabilities that nobody should get by registering.
const GREAT: [&str; 4] = ["manage_options", "edit_users", "edit_others_posts", "unfiltered_html"];

pub async fn open(subject: &Subject<'_>, site: &Site) -> Result<Finding, StoreError> {
    let sign_up = SignUp::read(subject.db, site.network_id).await?;
    let role = String::from_utf8_lossy(&sign_up.default_role).into_owned();
    if !sign_up.open {
        return Ok(Finding::ok(NAME, "closed: user/register is refused"));
    }
    let roles = sign_up.roles.as_array();
    let Some(found) = roles.and_then(|roles| roles.get(role.as_str())) else {
        let text = if role.is_empty() {
            "open, and new users get no role".to_owned()
        } else {
            format!("open, and new users get the role {role}, which this site does not have")
        };
        return Ok(Finding::warning(NAME, text, "choose a role in Settings > General"));
    };
    let capabilities =
        found.as_array().and_then(|role| role.get("capabilities")).and_then(PhpValue::as_array);
    let has = |name: &str| {
        let value = capabilities.and_then(|capabilities| capabilities.get(name)).and_then(PhpValue::to_text);
        value.is_some_and(|value| !matches!(&*value, b"" | b"0"))
    };
    Ok(match GREAT.into_iter().find(|name| has(name)) {
        Some(capability) => Finding::failed(
            NAME,
            format!("open, and everybody who registers becomes {role}, with {capability}"),
            "choose subscriber as the role of new users in Settings > General",
        ),
        None => Finding::ok(NAME, format!("open, new users become {role}")),
    })
}
