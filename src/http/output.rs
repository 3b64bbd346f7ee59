//! In which form an answer leaves: indented, as a redirect, as JSONP or as JSON; the first that is asked for wins.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};

use super::callback::is_callback;
use super::envelope::{self, Status};
use super::error::ApiError;
use super::params::{Params, php_number};
use super::redirect;
use crate::account::site::Site;
use crate::wp::php_json::{self, JsonOptions};
use crate::wp::php_value::{PhpArray, PhpValue};

/// What most answers are.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// An answer, and what its envelope says.
pub struct Reply {
    /// As it leaves.
    pub response: HttpResponse,
    /// Also of answers whose HTTP code does not tell: indented ones, JSONP and redirects. `None` without an envelope.
    pub status: Option<Status>,
}

/// The form that the parameters ask for.
pub struct Output<'a> {
    params: &'a Params,
    site: &'a Site,
    path: &'a str,
    options: JsonOptions,
}

impl<'a> Output<'a> {
    /// Reads the parameters; what is wrong with them is said before the method runs.
    pub fn of(params: &'a Params, site: &'a Site, path: &'a str) -> Result<Self, ApiError> {
        if !params.is_missing("callback") && params.is_missing("dev") {
            let callback = params.text("callback").ok_or(ApiError::NotText("callback"))?;
            if !is_callback(callback) {
                return Err(ApiError::Callback);
            }
        }
        let mut options = match params.get("json_encode_options") {
            Some(param) if !param.is_falsy() => {
                let bits =
                    param.as_text().and_then(php_number::whole_number).ok_or(ApiError::EncodeOptions)?;
                JsonOptions::from_bits(bits)
            }
            _ => JsonOptions::default(),
        };
        if !params.is_missing("json_unescaped_unicode") {
            options = options | JsonOptions::ALL_UNICODE;
        }
        Ok(Self { params, site, path, options })
    }

    /// Writes the answer.
    #[must_use]
    pub fn render(&self, result: Result<PhpArray, ApiError>) -> Reply {
        let (fields, status, error) = match result {
            Ok(fields) => (envelope::ok(fields), Status::Ok, None),
            Err(error) => (envelope::error(&error), Status::Error, Some(error)),
        };
        let mut response =
            self.written(fields, status, error.as_ref().map_or(StatusCode::OK, ApiError::status));
        if let Some(error) = &error {
            log(error);
            add_retry_after(&mut response, error);
        }
        Reply { response, status: Some(status) }
    }

    fn written(&self, fields: PhpArray, status: Status, code: StatusCode) -> HttpResponse {
        let charset = &self.site.charset;
        if !self.params.is_missing("dev") {
            // The plugin's own spelling, colon and all.
            let kind = format!("text/plain; charset: {charset};charset={charset}");
            return answer(StatusCode::OK, typed(kind), php_json::encode_dev(&PhpValue::Array(fields)));
        }
        if let Some(location) = self.redirect(status) {
            return HttpResponse::Found()
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((CONTENT_TYPE, format!("text/html; charset={charset}")))
                .insert_header((LOCATION, location))
                .finish();
        }
        let json = php_json::encode(&PhpValue::Array(fields), self.options);
        if !self.params.is_missing("callback")
            && let Some(callback) = self.params.text("callback")
        {
            let body = [callback, b"(", &json, b")"].concat();
            return answer(StatusCode::OK, typed(format!("application/javascript; charset={charset}")), body);
        }
        if charset == "UTF-8" {
            return answer(code, JSON, json);
        }
        answer(code, typed(format!("application/json; charset={charset}")), json)
    }

    /// `redirect_ok` and `redirect_error` as they are, then `redirect` with the status added.
    fn redirect(&self, status: Status) -> Option<String> {
        let target = |name: &str| {
            let text = self.params.text(name).filter(|_| !self.params.is_missing(name))?;
            redirect::location(text, &self.site.home, &redirect::folder(self.path))
        };
        let own = match status {
            Status::Ok => "redirect_ok",
            Status::Error => "redirect_error",
        };
        target(own).or_else(|| target("redirect").map(|to| redirect::with_status(&to, status.as_str())))
    }
}

/// An error before the parameters are understood: plain JSON.
#[must_use]
pub fn plain_error(error: &ApiError) -> Reply {
    log(error);
    let json = php_json::encode(&PhpValue::Array(envelope::error(error)), JsonOptions::default());
    let mut response = answer(error.status(), JSON, json);
    add_retry_after(&mut response, error);
    Reply { response, status: Some(Status::Error) }
}

fn add_retry_after(response: &mut HttpResponse, error: &ApiError) {
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
}

/// A type with the site's charset, which anybody may have written into the options.
fn typed(kind: String) -> HeaderValue {
    HeaderValue::try_from(kind).unwrap_or(JSON)
}

fn answer(code: StatusCode, kind: HeaderValue, body: Vec<u8>) -> HttpResponse {
    HttpResponse::build(code)
        .insert_header((CACHE_CONTROL, NO_STORE))
        .insert_header((CONTENT_TYPE, kind))
        .body(body)
}

/// Causes inside the service are told to the log alone.
fn log(error: &ApiError) {
    match error {
        ApiError::Store(cause) => tracing::error!(%cause, "database failure"),
        ApiError::Internal(cause) => tracing::error!(cause, "internal failure"),
        _ => {}
    }
}
