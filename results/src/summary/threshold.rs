//! The results of thresholds.

use serde::{Deserialize, Serialize};

use crate::units::Unit;

/// One threshold, and the measured value of its figure.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdResult {
    /// The scope of the figure: `all`, `task chat`, `class readers`.
    pub scope: String,
    /// The full text of the threshold: `task("chat").ttft.p95 < 500ms`.
    pub text: String,
    /// The measured value with its unit, such as `612 ms`; or why there is none.
    pub measured: String,
    /// The measured value; `None` if it could not be measured.
    pub value: Option<f64>,
    /// The bound of the comparison.
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
    /// The figure could not be measured, for example for lack of samples. A gate must treat this as a failure.
    NotMeasured,
}

impl ThresholdResult {
    /// Whether it held.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    /// Marks the threshold as the one that ended the run: it has failed, whatever the last figures are.
    pub fn end_run(&mut self, at_s: f64) {
        self.outcome = Outcome::Failed;
        self.ended_run_at_s = Some(at_s);
    }
}
