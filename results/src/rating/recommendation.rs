//! A recommendation and its severity.

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
