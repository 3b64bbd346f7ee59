//! The mails of a registration: one to the site's owner, one to the new user.

use super::Message;
use crate::wp::sanitize::rawurlencode;
use crate::wp::version::WpVersion;

/// Tells the owner of a new user. `site` is the site's name as people read it.
#[must_use]
pub fn to_admin(admin: &str, site: &str, login: &str, email: &str) -> Message {
    Message {
        to: admin.to_owned(),
        subject: format!("[{site}] New User Registration"),
        body: format!(
            "Somebody has just registered on {site}.\n\n\
             User name: {login}\n\n\
             E-mail address: {email}\n"
        ),
    }
}

/// Gives the user the address where a password is set, and the one of the login form.
#[must_use]
pub fn to_user(email: &str, site: &str, login: &str, link: &str, login_url: &str) -> Message {
    Message {
        to: email.to_owned(),
        subject: format!("[{site}] Login Details"),
        body: format!(
            "Welcome to {site}.\n\n\
             Your user name: {login}\n\n\
             Choose a password here; the address works for one day:\n\n\
             {link}\n\n\
             After that you log in here:\n\n\
             {login_url}\n"
        ),
    }
}

/// The page behind `login_url` that sets a password, as this release writes its address.
#[must_use]
pub fn set_password_link(login_url: &str, login: &str, key: &str, version: WpVersion) -> String {
    let login = String::from_utf8_lossy(&rawurlencode(login.as_bytes())).into_owned();
    if version.at_least(6, 7) {
        format!("{login_url}?login={login}&key={key}&action=rp")
    } else {
        format!("{login_url}?action=rp&key={key}&login={login}")
    }
}

/// A site's name in plain text: the option `blogname` is stored HTML-escaped. Mirrors
/// `wp_specialchars_decode(…, ENT_QUOTES)`; one line, whatever is stored.
#[must_use]
pub fn site_name(blogname: &[u8]) -> String {
    let mut name = String::from_utf8_lossy(blogname).replace(['\r', '\n'], " ");
    for (entity, plain) in [
        ("&#038;", "&"),
        ("&#x26;", "&"),
        ("&#060;", "<"),
        ("&#x3c;", "<"),
        ("&lt;", "<"),
        ("&#062;", ">"),
        ("&#x3e;", ">"),
        ("&gt;", ">"),
        ("&#034;", "\""),
        ("&#x22;", "\""),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#x27;", "'"),
    ] {
        name = name.replace(entity, plain);
    }
    // Last, so that `&amp;lt;` stays `&lt;`.
    name.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_has_the_order_of_the_release() {
        let link =
            |minor| set_password_link("https://e.org/wp-login.php", "a b.", "KEY", WpVersion::new(6, minor));
        assert_eq!(link(7), "https://e.org/wp-login.php?login=a%20b.&key=KEY&action=rp");
        assert_eq!(link(6), "https://e.org/wp-login.php?action=rp&key=KEY&login=a%20b.");
    }

    #[test]
    fn a_sites_name_is_shown_as_people_read_it() {
        assert_eq!(site_name(b"Tom &amp; Ann&#039;s &quot;&lt;Site&gt;&quot;"), "Tom & Ann's \"<Site>\"");
        assert_eq!(site_name(b"&amp;lt;"), "&lt;");
        assert_eq!(site_name(b"a\r\nBcc: x"), "a  Bcc: x");
    }

    #[test]
    fn the_link_stands_on_a_line_of_its_own() {
        let mail = to_user("a@e.org", "Site", "ann", "http://e.org/x", "http://e.org/y");
        assert!(mail.body.lines().any(|line| line == "http://e.org/x"));
        assert_eq!(mail.subject, "[Site] Login Details");
        let mail = to_admin("o@e.org", "Site", "ann", "a@e.org");
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("o@e.org", "[Site] New User Registration"));
        assert!(mail.body.contains("ann") && mail.body.contains("a@e.org"));
    }
}
