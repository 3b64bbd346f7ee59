//! Addresses on the site that mails hold, and the host they come from.

use url::Url;

use super::site::Site;
use crate::wp::sanitize::rawurlencode;

impl Site {
    /// Where a key lets its owner choose a password. Mirrors `network_site_url( 'wp-login.php?…', 'login' )` as
    /// `retrieve_password()` calls it: from 6.7 on the login name comes first, since a dot at its end was lost in
    /// mails. `wp_lang` is left out, as the plugin does; the page finds the language by itself.
    #[must_use]
    pub fn reset_link(&self, login: &[u8], key: &str, tls: bool) -> String {
        let login = rawurlencode(login);
        let login = String::from_utf8_lossy(&login);
        let query = if self.version.at_least(6, 7) {
            format!("login={login}&key={key}&action=rp")
        } else {
            format!("action=rp&key={key}&login={login}")
        };
        format!("{}?{query}", self.login_url(tls))
    }

    /// `wp-login.php`, with `https` where the caller came by it. The request's `Host` never counts.
    #[must_use]
    pub fn login_url(&self, tls: bool) -> String {
        match self.network_siteurl.strip_prefix("http://") {
            Some(rest) if tls => format!("https://{rest}/wp-login.php"),
            _ => format!("{}/wp-login.php", self.network_siteurl),
        }
    }

    /// The host of `wordpress@host` as `wp_mail()` chooses it: that of the network's or site's home without `www.`.
    #[must_use]
    pub fn mail_host(&self) -> String {
        let home = if self.multisite { &self.network_siteurl } else { &self.home };
        let host =
            Url::parse(home).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
    }
}
