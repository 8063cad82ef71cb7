//! What happened in a run, and when.

use std::{sync::Arc, time::Duration};

use crate::{
    output::StepOutput,
    plan::{CriticalPath, Step, critical_path},
    run::StepError,
};

/// What happened in a run. All instants are offsets from the run's start.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The steps that have been started, in the order of the plan.
    pub steps: Vec<StepTrace>,
    /// How long the run took.
    pub wall: Duration,
}

/// What happened in one step.
#[derive(Clone, Debug)]
pub struct StepTrace {
    /// The step: its name, kind and needs.
    pub step: Arc<Step>,
    /// When it started.
    pub started: Duration,
    /// When it ended, or was cancelled.
    pub ended: Duration,
    /// How it ended.
    pub status: StepStatus,
    /// What it gave, if it completed.
    pub output: Option<Arc<StepOutput>>,
}

/// How a step ended.
#[derive(Clone, Debug)]
pub enum StepStatus {
    /// It gave an output.
    Completed,
    /// It failed, and the run with it.
    Failed(Arc<StepError>),
    /// It was still at work when the run failed or timed out.
    Cancelled,
}

impl StepTrace {
    /// How long the step took.
    pub fn elapsed(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }
}

impl StepStatus {
    /// One word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Trace {
    /// What the steps would take one after the other.
    pub fn sum_of_steps(&self) -> Duration {
        self.steps.iter().map(StepTrace::elapsed).sum()
    }

    /// The longest path through the graph with the durations of this run: the run could not have been
    /// faster, whatever ran at the same time.
    pub fn critical_path(&self) -> CriticalPath {
        critical_path(self.steps.iter().map(|step| (&*step.step, step.elapsed())))
    }

    /// Σ of steps / critical path: how many times faster than one step after the other these steps could
    /// be at the best. 1 when nothing took any time.
    pub fn ideal_speedup(&self) -> f64 {
        let longest = self.critical_path().duration;
        if longest.is_zero() { 1.0 } else { self.sum_of_steps().as_secs_f64() / longest.as_secs_f64() }
    }
}
