//! The names of WordPress's cookies.
//!
//! Their values are in `auth_cookie`; paths, domain and other attributes are not here.

use super::hash;

/// Where the address that names the cookies comes from.
#[derive(Clone, Copy, Debug)]
pub enum Site<'a> {
    /// A single site.
    Single {
        /// Option `siteurl`.
        siteurl: &'a str,
        /// Constant `WP_SITEURL`, which replaces the option.
        wp_siteurl: Option<&'a str>,
    },
    /// A network: `siteurl` of sitemeta, taken as stored, with its trailing slash. `WP_SITEURL` is not used.
    Multisite {
        /// Sitemeta value `siteurl`, '' when there is none.
        siteurl: &'a str,
    },
}

/// Constants of wp-config.php that replace the computed names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameConstants<'a> {
    /// `COOKIEHASH`; may be defined as ''.
    pub cookiehash: Option<&'a str>,
    /// `AUTH_COOKIE`.
    pub auth: Option<&'a str>,
    /// `SECURE_AUTH_COOKIE`.
    pub secure_auth: Option<&'a str>,
    /// `LOGGED_IN_COOKIE`.
    pub logged_in: Option<&'a str>,
}

/// The names in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieNames {
    /// `COOKIEHASH`: 32 hex digits, or '' for a site without an address.
    pub hash: String,
    /// Name of the auth cookie, for wp-admin without TLS.
    pub auth: String,
    /// Name of the secure_auth cookie, for wp-admin over TLS.
    pub secure_auth: String,
    /// Name of the logged_in cookie.
    pub logged_in: String,
}

impl CookieNames {
    /// The names WordPress uses.
    ///
    /// Mirrors `wp_cookie_constants()`; held against 6.1.12, 6.8.8 and 7.1.0.
    #[must_use]
    pub fn new(site: Site<'_>, constants: NameConstants<'_>) -> Self {
        let hash = constants.cookiehash.map_or_else(|| cookie_hash(site), str::to_owned);
        let name = |constant: Option<&str>, prefix: &str| {
            constant.map_or_else(|| format!("{prefix}{hash}"), str::to_owned)
        };
        Self {
            auth: name(constants.auth, "wordpress_"),
            secure_auth: name(constants.secure_auth, "wordpress_sec_"),
            logged_in: name(constants.logged_in, "wordpress_logged_in_"),
            hash,
        }
    }
}

fn cookie_hash(site: Site<'_>) -> String {
    let siteurl = match site {
        Site::Single { siteurl, wp_siteurl } => wp_siteurl.unwrap_or(siteurl).trim_end_matches(['/', '\\']),
        Site::Multisite { siteurl } => siteurl,
    };
    // "0" counts as empty in PHP.
    if matches!(siteurl, "" | "0") { String::new() } else { hash::md5_hex(siteurl.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn single(siteurl: &str) -> CookieNames {
        CookieNames::new(Site::Single { siteurl, wp_siteurl: None }, NameConstants::default())
    }

    #[test]
    fn names_are_those_of_wordpress() {
        for vectors in [
            include_str!("../../fixtures/vectors/wordpress-6.1.12.json"),
            include_str!("../../fixtures/vectors/wordpress-6.8.8.json"),
            include_str!("../../fixtures/vectors/wordpress-7.1.0.json"),
        ] {
            let vectors: Value = serde_json::from_str(vectors).unwrap();
            let case = &vectors["cookie_names"];
            let names = single(case["siteurl"].as_str().unwrap());
            assert_eq!(names.hash, case["COOKIEHASH"]);
            assert_eq!(names.auth, case["AUTH_COOKIE"]);
            assert_eq!(names.secure_auth, case["SECURE_AUTH_COOKIE"]);
            assert_eq!(names.logged_in, case["LOGGED_IN_COOKIE"]);
        }
    }

    #[test]
    fn trailing_slashes_do_not_count_on_a_single_site() {
        assert_eq!(single("http://a.test//\\"), single("http://a.test"));
        assert_ne!(single("http://a.test/b"), single("http://a.test"));
    }

    #[test]
    fn wp_siteurl_replaces_the_option() {
        let site = Site::Single { siteurl: "http://old.test", wp_siteurl: Some("http://a.test/") };
        assert_eq!(CookieNames::new(site, NameConstants::default()), single("http://a.test"));
    }

    #[test]
    fn a_network_hashes_its_address_with_the_slash() {
        let names =
            CookieNames::new(Site::Multisite { siteurl: "http://ms.test/" }, NameConstants::default());
        assert_eq!(names.hash, hash::md5_hex(b"http://ms.test/"));
    }

    #[test]
    fn a_site_without_an_address_has_no_hash() {
        for siteurl in ["", "/", "0"] {
            assert_eq!(single(siteurl).logged_in, "wordpress_logged_in_");
        }
    }

    #[test]
    fn constants_win() {
        let constants =
            NameConstants { cookiehash: Some("h"), logged_in: Some("mine"), ..NameConstants::default() };
        let names = CookieNames::new(Site::Single { siteurl: "http://a.test", wp_siteurl: None }, constants);
        assert_eq!(
            (&*names.auth, &*names.secure_auth, &*names.logged_in),
            ("wordpress_h", "wordpress_sec_h", "mine")
        );
        let empty = NameConstants { cookiehash: Some(""), ..NameConstants::default() };
        let names = CookieNames::new(Site::Single { siteurl: "http://a.test", wp_siteurl: None }, empty);
        assert_eq!(names.auth, "wordpress_");
    }
}
