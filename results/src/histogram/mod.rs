//! Durations and signed differences, counted in buckets.

mod packed;
mod plain;
mod signed;

pub use packed::PackedHistogram;
pub use plain::{Histogram, HistogramError, samples_needed};
pub use signed::SignedHistogram;
