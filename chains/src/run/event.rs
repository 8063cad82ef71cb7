//! What a run tells on its way.

use std::{borrow::Cow, sync::Arc, time::Duration};

use serde_json::Value;

use super::{RunError, StepError};
use crate::{
    plan::Step,
    trace::{StepTrace, Trace},
};

/// What a run tells on its way. Each step that starts also finishes, one that is skipped only finishes, and
/// `RunFinished` comes last.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// A step has started.
    StepStarted {
        /// The step.
        step: Arc<Step>,
        /// When, counted from the start of the run.
        at: Duration,
    },
    /// A step that streams has produced a piece of its answer.
    Token {
        /// The step.
        step: Arc<Step>,
        /// The piece.
        text: Cow<'static, str>,
    },
    /// An attempt has failed, and another one follows.
    StepRetried {
        /// The step.
        step: Arc<Step>,
        /// The number of the attempt that failed, counted from 1.
        attempt: u32,
        /// Why.
        error: Arc<StepError>,
        /// How long until the next attempt.
        pause: Duration,
        /// When, counted from the start of the run.
        at: Duration,
    },
    /// A step has completed, failed, been skipped or been cancelled.
    StepFinished(StepTrace),
    /// The run is over.
    RunFinished(Arc<Outcome>),
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it completed, and if not why.
    pub status: RunStatus,
    /// Of a completed run: what its `result` template renders to; without such a template the text of
    /// the only step that no other needs, or an object of their texts by name. Else `null`.
    pub result: Value,
    /// What happened. Completed steps are kept whatever the status is.
    pub trace: Trace,
}

/// Whether a run completed.
#[derive(Clone, Debug)]
pub enum RunStatus {
    /// All steps completed.
    Completed,
    /// A step failed, and what was still at work was cancelled.
    Failed(RunError),
    /// The time was up, and what was still at work was cancelled.
    TimedOut {
        /// The time that the run had.
        after: Duration,
    },
}
