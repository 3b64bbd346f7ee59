//! `COOKIEHASH` and the names of the cookies.

use super::finding::Finding;
use crate::account::site::Site;
use crate::settings::Wordpress;
use crate::wp::cookie_names::CookieNames;

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
        match site.network_siteurl.as_str() {
            "" => place.to_owned(),
            address => format!("{place}, {address}"),
        }
    };
    if names.hash.is_empty() && wordpress.cookie_hash.is_some() {
        return Finding::warning(
            NAME,
            format!("the names end in nothing ({}): COOKIEHASH is empty", names.logged_in),
            "remove COOKIEHASH from wp-config.php (wordpress.cookie_hash), or give it a value: other sites on the same \
             address would have the same names",
        );
    }
    if names.hash.is_empty() {
        return Finding::warning(
            NAME,
            format!("the names end in nothing ({}): {origin} is empty", names.logged_in),
            "set the site's address in WordPress, or COOKIEHASH",
        );
    }
    let CookieNames { logged_in, auth, secure_auth, .. } = names;
    // Which of the two wp-admin asks for, the address of the visit decides; the site's own is the usual one.
    let admin = if site.network_siteurl.starts_with("https:") {
        format!("{secure_auth} for wp-admin")
    } else {
        format!("{auth} for wp-admin ({secure_auth} with TLS)")
    };
    Finding::ok(NAME, format!("{logged_in}, and {admin}; COOKIEHASH from {origin}"))
}
