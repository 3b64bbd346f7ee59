//! Every setting's name, in one table: it is what unknown keys are checked against and what the reference prints.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.key`.
    pub name: &'static str,
    /// The value that holds when nobody says otherwise, as one would write it; empty for none.
    pub default: &'static str,
    /// What may be written, in words.
    pub allowed: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// True when the value must never be printed.
    pub secret: bool,
}

const fn key(name: &'static str, default: &'static str, allowed: &'static str, about: &'static str) -> Key {
    Key { name, default, allowed, about, secret: false }
}

const fn secret(name: &'static str, allowed: &'static str, about: &'static str) -> Key {
    Key { name, default: "", allowed, about, secret: true }
}

const SWITCH: &str = "true or false";
const SALT: &str = "a text";
const RATE: &str = "a number from 1 to 4294967295 in a time from 1s to 366d, such as 20/10m (s, m, h or d), \
                    at most 1000000 a second";
const WEB_ADDRESS: &str = "an http:// or https:// URL";

/// All settings, by section.
pub const KEYS: &[Key] = &[
    key("server.listen", "127.0.0.1:8080", "address:port", "Where the service listens."),
    key(
        "server.trusted_proxies",
        "127.0.0.0/8, ::1/128",
        "a list of addresses or networks",
        "Peers whose X-Forwarded-* and Forwarded headers are believed.",
    ),
    key(
        "server.stop_seconds",
        "30",
        "a number of seconds from 1 to 600",
        "How long running requests and queued mails may take when the service is told to stop.",
    ),
    key(
        "wordpress.path",
        "",
        "a folder",
        "The folder of wp-settings.php; its wp-config.php is read as data.",
    ),
    key(
        "wordpress.version",
        "",
        "major.minor, for example 6.8",
        "Which WordPress runs, where wordpress.path cannot tell.",
    ),
    key("wordpress.table_prefix", "wp_", "letters, digits and _", "$table_prefix."),
    key("wordpress.siteurl", "", WEB_ADDRESS, "WP_SITEURL, where wp-config.php computes it."),
    key("wordpress.home", "", WEB_ADDRESS, "WP_HOME, where wp-config.php computes it."),
    key(
        "wordpress.cookie_hash",
        "",
        "a text without blanks, control characters, =, comma and semicolon",
        "COOKIEHASH, where wp-config.php computes it.",
    ),
    key(
        "wordpress.uploads_path",
        "",
        "a folder that is there",
        "The uploads folder, where wordpress.path cannot tell.",
    ),
    key("wordpress.uploads_url", "", WEB_ADDRESS, "The uploads folder's address."),
    secret(
        "database.url",
        "mysql://user:password@host:port/name, special characters percent-encoded (%40 for @); parameters: ssl-mode, \
         ssl-ca, ssl-cert, ssl-key, charset, collation, socket, statement-cache-capacity",
        "The site's database; wins over DB_*.",
    ),
    key("database.max_connections", "10", "a number from 1 to 1000", "Connections kept to the database."),
    key(
        "database.statement_seconds",
        "10",
        "a number of seconds from 1 to 3600",
        "How long a statement may take; then its request is answered 503.",
    ),
    secret("keys.auth_key", SALT, "AUTH_KEY."),
    secret("keys.secure_auth_key", SALT, "SECURE_AUTH_KEY."),
    secret("keys.logged_in_key", SALT, "LOGGED_IN_KEY."),
    secret("keys.nonce_key", SALT, "NONCE_KEY."),
    secret("keys.auth_salt", SALT, "AUTH_SALT."),
    secret("keys.secure_auth_salt", SALT, "SECURE_AUTH_SALT."),
    secret("keys.logged_in_salt", SALT, "LOGGED_IN_SALT."),
    secret("keys.nonce_salt", SALT, "NONCE_SALT."),
    secret("keys.secret_key", SALT, "SECRET_KEY, of very old sites."),
    secret("keys.secret_salt", SALT, "SECRET_SALT, of very old sites."),
    key(
        "mail.transport",
        "sendmail",
        "smtp (then mail.smtp_url is needed), sendmail or off",
        "How mails leave.",
    ),
    secret(
        "mail.smtp_url",
        "smtps:// or smtp+starttls://user:password@host:port, or smtp:// without TLS, then with a password only for \
         a server on the same machine",
        "The mail server.",
    ),
    key("mail.sendmail_path", "/usr/sbin/sendmail", "a program", "The local program that takes mails."),
    key("mail.from_address", "", "an e-mail address", "From, instead of wordpress@host."),
    key("mail.from_name", "", "a text", "From's name, instead of WordPress."),
    key("limits.enabled", "true", SWITCH, "All limits on or off, the queue for hashing included."),
    secret(
        "limits.redis_url",
        "redis://user:password@host:port/number",
        "A Redis that shares the budgets among several instances.",
    ),
    key(
        "limits.redis_prefix",
        "wp-sidecar:",
        "a text",
        "What the budgets' names in Redis begin with; one for each site.",
    ),
    key("limits.login_address", "20/10m", RATE, "Failed logins from one address (IPv6: one /64)."),
    key(
        "limits.login_shared_address",
        "300/10m",
        RATE,
        "The same for an address from which ten accounts or more logged in well: a carrier, a school.",
    ),
    key("limits.login_account", "10/10m", RATE, "Failed logins on one account, whoever tries."),
    key(
        "limits.login_global",
        "1000/10m",
        RATE,
        "Failed logins in all, from addresses that never logged in well.",
    ),
    key("limits.register_address", "30/1h", RATE, "Registrations from one address, refused ones included."),
    key("limits.reset_address", "10/20m", RATE, "Password mails asked for from one address."),
    key("limits.reset_account", "3/45m", RATE, "Password mails to one account."),
    key("limits.nonce_address", "120/1m", RATE, "Nonces for one address."),
    key(
        "limits.body_bytes",
        "8388608",
        "a number of bytes from 1024 to 4294967295",
        "The largest request body.",
    ),
    key(
        "limits.head_seconds",
        "10",
        "a number of seconds from 1 to 600",
        "How long a request's head may take to arrive.",
    ),
    key(
        "limits.body_seconds",
        "20",
        "a number of seconds from 1 to 600",
        "How long its body may take to arrive.",
    ),
    key(
        "limits.request_seconds",
        "60",
        "a number of seconds from 1 to 600",
        "How long a request may take in all.",
    ),
    key("limits.connections", "1000", "a number from 1 to 100000", "Open connections of clients."),
    key(
        "hashing.threads",
        "",
        "a number from 1 to 256",
        "Passwords hashed at a time; as many as there are cores when empty.",
    ),
    key("hashing.queue", "64", "a number from 0 to 100000", "Passwords that may wait for that."),
    key(
        "hashing.wait_seconds",
        "5",
        "a number of seconds from 1 to 60",
        "How long they wait; then the answer is 503.",
    ),
    key(
        "auth.max_cookie_seconds",
        "31536000",
        "a number of seconds from 1 to 4294967295",
        "The longest life of a cookie asked for.",
    ),
    key("sessions.max_per_user", "1000", "a number from 1 to 1000000", "Live sessions kept for one user."),
    key(
        "meta.protected",
        "",
        "a list of meta keys, * only at the end of one, for any rest",
        "Meta keys never read or written, besides the built-in ones.",
    ),
    key("xprofile.ignore_visibility", "false", SWITCH, "Show every xProfile field to everybody."),
    key("comments.trust_client_status", "false", SWITCH, "Let post_comment's caller approve the comment."),
    key("facebook.app_id", "", "a text", "The app whose tokens fb_connect accepts."),
    secret("facebook.app_secret", "a text", "That app's secret."),
    key(
        "facebook.graph_url",
        "https://graph.facebook.com",
        "an https:// URL, or http:// on the same machine",
        "The Graph API.",
    ),
    key(
        "cors.allowed_origins",
        "",
        "a list of origins such as https://app.example.org, or *",
        "Pages of other sites that may call.",
    ),
    key("docs.enabled", "true", SWITCH, "The API page at /docs and its /openapi.json."),
    key("metrics.listen", "", "address:port", "Where metrics are served, for Prometheus."),
];

/// The setting of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The known name nearest to an unknown one, for the error text.
#[must_use]
pub fn nearest(unknown: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let wanted = last(unknown);
    KEYS.iter()
        .map(|key| (distance(unknown, key.name).min(distance(&wanted, &last(key.name)) + 1), key.name))
        .min_by_key(|(steps, _)| *steps)
        .filter(|(steps, _)| *steps <= 3)
        .map(|(_, name)| name)
}

/// The one of `names` nearest to an unknown one.
#[must_use]
pub fn nearest_of(names: &[&'static str], unknown: &str) -> Option<&'static str> {
    let steps = names.iter().map(|name| (distance(unknown, name), *name));
    steps.min_by_key(|(steps, _)| *steps).filter(|(steps, _)| *steps <= 3).map(|(_, name)| name)
}

/// Edit distance of two short names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let step = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = step;
            left = step;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name_that_was_meant() {
        assert_eq!(nearest("server.listn"), Some("server.listen"));
        assert_eq!(nearest("wordpress.max_connections"), Some("database.max_connections"));
        assert_eq!(nearest("nothing.alike"), None);
    }
}
