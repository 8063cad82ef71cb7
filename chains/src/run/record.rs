//! The progress of each step of a run.

use std::{sync::Arc, time::Duration};

use super::fan_out::ItemDurations;
use crate::{
    output::StepOutput,
    plan::{Plan, Step},
    trace::{StepStatus, StepTrace, Trace},
};

/// The progress of each step of a run, in plan order.
#[derive(Debug)]
pub(super) struct StepRecords(Vec<StepRecord>);

#[derive(Debug)]
struct StepRecord {
    phase: StepPhase,
    /// Its output in templates.
    output: Option<Arc<StepOutput>>,
}

#[derive(Debug)]
enum StepPhase {
    Waiting,
    Running { started: Duration, attempts: u32 },
    Ended(StepTrace),
}

impl StepRecords {
    pub(super) fn new(plan: &Plan) -> Self {
        Self(plan.steps().iter().map(|_| StepRecord { phase: StepPhase::Waiting, output: None }).collect())
    }

    pub(super) fn start(&mut self, step: &Step, at: Duration) {
        self.of_mut(step.index()).phase = StepPhase::Running { started: at, attempts: 1 };
    }

    /// Records the start of an attempt; `number` counts from 1.
    pub(super) fn attempt(&mut self, step: &Step, number: u32) {
        if let StepPhase::Running { attempts, .. } = &mut self.of_mut(step.index()).phase {
            *attempts = number.max(*attempts);
        }
    }

    /// Ends a running step; returns `None` if it is not running. `durations` are those of a fan-out.
    pub(super) fn end(
        &mut self,
        step: &Arc<Step>,
        ended: Duration,
        status: StepStatus,
        output: Option<Arc<StepOutput>>,
        durations: Option<ItemDurations>,
    ) -> Option<StepTrace> {
        let record = self.of_mut(step.index());
        let StepPhase::Running { started, attempts } = record.phase else { return None };
        record.output.clone_from(&output);
        let took = ended.saturating_sub(started);
        let ItemDurations { busy, longest } =
            durations.unwrap_or(ItemDurations { busy: took, longest: took });
        let step = Arc::clone(step);
        let trace = StepTrace { step, started, ended, busy, longest, status, attempts, output };
        record.phase = StepPhase::Ended(trace.clone());
        Some(trace)
    }

    /// Records that the condition of a step is false.
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
        self.of_mut(step.index()).phase = StepPhase::Ended(trace.clone());
        trace
    }

    /// Sets the output of the step at `index` in templates.
    pub(super) fn set_output(&mut self, index: usize, output: Arc<StepOutput>) {
        self.of_mut(index).output = Some(output);
    }

    pub(super) fn output(&self, index: usize) -> Option<&Arc<StepOutput>> {
        self.of(index).output.as_ref()
    }

    pub(super) fn has_failed(&self, index: usize) -> bool {
        matches!(self.of(index).phase, StepPhase::Ended(StepTrace { status: StepStatus::Failed(_), .. }))
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "indices are those of the plan; only an ended run has no records"
    )]
    fn of(&self, index: usize) -> &StepRecord {
        &self.0[index]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "indices are those of the plan; only an ended run has no records"
    )]
    fn of_mut(&mut self, index: usize) -> &mut StepRecord {
        &mut self.0[index]
    }

    /// Returns the trace of all ended steps and empties the record.
    pub(super) fn take_trace(&mut self, wall: Duration) -> Trace {
        let ended = std::mem::take(&mut self.0).into_iter().filter_map(|record| match record.phase {
            StepPhase::Ended(trace) => Some(trace),
            StepPhase::Waiting | StepPhase::Running { .. } => None,
        });
        Trace { steps: ended.collect(), wall }
    }
}
