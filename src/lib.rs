//! wp-sidecar: serves a WordPress site's mobile apps from the site's own database.
//!
//! The rooms and their law; a room uses only what stands below it (`tests/rooms.rs` holds them to it):
//!
//! | room | what it is | may use |
//! |---|---|---|
//! | [`cli`] | commands | all below |
//! | [`http`] | the HTTP interface | all below |
//! | [`app`] | the service put together | all below |
//! | [`account`] | verbs: log in, check a cookie | `telemetry`, `store`, `wp`, `ambient`; types of `settings` |
//! | [`facebook`] | whose access token this is | its section of `settings` |
//! | [`limits`] | budgets of attempts | `telemetry`; its section of `settings` |
//! | [`store`] | every SQL statement | `telemetry`, `wp`; its sections of `settings` |
//! | [`mail`] | what mails say and where they go | `telemetry`; its section of `settings` |
//! | [`telemetry`] | counters, and Prometheus's form of them | nothing |
//! | [`settings`] | what the owner says | `wp` |
//! | [`ambient`] | clock, randomness, environment | nothing |
//! | [`wp`] | WordPress's own algorithms | nothing |

pub mod account;
pub mod ambient;
pub mod app;
pub mod cli;
pub mod facebook;
pub mod http;
pub mod limits;
pub mod mail;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod wp;
