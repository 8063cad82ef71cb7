//! Traces of runs.

use std::{sync::Arc, time::Duration};

use crate::{
    error::StepError,
    output::StepOutput,
    plan::{CriticalPath, Step, critical_path},
};

/// The trace of a run. All times are offsets from the start of the run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The steps that started or were skipped, in plan order.
    pub steps: Vec<StepTrace>,
    /// The duration of the run.
    pub wall: Duration,
}

/// The trace of a step.
#[derive(Clone, Debug)]
pub struct StepTrace {
    /// The step: its name, kind and needs.
    pub step: Arc<Step>,
    /// When it started.
    pub started: Duration,
    /// When it ended, or was cancelled.
    pub ended: Duration,
    /// The total work: for a fan-out, the sum of the durations of its entries; otherwise the duration of the step.
    pub busy: Duration,
    /// The shortest possible duration at any concurrency: for a fan-out, its longest entry; otherwise the duration of the
    /// step.
    pub longest: Duration,
    /// How it ended.
    pub status: StepStatus,
    /// The number of attempts, including retries; 0 if it was skipped. For a fan-out, the largest number of attempts of an
    /// entry.
    pub attempts: u32,
    /// The output, if it completed.
    pub output: Option<Arc<StepOutput>>,
}

/// How a step ended.
#[derive(Clone, Debug)]
pub enum StepStatus {
    /// It returned an output.
    Completed,
    /// It failed, and the run failed with it unless the step has a fallback or `on_error = "continue"`.
    Failed(Arc<StepError>),
    /// Its condition was false.
    Skipped,
    /// It was still running when the run failed or timed out.
    Cancelled,
}

impl StepTrace {
    /// The duration of the step.
    pub fn elapsed(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }
}

impl StepStatus {
    /// The name of the status.
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
    /// The duration of all steps run one after the other.
    pub fn sum_of_steps(&self) -> Duration {
        self.steps.iter().map(|step| step.busy).sum()
    }

    /// The longest path through the graph with the durations of this run: a lower bound on the duration of the run at any
    /// concurrency.
    pub fn critical_path(&self) -> CriticalPath {
        critical_path(self.steps.iter().map(|step| (&*step.step, step.longest)), |step, need| {
            // With `join = "any"`, a step may have started before some of its needs ended.
            let (step, need) = (self.step_at(step.index()), self.step_at(need));
            step.zip(need).is_some_and(|(step, need)| need.ended <= step.started)
        })
    }

    /// The trace of the step at `index` in the plan.
    fn step_at(&self, index: usize) -> Option<&StepTrace> {
        let found = self.steps.binary_search_by_key(&index, |step| step.step.index());
        self.steps.get(found.ok()?)
    }

    /// The sum of the steps divided by the critical path: the largest possible speedup over running the steps one after the
    /// other. 1 if no step took any time.
    pub fn ideal_speedup(&self) -> f64 {
        let longest = self.critical_path().duration;
        if longest.is_zero() { 1.0 } else { self.sum_of_steps().as_secs_f64() / longest.as_secs_f64() }
    }
}
