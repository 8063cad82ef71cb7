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
    /// How long its parts took together: of a fan-out the sum of its entries, else as long as the step took.
    pub busy: Duration,
    /// How long it takes at least, however much runs at the same time: of a fan-out its longest entry, else as long as
    /// the step took.
    pub longest: Duration,
    /// How it ended.
    pub status: StepStatus,
    /// How often it was attempted: more than once when it was retried, 0 when it was skipped. Of a fan-out, the most
    /// that any of its entries needed.
    pub attempts: u32,
    /// What it gave, if it completed.
    pub output: Option<Arc<StepOutput>>,
}

/// How a step ended.
#[derive(Clone, Debug)]
pub enum StepStatus {
    /// It gave an output.
    Completed,
    /// It failed, and the run with it, unless the step has a fallback or the run goes on without it.
    Failed(Arc<StepError>),
    /// Its condition did not hold.
    Skipped,
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
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Trace {
    /// What the steps would take one after the other.
    pub fn sum_of_steps(&self) -> Duration {
        self.steps.iter().map(|step| step.busy).sum()
    }

    /// The longest path through the graph with the durations of this run: the run could not have been
    /// faster, whatever ran at the same time.
    pub fn critical_path(&self) -> CriticalPath {
        critical_path(self.steps.iter().map(|step| (&*step.step, step.longest)), |step, need| {
            // A step that needs any of several may have started before others ended.
            let (step, need) = (self.step_at(step.index()), self.step_at(need));
            step.zip(need).is_some_and(|(step, need)| need.ended <= step.started)
        })
    }

    /// What happened in the step at that place of the plan.
    fn step_at(&self, place: usize) -> Option<&StepTrace> {
        let found = self.steps.binary_search_by_key(&place, |step| step.step.index());
        self.steps.get(found.ok()?)
    }

    /// Σ of steps / critical path: how many times faster than one step after the other these steps could
    /// be at the best. 1 when nothing took any time.
    pub fn ideal_speedup(&self) -> f64 {
        let longest = self.critical_path().duration;
        if longest.is_zero() { 1.0 } else { self.sum_of_steps().as_secs_f64() / longest.as_secs_f64() }
    }
}
