//! Recommendations, the most severe first.

use std::cmp::Ordering;

use super::{of_run, of_task};
use crate::summary::Summary;

/// The maximum number of recommendations of a summary.
const RECOMMENDATIONS_MAX: usize = 8;

/// A recommendation with its reason: one sentence without its full stop, with the figures as evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// The severity.
    pub severity: Severity,
    /// The sentence.
    pub text: String,
    /// Among recommendations of one severity, the larger weight comes first.
    pub(super) weight: f64,
}

/// The severity of a recommendation, from the least to the most severe.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An improvement of the run, or a fact about the target.
    Hint,
    /// Users wait too long.
    Slow,
    /// Requests fail.
    Failing,
    /// The figures do not describe the target.
    Untrustworthy,
}

impl Recommendation {
    pub(super) fn new(severity: Severity, weight: f64, text: String) -> Self {
        Self { severity, text, weight }
    }
}

/// Returns the recommendations for a run, the most severe first; at most eight. Each depends on the summary only.
#[must_use]
pub fn recommendations(summary: &Summary) -> Vec<Recommendation> {
    let mut found = of_run::recommendations(summary);
    found.extend(summary.tasks.iter().flat_map(of_task::recommendations));
    found.sort_by(most_severe_first);
    found.truncate(RECOMMENDATIONS_MAX);
    found
}

fn most_severe_first(left: &Recommendation, right: &Recommendation) -> Ordering {
    right.severity.cmp(&left.severity).then(right.weight.total_cmp(&left.weight))
}
