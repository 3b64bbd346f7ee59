//! The errors that are told of a method against those that its code names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use wp_sidecar::http::endpoints::reference::errors_of_all;
use wp_sidecar::http::endpoints::{ENDPOINTS, Endpoint};
use wp_sidecar::http::error::ApiError;

use crate::app::project;
use crate::document::{document, resolved};

/// Answers that nobody reads: the connection is being closed, or the caller is gone.
const UNHEARD: &[&str] = &["BehindTheLast", "CallerGone"];

/// Named in a method's code for the compiler's sake; the method answers otherwise before.
const UNREACHED: &[(&str, &str)] = &[("fb_connect", "EmailInvalid")];

/// The variant's name.
fn variant(error: &ApiError) -> String {
    format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// The variants, read off the source.
fn variants() -> BTreeSet<String> {
    let source = fs::read_to_string(project("src/http/error.rs")).unwrap();
    let (_, rest) = source.split_once("pub enum ApiError {").unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    names.map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

/// What stands behind `ApiError::` and, in conversions, `Self::`.
fn named_in(file: &Path, known: &BTreeSet<String>) -> BTreeSet<String> {
    let source = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut named = BTreeSet::new();
    for prefix in ["ApiError::", "Self::"] {
        for (at, _) in source.match_indices(prefix) {
            let rest = &source[at + prefix.len()..];
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            if known.contains(&name) {
                named.insert(name);
            }
        }
    }
    named
}

fn told(endpoint: &Endpoint) -> BTreeSet<String> {
    let own = (endpoint.reference.errors)();
    own.iter().chain(&errors_of_all(endpoint.controller)).map(variant).collect()
}

#[test]
fn every_error_that_a_method_names_in_its_code_is_told_of_it() {
    let known = variants();
    assert!(known.len() > 60, "{known:?}");
    for endpoint in ENDPOINTS {
        let file = project("src/http").join(endpoint.controller).join(format!("{}.rs", endpoint.method));
        let mut named = named_in(&file, &known);
        let folder = file.with_extension("");
        if folder.is_dir() {
            for inner in fs::read_dir(folder).unwrap() {
                named.extend(named_in(&inner.unwrap().path(), &known));
            }
        }
        let told = told(endpoint);
        named.retain(|name| !UNREACHED.contains(&(endpoint.method, name)));
        let missing: Vec<&String> = named.difference(&told).collect();
        assert!(missing.is_empty(), "{endpoint:?} does not tell of {missing:?}");
    }
}

#[test]
fn every_error_of_the_interface_is_in_the_document_with_its_status() {
    let document = document();
    let examples = document["components"]["examples"].as_object().unwrap();
    for variant in variants() {
        // Those of parameters stand under their own names.
        let told = examples.keys().any(|name| name.starts_with(variant.as_str()) || variant == "Params");
        assert!(told || UNHEARD.contains(&variant.as_str()), "{variant} is nowhere in the document");
    }
    for name in ["TooManyVariables", "NestedTooDeep", "TooManyParts"] {
        assert!(examples.contains_key(name), "{name}");
    }
}

#[test]
fn errors_stand_under_their_statuses_in_their_own_words() {
    let document = document();
    for endpoint in ENDPOINTS {
        let path = wp_sidecar::http::openapi::USUAL.path_of(endpoint.controller, endpoint.method);
        let own = (endpoint.reference.errors)();
        for error in own.iter().chain(&errors_of_all(endpoint.controller)) {
            for verb in ["get", "post"] {
                let responses = &document["paths"][&path][verb]["responses"];
                let response = resolved(&document, &responses[error.status().as_str()]);
                let examples = response["content"]["application/json"]["examples"].as_object();
                let examples = examples.unwrap_or_else(|| panic!("{verb} {path}: {error:?}"));
                let text = error.to_string();
                let told = |example| resolved(&document, example)["value"]["error"] == text.as_str();
                assert!(examples.values().any(told), "{verb} {path}: {error:?}");
                let wait = &response["headers"]["Retry-After"];
                assert!(error.retry_after().is_none() || !wait.is_null(), "{verb} {path}: {error:?}");
            }
        }
    }
}
