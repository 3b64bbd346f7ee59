//! Facebook's Graph API: whose access token is this, and was it given to this site's app?
//!
//! What a site does with the answer is not here. Tokens and secrets are in the addresses that the Graph API wants,
//! so neither addresses nor Facebook's own sentences, which quote tokens, are ever logged.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::settings;
use crate::settings::secret::{ExposeSecret as _, SecretString};

/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The longest token that is passed on.
const LONGEST_TOKEN: usize = 4096;

/// The largest answer read, in bytes; real ones have a few hundred.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What is asked about a person; a caller cannot ask for more.
const FIELDS: &str = "id,name,first_name,last_name,email";

/// Error codes that say nothing about the token: unknown (1), service down (2), limits on calls (4, 17, 32, 341,
/// 613), and the app itself refused (101), which is ours to mend.
const NOT_THE_TOKEN: &[i64] = &[1, 2, 4, 17, 32, 101, 341, 613];

/// Whom a token belongs to. Missing texts are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The e-mail address, where the person lets the app see it.
    pub email: Option<String>,
}

/// Why nobody is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FacebookError {
    /// `facebook.app_id` or `facebook.app_secret` is not set.
    #[error("Facebook is not configured")]
    NotConfigured,
    /// The token is none, has expired, or belongs to another app.
    #[error("Facebook refuses the token: {0}")]
    Refused(String),
    /// Facebook is out of reach, or refuses the app.
    #[error("Facebook is not available: {0}")]
    Unavailable(String),
}

/// The site's app at Facebook.
#[derive(Clone, Debug)]
pub struct Facebook {
    app: Option<App>,
    graph_url: String,
    limit: Duration,
}

#[derive(Clone, Debug)]
struct App {
    id: String,
    secret: SecretString,
    /// The reason if there is none.
    client: Result<Client, String>,
}

impl Facebook {
    /// The app of these settings. Nothing is asked of Facebook yet.
    #[must_use]
    pub fn new(facebook: &settings::Facebook) -> Self {
        Self::with_limit(facebook, LIMIT)
    }

    /// The same with another limit on a call's time.
    #[must_use]
    pub fn with_limit(facebook: &settings::Facebook, limit: Duration) -> Self {
        let secret = facebook.app_secret.clone().filter(|secret| !secret.expose_secret().is_empty());
        let app = facebook.app_id.clone().zip(secret);
        Self {
            app: app.map(|(id, secret)| App { id, secret, client: client(limit) }),
            graph_url: facebook.graph_url.trim_end_matches('/').to_owned(),
            limit,
        }
    }

    /// The person who gave this token to this site's app.
    pub async fn person(&self, token: &[u8]) -> Result<Person, FacebookError> {
        let app = self.app.as_ref().ok_or(FacebookError::NotConfigured)?;
        let token = std::str::from_utf8(token)
            .ok()
            .filter(|token| token.len() <= LONGEST_TOKEN && token.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or_else(|| FacebookError::Refused("it is no token".to_owned()))?;
        let ours = format!("{}|{}", app.id, app.secret.expose_secret());
        let about = self.get(app, "debug_token", &ours, ("input_token", token)).await?;
        let about = member(&about, "data");
        if member(about, "is_valid") != &Value::Bool(true) {
            return Err(FacebookError::Refused("it is not valid".to_owned()));
        }
        if text(member(about, "app_id")).as_deref() != Some(app.id.as_str()) {
            return Err(FacebookError::Refused("it belongs to another app".to_owned()));
        }
        let person = self.get(app, "me", token, ("fields", FIELDS)).await?;
        let field = |name: &str| text(member(&person, name)).unwrap_or_default();
        Ok(Person {
            name: field("name"),
            first_name: field("first_name"),
            last_name: field("last_name"),
            email: text(member(&person, "email")).filter(|email| !email.is_empty()),
        })
    }

    /// One call, with the proof that it comes from the app itself.
    async fn get(
        &self,
        app: &App,
        path: &str,
        access_token: &str,
        more: (&str, &str),
    ) -> Result<Value, FacebookError> {
        let client = app.client.as_ref().map_err(|reason| FacebookError::Unavailable(reason.clone()))?;
        let proof = proof(access_token, app.secret.expose_secret());
        let query = [more, ("access_token", access_token), ("appsecret_proof", proof.as_str())];
        let asked = async {
            let answer = client.get(format!("{}/{path}", self.graph_url)).query(&query).send().await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, body(answer).await?))
        };
        let (status, body) = match tokio::time::timeout(self.limit, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(FacebookError::Unavailable(reason(error))),
            Err(_) => return Err(FacebookError::Unavailable("no answer in time".to_owned())),
        };
        read(status, body.as_deref())
    }
}

/// `None` for an answer that is too large.
async fn body(mut answer: Response) -> reqwest::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST_ANSWER {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}

/// An object without `error`, or what the error means.
fn read(status: StatusCode, body: Option<&[u8]>) -> Result<Value, FacebookError> {
    let object = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let Some(object) = object.filter(Value::is_object) else {
        return Err(FacebookError::Unavailable(format!("status {status} and no object")));
    };
    let error = member(&object, "error");
    if error.is_null() {
        return if status.is_success() {
            Ok(object)
        } else {
            Err(FacebookError::Unavailable(format!("status {status}")))
        };
    }
    let GraphError { code, is_transient, fbtrace_id } = GraphError::deserialize(error).unwrap_or_default();
    let reason = format!("status {status}, error {code}, trace {fbtrace_id}");
    let passing = is_transient || NOT_THE_TOKEN.contains(&code);
    let busy = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    Err(if passing || busy { FacebookError::Unavailable(reason) } else { FacebookError::Refused(reason) })
}

/// What counts of the member `error`. Its sentence may quote the token and is not read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct GraphError {
    code: i64,
    is_transient: bool,
    fbtrace_id: String,
}

/// A member of an object; null where there is none.
fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

/// A text, or a number written as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `appsecret_proof`: the token's HMAC-SHA256 under the app's secret, in hex.
fn proof(access_token: &str, secret: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(access_token.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        }
        // No length is refused.
        Err(_) => String::new(),
    }
}

fn client(limit: Duration) -> Result<Client, String> {
    // The one TLS provider of the service; a second call finds it installed and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(limit)
        // A redirect would take tokens elsewhere.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("wp-sidecar/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(reason)
}

/// The whole chain of causes, without the address.
#[must_use]
pub fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_that_of_the_documentation() {
        // hash_hmac( 'sha256', 'token', 'secret' ) of PHP 8.2.
        let expected = "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a";
        assert_eq!(proof("token", "secret"), expected);
    }
}
