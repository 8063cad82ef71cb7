//! The verdict on a run.

use super::Summary;
use super::generator::Validity;
use super::load::EndReason;

/// The verdict on a run, in order of severity; the most severe one that applies.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunVerdict {
    /// The run ended normally, and every threshold held.
    Passed,
    /// A threshold did not hold, or could not be judged.
    Failed,
    /// The figures do not describe the target: the generator was the bottleneck, or the target died.
    Invalid,
    /// The user ended it.
    Interrupted,
}

impl Summary {
    /// Returns the verdict on the run.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        self.window.ended.map_or(RunVerdict::Passed, RunVerdict::of_end).max(self.judgement())
    }

    /// Returns the verdict on the figures, however the run ended.
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
    /// Returns the verdict on a run that ended for this reason.
    #[must_use]
    pub fn of_end(ended: EndReason) -> Self {
        match ended {
            EndReason::RunTime | EndReason::Requests => Self::Passed,
            EndReason::Threshold => Self::Failed,
            EndReason::TargetDead => Self::Invalid,
            EndReason::Interrupted | EndReason::CutShort => Self::Interrupted,
        }
    }
}
