//! `wp-sidecar openapi`: the interface's documents, for tools. Needs neither settings nor a database.

use std::io::Write as _;

use clap::{Args, ValueEnum};

use crate::http::clients;
use crate::http::openapi;
use crate::http::routes::Place;
use crate::settings::web_address::is_web_address;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The site's address.
    #[arg(long, value_name = "URL", default_value = openapi::USUAL.home, value_parser = site_address)]
    site: String,
    /// The site's option json_api_base; empty for a site that is asked by ?json= alone.
    #[arg(long, value_name = "PATH", default_value = openapi::USUAL.base, value_parser = base_path)]
    base: String,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Openapi)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// OpenAPI 3.1, JSON.
    Openapi,
    /// A Postman collection, v2.1.
    Postman,
    /// A file of requests, as editors send them.
    Http,
}

/// What clients can add a path to.
fn site_address(text: &str) -> Result<String, &'static str> {
    is_web_address(text).then(|| text.to_owned()).ok_or("expected an http:// or https:// URL")
}

/// The service matches its base as sent, so nothing that a client would encode can be in it.
fn base_path(text: &str) -> Result<String, &'static str> {
    let is_sent_as_it_stands = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    text.chars()
        .all(is_sent_as_it_stands)
        .then(|| text.to_owned())
        .ok_or("expected a path of letters, digits and -._~/, other characters percent-encoded")
}

/// Prints the document.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let site = arguments.site.trim_end_matches('/');
    let place = Place { home: site, base: &arguments.base };
    let text = match arguments.format {
        Format::Openapi => format!("{:#}\n", openapi::document(place, &[site])),
        Format::Postman => clients::postman(place),
        Format::Http => clients::http_file(place),
    };
    // A reader who has seen enough is no failure of ours.
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}
