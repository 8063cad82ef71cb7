//! The events and the outcome of a run.

use std::{borrow::Cow, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    error::{RunError, StepError},
    plan::Step,
    trace::{StepTrace, Trace},
};

/// An event of a run. Each started step also finishes, a skipped step only finishes, and `RunFinished` is the last event.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// A step has started.
    StepStarted {
        /// The step.
        step: Arc<Step>,
        /// The time since the start of the run.
        at: Duration,
    },
    /// A streaming step has produced a token.
    Token {
        /// The step.
        step: Arc<Step>,
        /// The fragment.
        text: Cow<'static, str>,
    },
    /// An attempt has failed and will be retried.
    StepRetried {
        /// The step.
        step: Arc<Step>,
        /// The number of the attempt that failed, counted from 1.
        attempt: u32,
        /// The cause.
        error: Arc<StepError>,
        /// The pause before the next attempt.
        pause: Duration,
        /// The time since the start of the run.
        at: Duration,
    },
    /// A step has completed, failed, been skipped or been cancelled.
    StepFinished(StepTrace),
    /// The run has ended.
    RunFinished(Arc<RunOutcome>),
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// Whether it completed, and if not, why.
    pub status: RunStatus,
    /// For a completed run, the rendered `result` template; without such a template, the text of the only step that no
    /// other needs, or an object with the texts of all such steps by name. `null` for any other run.
    pub result: Value,
    /// The trace, with all completed steps whatever the status is.
    pub trace: Trace,
}

/// Whether a run completed.
#[derive(Clone, Debug)]
pub enum RunStatus {
    /// All steps completed.
    Completed,
    /// A step failed, and the running steps were cancelled.
    Failed(RunError),
    /// The run timed out, and the running steps were cancelled.
    TimedOut {
        /// The timeout.
        after: Duration,
    },
}
