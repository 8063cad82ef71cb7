//! The verdict on a run.

use std::collections::BTreeMap;

use super::Summary;
use super::figures::FailureCount;
use super::generator::Validity;
use super::load::EndReason;

/// The names of failures to open a connection, TLS excluded.
pub const CONNECT_FAILURES: [&str; 2] = ["connect", "timeout_connect"];

/// Why no request of the measured window completed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum NoSuccess {
    /// No connection to the target could be opened.
    Unreachable,
    /// All requests failed, were rate limited or did not end, or none was sent.
    Failed,
}

/// The verdict on a run, in order of severity; the most severe one that applies.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunVerdict {
    /// The run ended normally, and every threshold held.
    Passed,
    /// A threshold did not hold, or could not be judged; or no request succeeded.
    Failed,
    /// The figures do not describe the target: the generator was the bottleneck, or the target could not be reached.
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
        valid.max(kept).max(self.no_success().map_or(RunVerdict::Passed, NoSuccess::verdict))
    }

    /// Returns why the measured window has no completed request; `None` if it has one, and while the run continues.
    #[must_use]
    pub fn no_success(&self) -> Option<NoSuccess> {
        if self.window.ended.is_none() || self.all.completed > 0 {
            return None;
        }
        let failures = self.decisive_failures();
        let is_unreachable = |kind: &String| CONNECT_FAILURES.contains(&kind.as_str());
        let was_answered = self.all.rate_limited > 0;
        Some(if !was_answered && !failures.is_empty() && failures.keys().all(is_unreachable) {
            NoSuccess::Unreachable
        } else {
            NoSuccess::Failed
        })
    }

    /// Returns the failures that show why nothing succeeded: those of the measured window, else those outside of it.
    #[must_use]
    pub fn decisive_failures(&self) -> &BTreeMap<String, FailureCount> {
        if self.all.failures.is_empty() { &self.failures_outside } else { &self.all.failures }
    }
}

impl NoSuccess {
    /// Returns the verdict on a run without a completed request.
    #[must_use]
    pub fn verdict(self) -> RunVerdict {
        match self {
            Self::Unreachable => RunVerdict::Invalid,
            Self::Failed => RunVerdict::Failed,
        }
    }
}

impl RunVerdict {
    /// Returns the verdict on a run that ended for this reason.
    #[must_use]
    pub fn of_end(ended: EndReason) -> Self {
        match ended {
            EndReason::RunTime | EndReason::Requests => Self::Passed,
            EndReason::Threshold | EndReason::NothingSucceeded => Self::Failed,
            EndReason::TargetDead => Self::Invalid,
            EndReason::Interrupted | EndReason::CutShort => Self::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn without_success(kinds: &[&str]) -> Summary {
        let mut summary = fixture::mix();
        summary.all.completed = 0;
        summary.all.failed = kinds.len() as u64;
        let failures = kinds.iter().map(|kind| ((*kind).to_owned(), FailureCount::default()));
        summary.all.failures = failures.collect();
        summary
    }

    #[test]
    fn verdict_without_success_fails_whatever_the_thresholds() {
        assert_eq!(without_success(&["http_404"]).verdict(), RunVerdict::Failed);
        assert_eq!(without_success(&["tls"]).verdict(), RunVerdict::Failed);
        assert_eq!(without_success(&["connect", "http_404"]).verdict(), RunVerdict::Failed);
        assert_eq!(without_success(&[]).verdict(), RunVerdict::Failed);
    }

    #[test]
    fn verdict_without_a_connection_is_invalid() {
        assert_eq!(without_success(&["connect"]).verdict(), RunVerdict::Invalid);
        assert_eq!(without_success(&["connect", "timeout_connect"]).verdict(), RunVerdict::Invalid);
        let mut outside = without_success(&[]);
        outside.failures_outside = without_success(&["connect"]).all.failures;
        assert_eq!(outside.verdict(), RunVerdict::Invalid);
    }

    #[test]
    fn verdict_while_the_run_continues_is_passed() {
        let mut running = without_success(&["http_404"]);
        running.window.ended = None;
        assert_eq!((running.verdict(), running.no_success()), (RunVerdict::Passed, None));
    }
}
