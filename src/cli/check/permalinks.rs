//! The addresses at which apps find the interface.

use super::Subject;
use super::finding::Finding;
use crate::account::site::Site;
use crate::store::StoreError;

const NAME: &str = "permalinks";

pub async fn base(subject: &Subject<'_>, site: &Site) -> Result<Finding, StoreError> {
    let options = subject.db.list_options(&["permalink_structure"]).await?;
    let is_plain = options.first().is_none_or(|(_, structure)| structure.is_empty());
    let home = &site.home;
    // As the routes take it.
    let base = site.base.trim_matches('/');
    let lacks = |name: &&str| !site.controllers.iter().any(|found| found == name);
    let mut lacking: Vec<&str> = ["core", "user"].into_iter().filter(lacks).collect();
    // Many a site does well without it alone.
    if !lacking.is_empty() {
        lacking.extend(Some("auth").filter(lacks));
    }
    Ok(if home.is_empty() {
        Finding::failed(
            NAME,
            "the site has no address: the option home is empty",
            "set it in Settings > General",
        )
    } else if base.is_empty() {
        Finding::warning(
            NAME,
            format!("no base: the interface answers {home}/?json=controller.method only"),
            "set the API base in Settings > JSON API",
        )
    } else if !lacking.is_empty() {
        Finding::warning(
            NAME,
            format!("{home}/{base}/, but not switched on: {}; their methods are refused", lacking.join(", ")),
            "switch them on in Settings > JSON API; where the plugins are not installed: wp option update \
             json_api_controllers core,user,auth",
        )
    } else if is_plain {
        Finding::warning(
            NAME,
            format!("plain: {home}/{base}/ is answered by the service alone, and PHP knows only ?json="),
            "choose another structure in Settings > Permalinks if PHP is to answer the rest below it",
        )
    } else {
        Finding::ok(NAME, format!("{home}/{base}/, controllers {}", site.controllers.join(", ")))
    })
}
