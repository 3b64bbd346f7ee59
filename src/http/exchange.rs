//! One request on its way from parameters to answer, with all that this needs, so that it can outlive the connection
//! it came by.

use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use tracing::Instrument as _;

use super::audit;
use super::call::Call;
use super::client::Client;
use super::endpoints::{self, Endpoint, Gate};
use super::error::ApiError;
use super::figures::{Figures, Row};
use super::output::{Output, Reply, plain_error};
use super::params::Params;
use super::request_id::RequestId;
use super::routes::{self, Place, Target};
use crate::account::caller::Caller;
use crate::account::site::Site;
use crate::app::App;

/// A request.
pub struct Exchange {
    pub app: Arc<App>,
    pub figures: Arc<Figures>,
    pub site: Arc<Site>,
    pub params: Params,
    pub client: Client,
    pub id: RequestId,
    pub cookies: Vec<HeaderValue>,
    pub now: i64,
    pub post: bool,
    pub path: String,
}

/// Where a request leads, or why it leads nowhere.
pub struct Aim {
    /// Where it is counted.
    pub row: Row,
    endpoint: Result<&'static Endpoint, ApiError>,
}

impl Exchange {
    /// Runs it and writes the answer.
    pub async fn answer(self, Aim { endpoint, .. }: Aim) -> Reply {
        if !endpoint.as_ref().is_ok_and(|endpoint| endpoint.finishes) {
            return self.run(endpoint, &Caller::stays()).await;
        }
        // A task of its own: the framework drops what it awaits when the caller hangs up. The line breaks then, and
        // what has not begun to write looks at it.
        let (_line, caller) = Caller::on_line();
        let running = self.app.running.begin();
        let work = async move {
            let reply = self.run(endpoint, &caller).await;
            drop(running);
            reply
        };
        match actix_web::rt::spawn(work.in_current_span()).await {
            Ok(reply) => reply,
            Err(_) => plain_error(&ApiError::Internal("a handler panicked")),
        }
    }

    async fn run(&self, endpoint: Result<&Endpoint, ApiError>, caller: &Caller) -> Reply {
        let output = match Output::of(&self.params, &self.site, &self.path) {
            Ok(output) => output,
            Err(error) => return plain_error(&error),
        };
        let call = self.call(caller);
        let result = match endpoint {
            Ok(endpoint) => (endpoint.handler)(call).await,
            Err(error) => Err(error),
        };
        if let Err(ApiError::TooManyRequests(limit)) = &result {
            self.app.limits.count_refusal(limit.budget);
            audit::limited(call, *limit);
        }
        output.render(result)
    }

    fn call<'a>(&'a self, caller: &'a Caller) -> Call<'a> {
        Call {
            app: &self.app,
            figures: &self.figures,
            site: &self.site,
            params: &self.params,
            client: &self.client,
            id: &self.id,
            caller,
            cookies: &self.cookies,
            now: self.now,
            post: self.post,
        }
    }

    /// The transport's checks in the plugin's order: controller, https gate, method.
    pub fn aim(&self) -> Aim {
        let mut row = Row::OTHER;
        let endpoint = self.endpoint(&mut row);
        Aim { row, endpoint }
    }

    /// Sets the row as soon as it is known.
    fn endpoint(&self, row: &mut Row) -> Result<&'static Endpoint, ApiError> {
        let place = Place { home: &self.site.home, base: &self.site.base };
        let target = routes::resolve(&self.path, &self.params, place)?.ok_or(ApiError::NotFound)?;
        let target = moved(target, &self.site)?;
        let found = endpoints::find_with_place(&target.controller, &target.method);
        if let Some((place, _)) = found {
            *row = Row::endpoint(place);
        }
        let enabled = self.site.controllers.contains(&target.controller);
        let gate = endpoints::gate_of(&target.controller).filter(|_| enabled);
        let gate = gate.ok_or_else(|| ApiError::UnknownController(target.controller.clone()))?;
        let safe = self.client.tls || self.params.text("insecure") == Some(b"cool");
        match gate {
            Gate::User if !safe => return Err(ApiError::UserNeedsTls),
            Gate::Auth if !safe => return Err(ApiError::AuthNeedsTls),
            _ => {}
        }
        let allowed = |endpoint: &&Endpoint| endpoint.reads_only || !self.app.reads_only;
        found.map(|(_, endpoint)| endpoint).filter(allowed).ok_or(ApiError::UnknownMethod(target.method))
    }
}

/// Two methods left core for controllers of their own; their old names lead there if those are enabled.
fn moved(target: Target, site: &Site) -> Result<Target, ApiError> {
    if target.controller != "core" {
        return Ok(target);
    }
    let (method, controller, title) = match target.method.as_str() {
        "submit_comment" => ("submit_comment", "respond", "Respond"),
        "create_post" => ("create_post", "posts", "Posts"),
        _ => return Ok(target),
    };
    if site.controllers.iter().any(|enabled| enabled == controller) {
        return Ok(Target { controller: controller.to_owned(), method: method.to_owned() });
    }
    Err(ApiError::RemovedFromCore { method, controller: title })
}
