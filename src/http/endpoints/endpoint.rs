//! What is said of an endpoint in the table. Which endpoints there are is not known here.

use std::future::Future;
use std::pin::Pin;

use super::parameter::{Kind, Parameter};
use super::reference::Reference;
use crate::http::call::Call;
use crate::http::error::ApiError;
use crate::wp::php_value::PhpArray;

/// What a handler returns: the fields behind `status`.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<PhpArray, ApiError>> + 'a>>;

/// An endpoint.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// Lower case.
    pub controller: &'static str,
    /// Lower case.
    pub method: &'static str,
    /// The check before it runs.
    pub gate: Gate,
    /// It goes on when its caller hangs up: it writes, and what it began is to be finished. A login is not; its place in
    /// the queue for hashing is better given to somebody who still waits.
    pub finishes: bool,
    /// What it does writes no row and sends no mail, here or in the plugins, by whatever verb it is asked: a login
    /// writes a session. That JSON API itself keeps each answer as a transient is not counted. `wp-sidecar compare`
    /// sends nothing else to the live site.
    pub reads_only: bool,
    /// What it reads, besides the transport's own parameters.
    pub parameters: &'static [Parameter],
    /// What is said of it, and what it answers.
    pub reference: &'static Reference,
    /// What it does.
    pub handler: for<'a> fn(Call<'a>) -> Answer<'a>,
}

/// The check for TLS, with the text of its controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// None.
    Open,
    /// TLS or `insecure=cool`, in the user controller's words.
    User,
    /// The same in the auth controller's words.
    Auth,
}

impl Endpoint {
    /// Its name in documents.
    #[must_use]
    pub fn component(&self) -> String {
        format!("{}.{}", self.controller, self.method)
    }

    /// Whether it is better called by POST: it writes, or takes what belongs in no address.
    #[must_use]
    pub fn prefers_post(&self) -> bool {
        self.finishes || self.parameters.iter().any(|parameter| parameter.kind == Kind::Secret)
    }

    /// The parameters of a call that shows how it goes: those that must be there, and the first of the others where
    /// a cookie or a password alone would say nothing.
    pub fn shown(&self) -> impl Iterator<Item = &'static Parameter> {
        let says_enough =
            |parameter: &Parameter| parameter.required && !matches!(parameter.name, "cookie" | "password");
        let is_mute = !self.parameters.iter().any(says_enough);
        let more = self.parameters.iter().position(|parameter| is_mute && !parameter.required);
        let parameters = self.parameters.iter().enumerate();
        parameters.filter(move |(at, found)| found.required || Some(*at) == more).map(|(_, found)| found)
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.controller, self.method)
    }
}
