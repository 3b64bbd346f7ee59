//! What `register` reads of a new user, and who hears of it.

use crate::account::register::{Created, NewUser};
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::http::meta_values::{key, value};
use crate::http::params::Param;
use crate::http::span;
use crate::mail::{new_user, new_user_admin};
use crate::wp::new_user::{UserFields, text_field};
use crate::wp::php_value::PhpValue;
use crate::wp::sanitize::{DecodeQuotes, specialchars_decode};

/// The parameters, as the plugin hands them to `wp_insert_user()`.
pub struct Wanted<'a> {
    login: Vec<u8>,
    email: Vec<u8>,
    password: Option<&'a [u8]>,
    fields: UserFields,
    registered: Vec<u8>,
    custom_fields: Vec<(Vec<u8>, PhpValue)>,
}

impl<'a> Wanted<'a> {
    /// Reads them. The password is kept as it is (D14); all other texts pass the plugin's filter.
    pub fn of(call: Call<'a>, username: &[u8], email: &[u8]) -> Result<Self, ApiError> {
        let rules = call.site.rules();
        // An array is the empty text to the plugin's filter.
        let text = |name: &str| text_field(call.params.text(name).unwrap_or_default(), rules);
        let password = match call.params.get("user_pass") {
            Some(password) => Some(password.as_text().ok_or(ApiError::NotText("user_pass"))?),
            None => None,
        };
        let fields = UserFields {
            user_nicename: text("user_nicename"),
            user_url: text("user_url"),
            nickname: text("nickname"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            display_name: text("display_name"),
            description: text("description"),
            rich_editing: text("rich_editing"),
            comment_shortcuts: text("comment_shortcuts"),
            admin_color: text("admin_color"),
            use_ssl: text("use_ssl"),
            show_admin_bar_front: text("show_admin_bar_front"),
        };
        let custom_fields = call.params.get("custom_fields").and_then(Param::as_array).unwrap_or_default();
        Ok(Self {
            login: text_field(username, rules),
            email: text_field(email, rules),
            password,
            fields,
            registered: text("user_registered"),
            custom_fields: custom_fields
                .iter()
                .map(|(name, param)| (key(name).to_bytes(), value(param, <[u8]>::to_vec, <[u8]>::to_vec)))
                .collect(),
        })
    }

    /// For `account`; the session and the reset key are to be filled in.
    #[must_use]
    pub fn as_new_user(&self) -> NewUser<'_> {
        NewUser {
            login: &self.login,
            email: &self.email,
            password: self.password,
            fields: &self.fields,
            registered: &self.registered,
            custom_fields: &self.custom_fields,
            with_reset_key: false,
            expiration: 0,
            ip: None,
            user_agent: b"",
        }
    }
}

/// Who gets a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The site's owner.
    pub admin: bool,
    /// The new user.
    pub user: bool,
}

impl Notify {
    /// The values of `notify`; `no` and the empty one mean the admin, anything else nobody.
    #[must_use]
    pub fn of(call: Call<'_>) -> Self {
        match call.params.text("notify") {
            Some(b"both") => Self { admin: true, user: true },
            Some(b"user") => Self { admin: false, user: true },
            Some(b"admin" | b"no" | b"") => Self { admin: true, user: false },
            _ => Self { admin: false, user: false },
        }
    }

    /// Queues the mails, the admin's first.
    pub fn send(self, call: Call<'_>, created: &Created) {
        let (site, mailer) = (call.site_names(), &call.app.mailer);
        let email = specialchars_decode(&created.email, DecodeQuotes::All);
        let email = String::from_utf8_lossy(&email);
        if self.admin {
            mailer.queue_within(new_user_admin(&site, &created.login, &email), span::of_mail(call.id));
        }
        if let Some(key) = created.reset_key.as_deref().filter(|_| self.user) {
            let link = call.site.reset_link(created.login.as_bytes(), key, call.client.tls);
            let login_url = call.site.login_url(call.client.tls);
            let mail = new_user(&site, &email, &created.login, &link, &login_url);
            mailer.queue_within(mail, span::of_mail(call.id));
        }
    }
}
