//! What is counted of runs.

use std::time::Duration;

use super::{faults::Faults, queue::Queue};

/// Counters, the queue of traces, and the errors of late.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) queue: Queue,
    pub(super) faults: Faults,
    pub(super) counts: Counts,
}

/// What happened since the server started.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) completed: u64,
    pub(super) failed: u64,
    /// Runs of which anything was watched.
    pub(super) watched: u64,
    /// Traces that were sent before their answers.
    pub(super) traces_sent: u64,
    pub(super) priced: u64,
    pub(super) cost_usd: f64,
    pub(super) similarity_logs: u64,
    pub(super) similarity_sum: f64,
    /// What watching has added to runs.
    pub(super) overhead: Duration,
}

impl Counts {
    /// The mean of what watching added, over the runs that were watched.
    pub(super) fn mean_overhead(&self) -> Duration {
        self.overhead.checked_div(u32::try_from(self.watched).unwrap_or(u32::MAX)).unwrap_or_default()
    }

    /// The mean likeness of question and answer, where it was logged.
    pub(super) fn mean_similarity(&self) -> Option<f64> {
        (self.similarity_logs > 0).then(|| self.similarity_sum / self.similarity_logs as f64)
    }
}
