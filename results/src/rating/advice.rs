//! What to look at first.

use std::cmp::Ordering;

use super::{of_run, of_task};
use crate::summary::Summary;

/// More than this nobody reads.
const RECOMMENDATIONS_MAX: usize = 8;

/// Something to look at, and why: one sentence, without its full stop, with the figures that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// How much it matters.
    pub gravity: Gravity,
    /// The sentence.
    pub text: String,
    /// Among those of one gravity, the larger one matters more.
    weight: f64,
}

/// How much a recommendation matters.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Something about the run that is worth changing, or about the target that is worth knowing.
    Hint,
    /// Users wait.
    Slow,
    /// Users get nothing.
    Failing,
    /// The figures do not mean the target.
    Untrustworthy,
}

impl Recommendation {
    pub(super) fn new(gravity: Gravity, weight: f64, text: String) -> Self {
        Self { gravity, text, weight }
    }
}

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
