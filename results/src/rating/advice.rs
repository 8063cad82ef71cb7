//! What to look at first.

use std::cmp::Ordering;

use super::recommendation::Recommendation;
use super::{of_run, of_task};
use crate::summary::Summary;

/// More than this nobody reads.
const RECOMMENDATIONS_MAX: usize = 8;

/// What to look at first in a run, the gravest first; at most eight. Each rests on figures of the summary alone.
#[must_use]
pub fn recommendations(summary: &Summary) -> Vec<Recommendation> {
    let mut found = of_run::recommendations(summary);
    found.extend(summary.tasks.iter().flat_map(of_task::recommendations));
    found.sort_by(gravest_first);
    found.truncate(RECOMMENDATIONS_MAX);
    found
}

fn gravest_first(left: &Recommendation, right: &Recommendation) -> Ordering {
    right.gravity.cmp(&left.gravity).then(right.weight.total_cmp(&left.weight))
}
