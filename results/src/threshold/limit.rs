//! A threshold.

use std::fmt;

use super::bound::{Bound, Comparison};
use super::error::ThresholdError;
use super::parse;
use super::subject::Subject;

/// What has to hold of a run: `task("chat").ttft.p95 < 500ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// What is limited.
    pub subject: Subject,
    pub(super) comparison: Comparison,
    pub(super) bound: Bound,
}

impl Threshold {
    /// Reads `[task("…").|class("…").]FIGURE[.STATISTIC] < VALUE`.
    ///
    /// # Errors
    ///
    /// It is something else; the error points at the character.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        parse::threshold(text)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.subject, self.comparison, self.bound)
    }
}
