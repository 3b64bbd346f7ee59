//! Spans as OpenTelemetry's conventions name them, on the exporter's thread: a request is not to pay for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Sends spans, and says once when that fails and once when it works again.
#[derive(Debug)]
pub struct Exporter {
    otlp: Otlp,
    failing: AtomicBool,
}

impl Exporter {
    pub fn new(otlp: Otlp) -> Self {
        Self { otlp, failing: AtomicBool::new(false) }
    }

    fn note(&self, done: &OTelSdkResult) {
        let failed = self.failing.swap(done.is_err(), Ordering::Relaxed);
        match done {
            Err(error) if !failed => {
                tracing::warn!(%error, "traces cannot be exported, and are lost until the collector takes them");
            }
            Ok(()) if failed => tracing::info!("traces are exported again"),
            _ => {}
        }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        // What the service asks of the database for itself, every few seconds, is nobody's trace.
        batch.retain(|span| span.parent_span_id != SpanId::INVALID || is_root(&span.name));
        if batch.is_empty() {
            // Nor is it known whether the collector would take any.
            return Ok(());
        }
        batch.iter_mut().for_each(conform);
        let done = self.otlp.export(batch).await;
        self.note(&done);
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.otlp.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}

/// Whether a span may begin a trace.
fn is_root(name: &str) -> bool {
    matches!(name, "request" | "mail")
}

/// Names, kinds and attributes as the conventions for HTTP and databases have them.
fn conform(span: &mut SpanData) {
    match span.name.as_ref() {
        "request" => {
            let method = text(span, "method").unwrap_or_default();
            span.name = match text(span, "endpoint") {
                Some(endpoint) => format!("{method} {endpoint}").into(),
                None => method.into(),
            };
            span.span_kind = SpanKind::Server;
            if number(span, "code").is_some_and(|code| code >= 500) {
                span.status = Status::error("");
            }
            rename(
                span,
                &[
                    ("method", "http.request.method"),
                    ("code", "http.response.status_code"),
                    ("endpoint", "http.route"),
                ],
            );
        }
        "statement" => {
            span.span_kind = SpanKind::Client;
            span.attributes.push(KeyValue::new("db.system.name", "mysql"));
        }
        _ => {}
    }
}

fn rename(span: &mut SpanData, names: &[(&'static str, &'static str)]) {
    for attribute in &mut span.attributes {
        if let Some((_, new)) = names.iter().find(|(old, _)| attribute.key.as_str() == *old) {
            attribute.key = Key::new(*new);
        }
    }
}

fn text(span: &SpanData, name: &str) -> Option<String> {
    find(span, name).map(|value| value.as_str().into_owned())
}

fn number(span: &SpanData, name: &str) -> Option<i64> {
    match find(span, name)? {
        Value::I64(number) => Some(*number),
        _ => None,
    }
}

fn find<'a>(span: &'a SpanData, name: &str) -> Option<&'a Value> {
    // What was recorded last holds.
    span.attributes.iter().rev().find(|attribute| attribute.key.as_str() == name).map(|found| &found.value)
}
