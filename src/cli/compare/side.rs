//! One of the two that are asked, and what it answers.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Certificate, Client};
use url::Url;

use super::requests::Asked;
use crate::cli::live_site;
use crate::facebook::reason;
use crate::http::request_id;
use crate::http::server::POLICY;

/// The largest answer read, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// So that a service on loopback treats a request as the live site treats it: by its scheme.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The live site, or the service.
#[derive(Debug)]
pub struct Side {
    client: Client,
    address: Url,
    /// The scheme by which requests are said to come, where another side is asked by another.
    scheme: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    /// Where a redirect leads, without its query.
    pub location: Option<String>,
    /// A service like this one answered, by what it sends with every answer.
    pub by_service: bool,
    pub body: Vec<u8>,
}

/// Why there is no answer, for people; without the address.
#[derive(Clone, Debug)]
pub enum Unanswered {
    /// Nobody is there, whatever is asked.
    NoConnection(String),
    /// No answer in time, or none that can be read.
    Broken(String),
}

impl Side {
    /// The side at that address; where it has no path, the site's own folder is taken.
    pub fn new(
        name: &str,
        address: &str,
        folder: &str,
        limit: Duration,
        authorities: Vec<Certificate>,
    ) -> anyhow::Result<Self> {
        let parsed = Url::parse(address.trim()).ok();
        let parsed = parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(mut address) = parsed else {
            bail!("{name}: this is no http:// or https:// address; for example {name} https://example.org");
        };
        if matches!(address.path(), "" | "/") {
            address.set_path(folder);
        }
        address.set_query(None);
        address.set_fragment(None);
        let client = live_site::client(&address, limit, authorities).map_err(anyhow::Error::msg)?;
        Ok(Self { client, address, scheme: None })
    }

    /// Lets requests count as having come by the scheme of that other side.
    #[must_use]
    pub fn forwarding_for(self, other: &Self) -> Self {
        Self { scheme: Some(other.address.scheme().to_owned()), ..self }
    }

    /// Its address.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Its address for people: without a password.
    pub fn shown(&self) -> String {
        let mut shown = self.address.clone();
        // An http address has a host and takes both.
        let _ = shown.set_password(None);
        let _ = shown.set_username("");
        shown.as_str().trim_end_matches('/').to_owned()
    }

    /// Asks it. `time` makes the query one that nobody asked before.
    pub async fn ask(&self, asked: &Asked, time: &str) -> Result<Answer, Unanswered> {
        let mut url = self.address.clone();
        url.set_path(&format!("{}{}", self.address.path().trim_end_matches('/'), asked.path));
        let and = if asked.query.is_empty() { "" } else { "&" };
        url.set_query(Some(&format!("{}{and}time={time}", asked.query)));
        let mut request = self.client.get(url);
        if let Some(scheme) = &self.scheme {
            request = request.header(FORWARDED_PROTO, scheme);
        }
        let mut answer = request.send().await.map_err(told)?;
        let text = |headers: &HeaderMap, name: HeaderName| {
            headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let policy = text(answer.headers(), CONTENT_SECURITY_POLICY);
        let by_service =
            policy.as_deref() == Some(POLICY) && answer.headers().contains_key(request_id::NAME.as_str());
        let location = text(answer.headers(), LOCATION);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(told)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(Unanswered::Broken(format!("the answer is larger than {LARGEST} bytes")));
            }
        }
        Ok(Answer {
            status: answer.status().as_u16(),
            content_type: text(answer.headers(), CONTENT_TYPE).unwrap_or_default(),
            location: location.map(|to| to.split(['?', '#']).next().unwrap_or_default().to_owned()),
            by_service,
            body,
        })
    }
}

/// A timeout has a long chain of causes, none of which says more.
fn told(error: reqwest::Error) -> Unanswered {
    if error.is_timeout() {
        Unanswered::Broken("no answer in time".to_owned())
    } else if error.is_connect() {
        Unanswered::NoConnection(reason(error))
    } else {
        Unanswered::Broken(reason(error))
    }
}

/// The certificates in a PEM file.
pub fn authorities(file: &std::path::Path) -> anyhow::Result<Vec<Certificate>> {
    let pem = std::fs::read(file).with_context(|| format!("--ca {}", file.display()))?;
    let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if found.is_empty() {
        bail!("--ca {}: no certificate in it; PEM is expected", file.display());
    }
    Ok(found)
}
