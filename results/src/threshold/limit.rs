//! A threshold.

use std::fmt;

use super::bound::{Bound, Comparison};
use super::subject::Subject;

/// A condition that a run must meet: `task("chat").ttft.p95 < 500ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The limited figure.
    pub subject: Subject,
    pub(crate) comparison: Comparison,
    pub(crate) bound: Bound,
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.subject, self.comparison, self.bound)
    }
}
