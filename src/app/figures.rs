//! What is counted of the service as a whole.

use super::App;
use crate::telemetry::{Kind, Text};

/// The features that this program was built with.
const FEATURES: &[(&str, bool)] =
    &[("mysql-rsa", cfg!(feature = "mysql-rsa")), ("opentelemetry", cfg!(feature = "opentelemetry"))];

impl App {
    /// Writes which program this is, since when it runs and what it knows of the site.
    pub fn write_figures(&self, text: &mut Text) {
        let features: Vec<&str> =
            FEATURES.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
        text.figure("build_info", Kind::Gauge, "Always 1; the labels say which program this is.")
            .sample(&[("version", env!("CARGO_PKG_VERSION")), ("features", &features.join(","))], 1);
        let help = "When the service started, in seconds since 1970.";
        text.common_figure("process_start_time_seconds", Kind::Gauge, help).sample(&[], self.started);
        let site = self.site();
        let version = site.as_ref().map_or_else(|| "unknown".to_owned(), |site| site.version.to_string());
        text.figure("site_info", Kind::Gauge, "1 when the site's options were read, else 0.")
            .sample(&[("wordpress", &version)], u8::from(site.is_some()));
    }
}
