//! wp-sidecar: serves a WordPress site's mobile apps from the site's own database.

pub mod wp;
