//! What a run comes to, in a word.

use super::Summary;
use super::generator::Validity;
use super::load::EndReason;

/// What a run comes to: the gravest of what is to be said of it, from the best to the gravest.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunVerdict {
    /// It ended as it should, and every threshold held.
    Passed,
    /// A threshold did not hold, or could not be judged.
    Failed,
    /// Its figures do not mean the target: the generator was the bottleneck, or the target died.
    Invalid,
    /// The user ended it.
    Interrupted,
}

impl Summary {
    /// What the run comes to.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        self.window.ended.map_or(RunVerdict::Passed, RunVerdict::of_end).max(self.judgement())
    }

    /// What its figures come to, however it ended.
    #[must_use]
    pub fn judgement(&self) -> RunVerdict {
        let valid = match self.generator.validity {
            Validity::Valid => RunVerdict::Passed,
            Validity::Invalid { .. } => RunVerdict::Invalid,
        };
        let kept = if self.thresholds.iter().all(super::ThresholdResult::passed) {
            RunVerdict::Passed
        } else {
            RunVerdict::Failed
        };
        valid.max(kept)
    }
}

impl RunVerdict {
    /// What it comes to that a run ended for this reason.
    #[must_use]
    pub fn of_end(ended: EndReason) -> Self {
        match ended {
            EndReason::RunTime | EndReason::Requests => Self::Passed,
            EndReason::Threshold => Self::Failed,
            EndReason::TargetDead => Self::Invalid,
            EndReason::Interrupted => Self::Interrupted,
        }
    }
}
