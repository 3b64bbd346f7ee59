//! The mails about a new account. Subjects and recipients are those of `wp_new_user_notification()`.

use super::{Message, SiteNames};

/// Tells the site's administrator.
#[must_use]
pub fn new_user_admin(site: &SiteNames<'_>, login: &str, email: &str) -> Message {
    let blogname = site.blogname;
    Message {
        kind: "new user, to the administrator",
        to: site.admin_email.to_owned(),
        from: site.wordpress(),
        reply_to: None,
        subject: format!("[{blogname}] New User Registration"),
        body: format!(
            "Somebody has just signed up at {blogname}.\n\n\
             Login name: {login}\n\
             E-mail: {email}\n"
        ),
    }
}

/// Welcomes the user. `link` leads to the form where a password is set, `login_url` to the login form.
#[must_use]
pub fn new_user(site: &SiteNames<'_>, email: &str, login: &str, link: &str, login_url: &str) -> Message {
    let blogname = site.blogname;
    Message {
        kind: "new user, to the user",
        to: email.to_owned(),
        from: site.wordpress(),
        reply_to: None,
        subject: format!("[{blogname}] Login Details"),
        body: format!(
            "Welcome to {blogname}!\n\n\
             Your login name is: {login}\n\n\
             Choose your password here; the link works for one day:\n\n\
             {link}\n\n\
             Afterwards you log in here:\n\n\
             {login_url}\n"
        ),
    }
}
