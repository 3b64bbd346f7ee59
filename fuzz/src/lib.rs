//! What several fuzz targets ask: how much memory was taken, and what holds for all parameters.

pub mod memory;
pub mod parameters;
