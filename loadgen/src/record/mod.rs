//! Turns finished requests into counts and histograms.

mod failure;
mod inside;
mod recorder;
mod sample;
mod series;

pub(crate) use failure::{FailureKind, Problem};
pub(crate) use inside::Inside;
pub(crate) use recorder::{Interval, Recorder};
pub(crate) use sample::{Answer, Sample, ServerTiming, Tokens, Verdict};
pub(crate) use series::Series;
