//! The settings of `fb_connect`. Facebook itself is not asked.

use super::finding::Finding;
use crate::settings::Facebook;
use crate::settings::secret::ExposeSecret as _;

const NAME: &str = "facebook";

pub fn app(facebook: &Facebook) -> Finding {
    let id = facebook.app_id.as_deref();
    let has_secret = facebook.app_secret.as_ref().is_some_and(|secret| !secret.expose_secret().is_empty());
    match (id, has_secret) {
        (None, false) => Finding::ok(NAME, "not set up: fb_connect is refused"),
        (None, true) => {
            Finding::failed(NAME, "facebook.app_secret is set without facebook.app_id", "set both, or none")
        }
        (Some(_), false) => {
            Finding::failed(NAME, "facebook.app_id is set without facebook.app_secret", "set both, or none")
        }
        (Some(id), true) if !id.bytes().all(|byte| byte.is_ascii_digit()) => Finding::warning(
            NAME,
            format!("facebook.app_id = {id:?} is no number"),
            "take the App ID from the app's page at developers.facebook.com",
        ),
        (Some(id), true) => Finding::ok(NAME, format!("app {id} at {}", facebook.graph_url)),
    }
}
