//! What is worth looking at, in a sentence.

/// Something to look at, and why: one sentence, without its full stop, with the figures that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// How much it matters.
    pub gravity: Gravity,
    /// The sentence.
    pub text: String,
    /// Among those of one gravity, the larger one matters more.
    pub(super) weight: f64,
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
