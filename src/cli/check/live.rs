//! The live site: does it take a cookie that this service signs?
//!
//! The user's own session serves for it, so no session is written: the service signs a cookie of its own with the
//! token of that session and a shorter life, and asks the site for the nonce of whoever sent it. A nonce that the
//! service computes itself proves that both mean the same user by the same keys.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Client;
use reqwest::header::{COOKIE, DATE, LOCATION};
use url::Url;

use super::Subject;
use super::clock;
use super::finding::{Finding, Report};
use crate::account::explain_cookie::{Explanation, explain};
use crate::account::site::Site;
use crate::cli::cookie::sentence;
use crate::cli::given;
use crate::cli::live_site::{self, exposes};
use crate::facebook::reason;
use crate::store::StoreError;
use crate::wp::auth_cookie::{self, AuthCookie};
use crate::wp::nonce::{self, Subject as Whose};
use crate::wp::salts::Scheme;

const NAME: &str = "live";

/// How long the site may take.
const LIMIT: Duration = Duration::from_secs(20);

/// How long the service's cookie holds.
const LIFE: i64 = 60;

/// What PHP's `rawurlencode()` keeps.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What the site makes of a cookie.
enum Answer {
    /// It takes it and gives that nonce.
    Taken(String),
    /// It knows nobody by it.
    Refused,
    /// Something else; in words.
    Odd(String),
}

pub async fn prove(
    report: &mut Report,
    subject: &Subject<'_>,
    site: &Site,
    url: &str,
    input: &[u8],
) -> Result<(), StoreError> {
    let Some(address) = address(url, &site.network_siteurl) else {
        let advice = "for example --url https://example.org";
        report.add(Finding::failed(NAME, format!("{url:?} is no http:// or https:// address"), advice));
        return Ok(());
    };
    let given = match given::cookie(input, &site.cookies) {
        Ok(given) => given,
        Err(error) => {
            report.add(Finding::failed(NAME, error.to_string(), HOW_TO_GET_ONE));
            return Ok(());
        }
    };
    if exposes(&address, &site.network_siteurl) {
        let text = format!(
            "{} would carry the cookie readable, and the site's own address is https",
            address.origin().ascii_serialization()
        );
        report.add(Finding::failed(NAME, text, "give the https:// address"));
        return Ok(());
    }
    if let Some(name) = given.foreign_name {
        let text =
            format!("the cookie is called {name}, and the service calls it {}", site.cookies.logged_in);
        let advice = "it is of another site, or COOKIEHASH is another there: see cookies above, and wordpress.cookie_hash";
        report.add(Finding::failed(NAME, text, advice));
        return Ok(());
    }
    let told = explain(subject.db, site, subject.now, &given.value, Scheme::LoggedIn).await?;
    let visit = match Visit::new(address, &site.cookies.logged_in) {
        Ok(visit) => visit,
        Err(reason) => {
            report.add(Finding::failed(NAME, reason, "this machine's TLS may be set up wrongly"));
            return Ok(());
        }
    };
    let users = String::from_utf8_lossy(&given.value).into_owned();
    let (answer, date) = visit.ask(&users).await;
    report.add(match (answer, own_cookie(&told, &given.value, site, subject.now)) {
        (Answer::Odd(what), _) => Finding::failed(
            NAME,
            format!("{} {what}", visit.address),
            "give the address that WordPress itself is reached by; a firewall or a plugin may stand in the way",
        ),
        (Answer::Taken(_), None) => Finding::failed(
            NAME,
            format!("the site takes the user's cookie and the service refuses it: {}", reasons(&told)),
            "the service reads other keys, another database or another COOKIEHASH than the site that answers there",
        ),
        (Answer::Refused, None) => Finding::failed(
            NAME,
            format!("site and service both refuse the user's cookie: {}", reasons(&told)),
            HOW_TO_GET_ONE,
        ),
        (Answer::Refused, Some(_)) => Finding::failed(
            NAME,
            "the site refuses the user's own cookie, which the service takes".to_owned(),
            "the site that answers there has other keys, another database or an object cache that is stale; or a proxy \
             drops cookies",
        ),
        (Answer::Taken(_), Some(own)) => {
            let answer = visit.ask(&own).await.0;
            // The request may have made WordPress write the salts of nonces, which it only does when it needs them.
            let found = subject.look().await?;
            visit.judge(answer, &own, &told, &found, subject.now)
        }
    });
    if let Some(date) = date {
        report.add(clock::of_site(date, subject.now));
    }
    Ok(())
}

const HOW_TO_GET_ONE: &str =
    "log in to the site with a browser and give the cookie wordpress_logged_in_… as it is";

fn reasons(told: &Explanation) -> String {
    told.reasons.iter().map(|reason| sentence(*reason)).collect::<Vec<_>>().join("; ")
}

/// A cookie of the service's own making on the user's session; `None` when the user's own is not valid.
fn own_cookie(told: &Explanation, value: &[u8], site: &Site, now: i64) -> Option<String> {
    let found = told.user.as_ref().filter(|_| told.reasons.is_empty())?;
    let cookie = AuthCookie::parse_unslashed(value)?;
    let token = std::str::from_utf8(cookie.token()).ok()?;
    let login = String::from_utf8_lossy(&found.user.login);
    let expiration = cookie.expiration().saturating_sub(1).min(now.saturating_add(LIFE));
    let salt = site.salts.get(Scheme::LoggedIn);
    Some(auth_cookie::generate(&login, &found.user.pass, expiration, token, salt, site.version))
}

/// Where WordPress lies: at the given path, or at that of its own address.
fn address(url: &str, siteurl: &str) -> Option<Url> {
    let mut url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str()?;
    if matches!(url.path(), "" | "/")
        && let Ok(own) = Url::parse(siteurl)
    {
        url.set_path(own.path());
    }
    let path = format!("{}/wp-admin/admin-ajax.php", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(Some("action=rest-nonce"));
    url.set_fragment(None);
    Some(url)
}

/// Asks the site whom it sees.
struct Visit<'a> {
    client: Client,
    address: Url,
    cookie_name: &'a str,
}

impl<'a> Visit<'a> {
    fn new(address: Url, cookie_name: &'a str) -> Result<Self, String> {
        let client = live_site::client(&address, LIMIT, Vec::new())?;
        Ok(Self { client, address, cookie_name })
    }

    /// The answer, and the site's clock in Unix seconds.
    async fn ask(&self, cookie: &str) -> (Answer, Option<i64>) {
        let header = format!("{}={}", self.cookie_name, utf8_percent_encode(cookie, KEPT));
        let sent = self.client.get(self.address.clone()).header(COOKIE, header).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return (Answer::Odd(format!("cannot be reached: {}", reason(error))), None),
        };
        let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let date = text(DATE).and_then(|date| jiff::fmt::rfc2822::parse(&date).ok());
        let date = date.map(|date| date.timestamp().as_second());
        let (status, location) = (answer.status(), text(LOCATION));
        if status.is_redirection() {
            return (Answer::Odd(format!("redirects to {}", location.unwrap_or_default())), date);
        }
        let body = answer.text().await.unwrap_or_default();
        let body = body.trim();
        let is_nonce = body.len() == 10 && body.bytes().all(|byte| byte.is_ascii_hexdigit());
        (
            match status.as_u16() {
                200 if is_nonce => Answer::Taken(body.to_owned()),
                // "0" is WordPress's word for an action that visitors do not have.
                200 | 400 if body == "0" => Answer::Refused,
                _ => Answer::Odd(format!("answers {status}, and not as WordPress does")),
            },
            date,
        )
    }

    fn judge(&self, answer: Answer, own: &str, told: &Explanation, site: &Site, now: i64) -> Finding {
        let user_id = told.user.as_ref().map_or(0, |found| found.user.id);
        match answer {
            Answer::Taken(nonce) => {
                let cookie = AuthCookie::parse(own.as_bytes());
                let token = cookie.as_ref().map(AuthCookie::session_token).unwrap_or_default();
                let whose = Whose { action: "wp_rest", user_id, token };
                let salt = site.salts.get(Scheme::Nonce);
                if nonce::verify(nonce.as_bytes(), now, whose, salt).is_some() {
                    Finding::ok(
                        NAME,
                        format!(
                            "the site takes a cookie that the service signed, for user {user_id}, and both make the same nonces"
                        ),
                    )
                } else {
                    Finding::warning(
                        NAME,
                        format!(
                            "the site takes a cookie that the service signed, for user {user_id}, but makes other nonces"
                        ),
                        "compare NONCE_KEY and NONCE_SALT; or a plugin changes nonce_life or nonce_user_logged_out",
                    )
                }
            }
            Answer::Refused => Finding::failed(
                NAME,
                "the site takes the user's cookie and refuses one that the service signed for the same session",
                "a plugin may bind cookies to something else; report it with the WordPress version and its plugins",
            ),
            Answer::Odd(what) => Finding::failed(NAME, format!("{} {what}", self.address), "try again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordpress_is_asked_where_it_lies() {
        let at = |url: &str, siteurl: &str| address(url, siteurl).map(String::from);
        let query = "wp-admin/admin-ajax.php?action=rest-nonce";
        assert_eq!(at("https://a.test", "http://old.test"), Some(format!("https://a.test/{query}")));
        assert_eq!(at("https://a.test/", "https://a.test/wp"), Some(format!("https://a.test/wp/{query}")));
        assert_eq!(
            at("http://a.test:8080/blog/?x#y", "https://a.test/wp"),
            Some(format!("http://a.test:8080/blog/{query}"))
        );
        for nothing in ["", "a.test", "ftp://a.test", "file:///etc/passwd"] {
            assert_eq!(at(nothing, "https://a.test"), None, "{nothing}");
        }
    }
}
