//! Who watches a run.

use weir_loadgen::RunProgress;
use weir_results::Summary;

use crate::progress::Progress;

/// Someone who is told once a second how far a run is, on the thread that adds its figures up. Dropped, it watches no
/// longer: what it took of the terminal is free again.
pub(crate) trait Watcher {
    /// One more second is complete.
    fn second(&mut self, so_far: &RunProgress<'_>);

    /// The run has ended with these figures.
    fn ended(&mut self, _summary: &Summary) {}
}

impl Watcher for Progress {
    fn second(&mut self, so_far: &RunProgress<'_>) {
        Self::second(self, so_far.second());
    }
}
