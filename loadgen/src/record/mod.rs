//! Turns finished requests into counts and histograms.

mod failure;
mod failure_counts;
mod gaps;
mod recorder;
mod sample;
mod series;
mod turn;
mod window_counts;

pub(crate) use failure::{FailureKind, Problem, visible_start};
pub(crate) use failure_counts::FailureCounts;
pub(crate) use gaps::StreamGaps;
pub(crate) use recorder::{Interval, Recorder};
pub(crate) use sample::{Answer, ChunkTokens, Sample, Sending, ServerTiming, StreamEnding, Tokens, Verdict};
pub(crate) use series::Series;
pub(crate) use turn::TurnRecord;
pub(crate) use window_counts::WindowCounts;
