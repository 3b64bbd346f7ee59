//! The HTTP interface of JSON API: routes, parameters, envelope, and one file an endpoint.
//!
//! Handlers read parameters, call `account` or `store` and return fields; they write no HTTP.

mod audit;
pub mod auth;
pub mod call;
mod callback;
pub mod client;
pub mod clients;
mod connections;
mod cookie_check;
pub mod cookies;
pub mod core;
mod cors;
mod docs;
pub mod endpoints;
pub mod envelope;
pub mod error;
mod exchange;
pub mod figures;
mod health;
mod login;
mod meta_values;
pub mod metrics;
pub mod nonce;
pub mod openapi;
mod output;
pub mod params;
pub mod protocol;
mod redirect;
pub mod request_id;
pub mod routes;
pub mod server;
mod span;
pub mod user;
