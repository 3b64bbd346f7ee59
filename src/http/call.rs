//! One call of an endpoint: everything a handler may look at.

use actix_web::http::header::HeaderValue;

use super::client::Client;
use super::error::ApiError;
use super::figures::Figures;
use super::params::{Param, Params};
use super::request_id::RequestId;
use crate::account::Context;
use crate::account::caller::Caller;
use crate::account::site::Site;
use crate::app::App;
use crate::mail::SiteNames;

/// A call that passed the transport's checks.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The service.
    pub app: &'a App,
    /// Where it is counted what happened.
    pub figures: &'a Figures,
    /// The site as of a moment ago.
    pub site: &'a Site,
    /// Query and body.
    pub params: &'a Params,
    /// Who calls.
    pub client: &'a Client,
    /// The request's name in the log.
    pub id: &'a RequestId,
    /// Whether anybody waits for the answer.
    pub caller: &'a Caller,
    /// The request's `Cookie` headers.
    pub cookies: &'a [HeaderValue],
    /// Unix seconds; one reading of the clock a request.
    pub now: i64,
    /// The request method is POST.
    pub post: bool,
}

impl<'a> Call<'a> {
    /// The verbs of `account`.
    #[must_use]
    pub fn account(&self) -> Context<'a> {
        Context {
            db: &self.app.db,
            hashing: &self.app.hashing,
            limits: &self.app.limits,
            caller: self.caller,
            site: self.site,
            random: &self.app.random,
            now: self.now,
        }
    }

    /// What mails call the site.
    #[must_use]
    pub fn site_names(&self) -> SiteNames<'a> {
        SiteNames {
            blogname: &self.site.blogname,
            network_name: &self.site.network_name,
            home: &self.site.home,
            admin_email: &self.site.admin_email,
            host: self.site.mail_host(),
        }
    }

    /// A parameter that must be there, in PHP's sense: `0` and the empty text are not.
    pub fn required(&self, name: &str, missing: ApiError) -> Result<&'a Param, ApiError> {
        self.params.get(name).filter(|param| !param.is_falsy()).ok_or(missing)
    }

    /// The same where the plugin would crash on an array.
    pub fn required_text(&self, name: &'static str, missing: ApiError) -> Result<&'a [u8], ApiError> {
        self.required(name, missing)?.as_text().ok_or(ApiError::NotText(name))
    }
}
