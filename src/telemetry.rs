//! Figures about the service, for Prometheus.

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// What was counted so far.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to count. Once for a process; until then nothing is counted.
    pub fn record() -> Result<Self, BuildError> {
        Ok(Self(PrometheusBuilder::new().install_recorder()?))
    }

    /// In Prometheus's text form.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Tidies what piled up; to be called every few seconds.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}
