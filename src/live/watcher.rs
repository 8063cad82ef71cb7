//! Watchers of a run.

use weir_loadgen::RunProgress;
use weir_results::Summary;

use crate::progress::Progress;

/// Receives the figures of a run once a second, on the thread that aggregates them. Dropping it releases
/// the terminal.
pub(crate) trait Watcher {
    /// Called when a second is complete.
    fn second(&mut self, so_far: &RunProgress<'_>);

    /// Called when the run has ended with these figures.
    fn ended(&mut self, _summary: &Summary) {}
}

impl Watcher for Progress {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        Self::second(self, so_far.second());
    }
}
