//! A finished request becomes counts and histograms; nothing of it is kept.

mod failure;
mod histogram;
mod inside;
mod packed;
mod recorder;
mod sample;
mod series;
mod signed;

pub(crate) use failure::{FailureKind, Problem};
pub(crate) use histogram::samples_needed;
pub use histogram::{Histogram, HistogramError};
pub(crate) use inside::Inside;
pub use packed::PackedHistogram;
pub(crate) use recorder::{Interval, Recorder};
pub(crate) use sample::{Answer, Sample, ServerTiming, Tokens, Verdict};
pub(crate) use series::{FAILURE_KINDS, Series, merge_figures};
pub use signed::SignedHistogram;
