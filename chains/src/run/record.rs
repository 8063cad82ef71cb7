//! How far each step of a run has come.

use std::{sync::Arc, time::Duration};

use crate::{
    output::StepOutput,
    plan::{Plan, Step},
    trace::{StepStatus, StepTrace, Trace},
};

/// How far each step of a run has come, in the order of the plan.
#[derive(Debug)]
pub(super) struct Record(Vec<Stage>);

#[derive(Debug)]
enum Stage {
    Waiting,
    Running { started: Duration },
    Ended(StepTrace),
}

impl Record {
    pub(super) fn new(plan: &Plan) -> Self {
        Self(plan.steps().iter().map(|_| Stage::Waiting).collect())
    }

    pub(super) fn start(&mut self, step: &Step, at: Duration) {
        if let Some(stage) = self.0.get_mut(step.index()) {
            *stage = Stage::Running { started: at };
        }
    }

    /// Ends a step that is running; `None` for any other.
    pub(super) fn end(
        &mut self,
        step: &Arc<Step>,
        ended: Duration,
        status: StepStatus,
        output: Option<Arc<StepOutput>>,
    ) -> Option<StepTrace> {
        let stage = self.0.get_mut(step.index())?;
        let Stage::Running { started } = *stage else { return None };
        let trace = StepTrace { step: Arc::clone(step), started, ended, status, output };
        *stage = Stage::Ended(trace.clone());
        Some(trace)
    }

    pub(super) fn output(&self, index: usize) -> Option<&Arc<StepOutput>> {
        match self.0.get(index)? {
            Stage::Ended(trace) => trace.output.as_ref(),
            Stage::Waiting | Stage::Running { .. } => None,
        }
    }

    /// The trace of all steps that have ended; the record is empty after this.
    pub(super) fn take_trace(&mut self, wall: Duration) -> Trace {
        let ended = std::mem::take(&mut self.0).into_iter().filter_map(|stage| match stage {
            Stage::Ended(trace) => Some(trace),
            Stage::Waiting | Stage::Running { .. } => None,
        });
        Trace { steps: ended.collect(), wall }
    }
}
