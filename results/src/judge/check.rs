//! Compares a threshold with the measured value.

use crate::summary::{Outcome, Summary, ThresholdResult};
use crate::threshold::Threshold;
use crate::units;

impl Threshold {
    /// Returns whether the threshold holds.
    pub fn check(&self, summary: &Summary) -> Outcome {
        self.judge(summary).outcome
    }

    /// Returns whether the threshold holds, and the measured value.
    pub fn judge(&self, summary: &Summary) -> ThresholdResult {
        let unit = self.subject.unit(self.bound);
        let bound = self.bound.value();
        let value = self.subject.value(summary, unit);
        let outcome = match &value {
            Ok(value) if self.comparison.holds(*value, bound) => Outcome::Passed,
            Ok(_) => Outcome::Failed,
            Err(_) => Outcome::NotMeasured,
        };
        ThresholdResult {
            scope: self.subject.scope.in_words(),
            text: self.to_string(),
            measured: match &value {
                Ok(value) => units::with_unit(*value, unit),
                Err(unmeasured) => unmeasured.to_string(),
            },
            value: value.ok(),
            bound,
            unit,
            outcome,
            ended_run_at_s: None,
        }
    }

    /// Judges a threshold again by other figures. One that ended its run stays failed, and one written by a later
    /// version that this version cannot parse is returned unchanged.
    pub fn judge_again(before: ThresholdResult, summary: &Summary) -> ThresholdResult {
        let Ok(threshold) = Self::parse(&before.text) else { return before };
        let mut result = threshold.judge(summary);
        before.ended_run_at_s.into_iter().for_each(|at_s| result.end_run(at_s));
        result
    }
}
