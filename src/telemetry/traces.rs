//! Traces by OTLP over HTTP, as OpenTelemetry's own variables (`OTEL_…`) say.
//!
//! Spans wait in a bounded queue for a thread that sends them; where it is full, they are dropped. A collector that is
//! away costs a warning and no request anything. Events of the log stay in the log: some hold an address.

mod exporter;

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use exporter::Exporter;

/// Where the collector is, for all signals or for traces alone.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// How spans are sent, for all signals or for traces alone.
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"];

/// Names trace and parent.
pub const PARENT: &str = "traceparent";

/// What the vendors of tracing add to that.
pub const STATE: &str = "tracestate";

/// How long the end of the service waits for the last spans to be sent.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// The export of traces.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// gRPC, or JSON.
    #[error("{0}={1} is not built in; leave it out, or set it to http/protobuf")]
    Protocol(&'static str, String),
    /// A value that cannot be used.
    #[error("the export of traces cannot be set up; see the variables OTEL_EXPORTER_OTLP_…: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// A layer that hands spans over; `None` where no collector is named, or traces are turned off.
type Started<S> = Option<(Traces, Box<dyn Layer<S> + Send + Sync>)>;

/// Starts the export. Not to be called within a runtime.
pub fn start<S>(environment: &BTreeMap<String, String>) -> Result<Started<S>, TracesError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    if !is_wanted(environment) {
        return Ok(None);
    }
    for name in PROTOCOLS {
        if let Some(other) = filled(environment, name).filter(|protocol| *protocol != "http/protobuf") {
            return Err(TracesError::Protocol(name, other.to_owned()));
        }
    }
    // The one TLS provider of the service; a second call finds it installed and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).build()?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let mut resource = Resource::builder().with_attribute(version);
    let names_itself =
        |text: &str| text.split(',').any(|pair| pair.trim_start().starts_with("service.name="));
    if filled(environment, "OTEL_SERVICE_NAME").is_none()
        && !filled(environment, "OTEL_RESOURCE_ATTRIBUTES").is_some_and(names_itself)
    {
        resource = resource.with_service_name("wp-sidecar");
    }
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(Exporter::new(exporter))
        .build();
    // No other crate's spans: the exporter's own client makes some.
    let own = filter_fn(|metadata| {
        metadata.is_span()
            && (metadata.target() == super::REQUESTS || metadata.target().starts_with("wp_sidecar"))
    });
    let layer = OpenTelemetryLayer::new(provider.tracer("wp-sidecar"))
        .with_context_activation(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(own.with_max_level_hint(LevelFilter::DEBUG));
    Ok(Some((Traces(provider), Box::new(layer))))
}

fn is_wanted(environment: &BTreeMap<String, String>) -> bool {
    let says = |name: &str, value: &str| {
        filled(environment, name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    ENDPOINTS.iter().any(|name| filled(environment, name).is_some())
        && !says("OTEL_SDK_DISABLED", "true")
        && !says("OTEL_TRACES_EXPORTER", "none")
}

/// An empty variable counts as none.
fn filled<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// Puts a span into the trace that these headers of a request name.
pub fn continue_trace(span: &Span, parent: &str, state: Option<&str>) {
    let context =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers { parent, state });
    // Nobody exports: nothing to continue.
    let _ = span.set_parent(context);
}

impl Traces {
    /// Sends what was not sent yet, but does not wait for long. Not to be called within a runtime.
    pub fn finish(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_SPANS) {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// The two headers of the W3C's trace context.
struct Headers<'a> {
    parent: &'a str,
    state: Option<&'a str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            PARENT => Some(self.parent),
            STATE => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![PARENT, STATE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn traces_are_exported_where_a_collector_is_named_and_nobody_says_no() {
        let named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        for (pairs, wanted) in [
            (vec![], false),
            (vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "")], false),
            (vec![named], true),
            (vec![("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces")], true),
            (vec![named, ("OTEL_SDK_DISABLED", "True")], false),
            (vec![named, ("OTEL_TRACES_EXPORTER", "none")], false),
        ] {
            assert_eq!(is_wanted(&environment(&pairs)), wanted, "{pairs:?}");
        }
    }
}
