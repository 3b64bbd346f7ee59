//! Figures about the service: what a room counts with, and Prometheus's text form of it.
//!
//! Each room keeps its own figures in its own types, plain atomics that cost a few nanoseconds, and writes them when
//! they are asked for. Not here: what is counted, and who may read it.

mod count;
mod histogram;
mod text;

pub use count::{Counter, Gauge, Held};
pub use histogram::{Histogram, Snapshot};
pub use text::{Kind, Labels, Text};
