//! `COOKIEHASH` and the names of the cookies.

use super::finding::Finding;
use crate::account::site::Site;
use crate::settings::Wordpress;

const NAME: &str = "cookies";

pub fn names(wordpress: &Wordpress, site: &Site) -> Finding {
    let names = &site.cookies;
    let origin = if wordpress.cookie_hash.is_some() {
        "the constant COOKIEHASH".to_owned()
    } else {
        let place = match (wordpress.network, &wordpress.siteurl) {
            (Some(_), _) => "siteurl of the network",
            (None, Some(_)) => "WP_SITEURL",
            (None, None) => "the option siteurl",
        };
        format!("{place}, {}", site.network_siteurl)
    };
    if names.hash.is_empty() {
        return Finding::warning(
            NAME,
            format!("the names end in nothing ({}): {origin} is empty", names.logged_in),
            "set the site's address in WordPress, or COOKIEHASH",
        );
    }
    let logged_in = &names.logged_in;
    Finding::ok(NAME, format!("{logged_in} and {}, COOKIEHASH from {origin}", names.secure_auth))
}
