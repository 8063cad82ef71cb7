//! What the thresholds of a run came to.

use serde::{Deserialize, Serialize};

use crate::units::Unit;

/// One threshold, and what was measured of its figure.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdResult {
    /// Of whom the figure is: `all`, `task chat`, `class readers`.
    pub scope: String,
    /// The threshold in full, as it can be written: `task("chat").ttft.p95 < 500ms`.
    pub text: String,
    /// What was measured, for people, as `612 ms`; or why nothing was.
    pub measured: String,
    /// What was measured; `None` where nothing could be.
    pub value: Option<f64>,
    /// What it was compared with.
    pub bound: f64,
    /// The unit of `value` and `bound`.
    pub unit: Unit,
    /// Whether the threshold held.
    pub outcome: Outcome,
    /// Seconds since the run began at which failing it ended the run, if it did. `value` is that of the whole run.
    pub ended_run_at_s: Option<f64>,
}

/// Whether a threshold held.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not.
    Failed,
    /// Nobody can tell, which a gate must take for a failure: too few samples, for one.
    NotMeasured,
}

impl ThresholdResult {
    /// Whether it held.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    /// Failing it ended the run: it has failed, whatever the last figures say.
    pub fn end_run(&mut self, at_s: f64) {
        self.outcome = Outcome::Failed;
        self.ended_run_at_s = Some(at_s);
    }
}
