//! Durations and signed differences, counted in buckets.

mod error;
mod limits;
mod packed;
mod plain;
mod signed;

pub use error::HistogramError;
pub(crate) use limits::with_memory_limit;
pub use packed::PackedHistogram;
pub use plain::{Histogram, samples_needed};
pub use signed::SignedHistogram;
