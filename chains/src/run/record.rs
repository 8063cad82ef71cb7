//! How far each step of a run has come.

use std::{sync::Arc, time::Duration};

use super::fan_out::Spans;
use crate::{
    output::StepOutput,
    plan::{Plan, Step},
    trace::{StepStatus, StepTrace, Trace},
};

/// How far each step of a run has come, in the order of the plan.
#[derive(Debug)]
pub(super) struct Record(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    stage: Stage,
    /// What templates see of it.
    output: Option<Arc<StepOutput>>,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    Running { started: Duration, attempts: u32 },
    Ended(StepTrace),
}

impl Record {
    pub(super) fn new(plan: &Plan) -> Self {
        Self(plan.steps().iter().map(|_| Entry { stage: Stage::Waiting, output: None }).collect())
    }

    pub(super) fn start(&mut self, step: &Step, at: Duration) {
        if let Some(entry) = self.0.get_mut(step.index()) {
            entry.stage = Stage::Running { started: at, attempts: 1 };
        }
    }

    /// An attempt of that number, counted from 1, was begun.
    pub(super) fn attempt(&mut self, step: &Step, number: u32) {
        if let Some(Entry { stage: Stage::Running { attempts, .. }, .. }) = self.0.get_mut(step.index()) {
            *attempts = number.max(*attempts);
        }
    }

    /// Ends a step that is running; `None` for any other. `spans` are those of a fan-out.
    pub(super) fn end(
        &mut self,
        step: &Arc<Step>,
        ended: Duration,
        status: StepStatus,
        output: Option<Arc<StepOutput>>,
        spans: Option<Spans>,
    ) -> Option<StepTrace> {
        let entry = self.0.get_mut(step.index())?;
        let Stage::Running { started, attempts } = entry.stage else { return None };
        entry.output.clone_from(&output);
        let took = ended.saturating_sub(started);
        let Spans { busy, longest } = spans.unwrap_or(Spans { busy: took, longest: took });
        let step = Arc::clone(step);
        let trace = StepTrace { step, started, ended, busy, longest, status, attempts, output };
        entry.stage = Stage::Ended(trace.clone());
        Some(trace)
    }

    /// The condition of a step did not hold.
    pub(super) fn skip(&mut self, step: &Arc<Step>, at: Duration) -> StepTrace {
        let trace = StepTrace {
            step: Arc::clone(step),
            started: at,
            ended: at,
            busy: Duration::ZERO,
            longest: Duration::ZERO,
            status: StepStatus::Skipped,
            attempts: 0,
            output: None,
        };
        if let Some(entry) = self.0.get_mut(step.index()) {
            entry.stage = Stage::Ended(trace.clone());
        }
        trace
    }

    /// What templates see of the step at `index` from now on.
    pub(super) fn show(&mut self, index: usize, output: Arc<StepOutput>) {
        if let Some(entry) = self.0.get_mut(index) {
            entry.output = Some(output);
        }
    }

    pub(super) fn output(&self, index: usize) -> Option<&Arc<StepOutput>> {
        self.0.get(index)?.output.as_ref()
    }

    pub(super) fn has_failed(&self, index: usize) -> bool {
        let stage = self.0.get(index).map(|entry| &entry.stage);
        matches!(stage, Some(Stage::Ended(StepTrace { status: StepStatus::Failed(_), .. })))
    }

    /// The trace of all steps that have ended; the record is empty after this.
    pub(super) fn take_trace(&mut self, wall: Duration) -> Trace {
        let ended = std::mem::take(&mut self.0).into_iter().filter_map(|entry| match entry.stage {
            Stage::Ended(trace) => Some(trace),
            Stage::Waiting | Stage::Running { .. } => None,
        });
        Trace { steps: ended.collect(), wall }
    }
}
