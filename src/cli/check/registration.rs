//! Whether anybody may register, and as what.

use super::Subject;
use super::finding::Finding;
use crate::account::register::SignUp;
use crate::account::site::Site;
use crate::store::StoreError;
use crate::wp::php_value::PhpValue;

const NAME: &str = "registration";

/// WordPress's capabilities to run code, to change the site or what belongs to others, or to carry all of it away:
/// nobody should get one by registering. The greatest first.
const RULING: &[&str] = &[
    "manage_options",
    "edit_users",
    "promote_users",
    "create_users",
    "add_users",
    "delete_users",
    "remove_users",
    "install_plugins",
    "edit_plugins",
    "activate_plugins",
    "update_plugins",
    "delete_plugins",
    "upload_plugins",
    "install_themes",
    "edit_themes",
    "switch_themes",
    "update_themes",
    "delete_themes",
    "upload_themes",
    "edit_theme_options",
    "edit_files",
    "update_core",
    "install_languages",
    "import",
    "export",
    "unfiltered_upload",
    "manage_network",
    "manage_sites",
    "manage_network_users",
    "manage_network_plugins",
    "manage_network_themes",
    "manage_network_options",
    "create_sites",
    "delete_sites",
    "edit_others_posts",
    "edit_others_pages",
    "delete_others_posts",
    "delete_others_pages",
    "unfiltered_html",
];

/// Those to show something to visitors, or to see what they do not see.
const PUBLISHING: &[&str] = &[
    "publish_posts",
    "publish_pages",
    "edit_published_posts",
    "edit_published_pages",
    "delete_published_posts",
    "delete_published_pages",
    "read_private_posts",
    "read_private_pages",
    "edit_private_posts",
    "edit_private_pages",
    "delete_private_posts",
    "delete_private_pages",
    "upload_files",
    "moderate_comments",
    "manage_categories",
    "manage_links",
    "list_users",
    "edit_dashboard",
];

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
    let first = |names: &[&'static str]| names.iter().copied().find(|name| has(name));
    let advice = "choose subscriber as the role of new users in Settings > General";
    let text = |capability| format!("open, and everybody who registers becomes {role}, with {capability}");
    Ok(match (first(RULING), first(PUBLISHING)) {
        (Some(capability), _) => Finding::failed(NAME, text(capability), advice),
        (None, Some(capability)) => Finding::warning(NAME, text(capability), advice),
        (None, None) => Finding::ok(NAME, format!("open, new users become {role}")),
    })
}
