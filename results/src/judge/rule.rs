//! When a threshold is evaluated.

use std::time::Duration;

use crate::summary::{Outcome, Summary, ThresholdResult};
use crate::threshold::Threshold;

/// A threshold of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The threshold.
    pub threshold: Threshold,
    /// When it is evaluated.
    pub watch: Watch,
}

/// When a threshold is evaluated.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// At the end of the run.
    AtEnd,
    /// At the end, and each second from `after` on; the run ends if the threshold fails.
    Throughout {
        /// Time since the beginning of the measured window before the first evaluation.
        after: Duration,
    },
}

/// A rule that ended a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    /// The index of the rule.
    pub rule: usize,
    /// Seconds since the run began.
    pub at_s: u64,
}

impl Rule {
    /// Returns the index of the first rule that ends the run, when the measured window has lasted for `measured`.
    /// `figures` is called only if a rule is due.
    pub fn broken(rules: &[Self], measured: Duration, figures: impl FnOnce() -> Summary) -> Option<usize> {
        let is_due = |rule: &Self| match rule.watch {
            Watch::AtEnd => false,
            Watch::Throughout { after } => measured >= after,
        };
        if !rules.iter().any(is_due) {
            return None;
        }
        let summary = figures();
        rules.iter().position(|rule| is_due(rule) && rule.threshold.check(&summary) == Outcome::Failed)
    }

    /// Judges each rule. The rule that ended the run has failed, whatever the last figures are.
    pub fn results(rules: &[Self], summary: &Summary, abort: Option<Abort>) -> Vec<ThresholdResult> {
        let mut results: Vec<ThresholdResult> =
            rules.iter().map(|rule| rule.threshold.judge(summary)).collect();
        if let Some((result, abort)) = abort.and_then(|abort| Some((results.get_mut(abort.rule)?, abort))) {
            result.end_run(abort.at_s as f64);
        }
        results
    }
}
