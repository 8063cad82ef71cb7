//! Statistics of runs.

use std::time::Duration;

use super::{queue::Queue, recent_errors::RecentErrors};

/// Counters, the queue of traces, and recent errors.
#[derive(Debug)]
pub(super) struct RunStatistics {
    pub(super) queue: Queue,
    pub(super) recent_errors: RecentErrors,
    pub(super) counts: Counts,
}

/// Counts since the server started.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) completed: u64,
    pub(super) failed: u64,
    /// Runs with any observability.
    pub(super) watched: u64,
    /// Traces that were sent before their responses.
    pub(super) traces_sent: u64,
    pub(super) priced: u64,
    pub(super) cost_usd: f64,
    pub(super) similarity_logs: u64,
    pub(super) similarity_sum: f64,
    /// The overhead of observability.
    pub(super) overhead: Duration,
}

impl Counts {
    /// The mean overhead of observed runs.
    pub(super) fn mean_overhead(&self) -> Duration {
        self.overhead.checked_div(u32::try_from(self.watched).unwrap_or(u32::MAX)).unwrap_or_default()
    }

    /// The mean similarity of question and answer, if it was logged.
    pub(super) fn mean_similarity(&self) -> Option<f64> {
        (self.similarity_logs > 0).then(|| self.similarity_sum / self.similarity_logs as f64)
    }
}
