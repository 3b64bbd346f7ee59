//! What the templates call the site.

use super::Sender;

/// Names of one site. All of them plain text: entities are decoded.
#[derive(Clone, Debug)]
pub struct SiteNames<'a> {
    /// Option `blogname`.
    pub blogname: &'a str,
    /// The network's name; `blogname` where there is no network.
    pub network_name: &'a str,
    /// Option `home`.
    pub home: &'a str,
    /// Option `admin_email`.
    pub admin_email: &'a str,
    /// The host of the (main) site's home without `www.`.
    pub host: String,
}

impl SiteNames<'_> {
    /// From of most mails, as `wp_mail()` chooses it.
    pub(super) fn wordpress(&self) -> Sender {
        self.sender("WordPress")
    }

    /// From with another name.
    pub(super) fn sender(&self, name: &str) -> Sender {
        Sender { name: name.to_owned(), host: self.host.to_owned() }
    }
}
