//! When a threshold is looked at.

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

/// When a threshold is looked at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// When the run is over.
    AtEnd,
    /// Then, and each second from so long after the measured window's beginning: failing it ends the run.
    Throughout {
        /// How long the measured window must have lasted.
        after: Duration,
    },
}

/// A rule that ended a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    /// Its place among the rules.
    pub rule: usize,
    /// Seconds of the run that were over.
    pub at_s: u64,
}

impl Rule {
    /// The first rule that ends a run of whose measured window so much is over. The figures are made only if a rule
    /// is to be looked at.
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

    /// What each comes to. The one that ended the run has failed, whatever the last figures say.
    pub fn results(rules: &[Self], summary: &Summary, abort: Option<Abort>) -> Vec<ThresholdResult> {
        let mut results: Vec<ThresholdResult> =
            rules.iter().map(|rule| rule.threshold.judge(summary)).collect();
        if let Some((result, abort)) = abort.and_then(|abort| Some((results.get_mut(abort.rule)?, abort))) {
            result.end_run(abort.at_s as f64);
        }
        results
    }
}
