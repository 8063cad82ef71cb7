//! Recommendations, the most severe first.

use std::cmp::Ordering;

use super::recommendation::Recommendation;
use super::{of_run, of_task};
use crate::summary::Summary;

/// The maximum number of recommendations of a summary.
const RECOMMENDATIONS_MAX: usize = 8;

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
