//! A threshold.

use std::fmt;

use super::bound::{Bound, Comparison};
use super::measure::Measure;
use super::scope::Scope;
use super::stat::Stat;
use super::subject::Subject;
use super::timing::{RequestTiming, Timing};

/// A condition that a run must meet: `task("chat").ttft.p95 < 500ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The limited figure.
    pub subject: Subject,
    pub(crate) comparison: Comparison,
    pub(crate) bound: Bound,
}

impl Threshold {
    /// Returns the highest e2e, in milliseconds, if it limits that of all requests.
    #[must_use]
    pub fn e2e_limit_ms(&self) -> Option<f64> {
        let is_e2e = matches!(
            &self.subject.measure,
            Measure::Timing(Timing::Request(RequestTiming::E2e | RequestTiming::ResponseTime), _)
        );
        let is_upper = matches!(self.comparison, Comparison::Less | Comparison::AtMost);
        (is_e2e && is_upper && self.subject.scope == Scope::All).then(|| self.bound.value())
    }

    /// Whether it limits a percentile above p95, or the maximum, of a duration.
    #[must_use]
    pub fn limits_a_tail(&self) -> bool {
        match &self.subject.measure {
            Measure::Timing(_, Stat::Percentile(thousandths)) => *thousandths > 95_000,
            Measure::Timing(_, stat) => *stat == Stat::Max,
            Measure::Scalar(_) | Measure::Goodput(_) => false,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.subject, self.comparison, self.bound)
    }
}
