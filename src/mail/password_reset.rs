//! The mail with the link to a new password. Its subject is that of `retrieve_password()`.

use super::{Message, SiteNames};

/// `link` stands on a line of its own and without brackets, so that every mail reader makes it one to click (D13).
#[must_use]
pub fn password_reset(
    site: &SiteNames<'_>,
    email: &str,
    login: &str,
    link: &str,
    asked_from: Option<&str>,
) -> Message {
    let (name, home) = (site.network_name, site.home);
    let asked_from = asked_from
        .map(|address| format!("\nThe request came from the address {address}.\n"))
        .unwrap_or_default();
    Message {
        kind: "password reset",
        to: email.to_owned(),
        from: site.wordpress(),
        reply_to: None,
        subject: format!("[{name}] Password Reset"),
        body: format!(
            "A new password was asked for at {name}\n\
             {home}/\n\
             for the account with the login name: {login}\n\n\
             Choose it here; the link works for one day:\n\n\
             {link}\n\n\
             Was it not you? Then there is nothing to do: your password stays as it is.\n\
             {asked_from}"
        ),
    }
}
