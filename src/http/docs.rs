//! The API page at `/docs` and the OpenAPI document at `/openapi.json`; off with `docs.enabled = false`.
//!
//! All of the page lies in the binary, and it asks no other host. What the site itself serves at these paths wins: a
//! base of that name, and `?json=` anywhere.

use std::cell::Cell;

use actix_web::body::MessageBody;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::figures::Row;
use super::openapi;
use super::routes::Place;
use crate::account::site::Site;
use crate::app::App;

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// Nothing but the page's own files, nothing written as markup, nobody around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The document as it was last written: it is long, and those who read it slowly are to share one.
#[derive(Default)]
pub struct Kept(Cell<Option<Written>>);

/// The document, and the home and base that it is for.
struct Written {
    place: Option<(String, String)>,
    text: Bytes,
}

impl Kept {
    fn document(&self, site: Option<&Site>) -> Bytes {
        let place = site.map(|site| (site.home.clone(), site.base.clone()));
        let kept = self.0.take().filter(|kept| kept.place == place);
        let kept =
            kept.unwrap_or_else(|| Written { place, text: openapi::document_of(site).to_string().into() });
        let text = kept.text.clone();
        self.0.set(Some(kept));
        text
    }
}

/// The answer to a request for one of these files, and where it is counted.
pub fn answer(request: &HttpRequest, app: &App) -> Option<(Row, HttpResponse)> {
    let file = File::at(request.uri().path())?;
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !asks || !app.settings.features.docs || steers(request.query_string()) {
        return None;
    }
    let site = app.site();
    if let Some(site) = &site
        && (Place { home: &site.home, base: &site.base }).holds(request.uri().path())
    {
        return None;
    }
    let row = if matches!(file, File::Document) { Row::OPENAPI } else { Row::DOCS };
    let response = match file {
        File::Page => written("text/html; charset=utf-8", PAGE),
        File::Style => written("text/css; charset=utf-8", STYLE),
        File::Script => written("text/javascript; charset=utf-8", SCRIPT),
        File::Document => {
            let kept = request.app_data::<Kept>()?;
            written("application/json", kept.document(site.as_deref()))
        }
        // Relative: a web server may have put the service below a folder.
        File::Slash => HttpResponse::PermanentRedirect()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((LOCATION, "../docs"))
            .finish(),
    };
    Some((row, response))
}

#[derive(Clone, Copy)]
enum File {
    Page,
    Style,
    Script,
    Document,
    Slash,
}

impl File {
    fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/docs" => Self::Page,
            "/docs/" => Self::Slash,
            "/docs/page.css" => Self::Style,
            "/docs/page.js" => Self::Script,
            "/openapi.json" => Self::Document,
            _ => return None,
        })
    }
}

/// Whether the query asks for a method, as it may at any path.
fn steers(query: &str) -> bool {
    query.split('&').any(|pair| pair == "json" || pair.starts_with("json="))
}

fn written(kind: &str, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(body)
}
