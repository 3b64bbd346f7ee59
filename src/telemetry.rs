//! Figures about the service: what a room counts with, and Prometheus's text form of it.
//!
//! Each room keeps its own figures in its own types, plain atomics that cost a few nanoseconds, and writes them when
//! they are asked for. Traces go to a collector, where the feature `opentelemetry` is built in. Not here: what is
//! counted, and who may read it.

mod count;
mod histogram;
mod text;
#[cfg(feature = "opentelemetry")]
pub mod traces;

pub use count::{Counter, Gauge, Held};
pub use histogram::{Histogram, Snapshot};
pub use text::{Kind, Labels, Text};

/// The target of the spans that name a request, in the log and in traces.
pub const REQUESTS: &str = "request";
