//! The steps of a run as they start and end.

use std::{sync::Arc, time::Duration};

use weir_chains::{RunEvent, Step, StepStatus, StepTrace};

/// The steps of a run that have started, in the order of starting.
#[derive(Clone, Debug, Default)]
pub(super) struct StepTimeline {
    pub(super) spans: Vec<StepSpan>,
}

/// A started step. Instants are offsets from the start of the run.
#[derive(Clone, Debug)]
pub(super) struct StepSpan {
    pub(super) step: Arc<Step>,
    pub(super) started: Duration,
    pub(super) end: SpanStatus,
}

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanStatus {
    /// It is running.
    Running,
    /// It completed.
    Completed(Duration),
    /// It did not complete, with the name of its status.
    Failed(Duration, &'static str),
}

impl StepTimeline {
    /// Records an event of a run.
    pub(super) fn record(&mut self, event: &RunEvent) {
        match event {
            RunEvent::StepStarted { step, at } => {
                self.spans.push(StepSpan { step: Arc::clone(step), started: *at, end: SpanStatus::Running });
            }
            RunEvent::StepFinished(trace) => self.record_end(trace),
            RunEvent::Token { .. } | RunEvent::StepRetried { .. } | RunEvent::RunFinished(_) => {}
        }
    }

    fn record_end(&mut self, trace: &StepTrace) {
        let end = match &trace.status {
            StepStatus::Completed => SpanStatus::Completed(trace.ended),
            other => SpanStatus::Failed(trace.ended, other.as_str()),
        };
        let at_work =
            |span: &&mut StepSpan| span.end == SpanStatus::Running && Arc::ptr_eq(&span.step, &trace.step);
        match self.spans.iter_mut().find(at_work) {
            Some(span) => span.end = end,
            None => self.spans.push(StepSpan { step: Arc::clone(&trace.step), started: trace.started, end }),
        }
    }
}

impl StepSpan {
    /// Returns how long it has run by `now`.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        self.ended(now).saturating_sub(self.started)
    }

    /// Returns when it ended, or `now` if it is running.
    pub(super) fn ended(&self, now: Duration) -> Duration {
        match self.end {
            SpanStatus::Running => now,
            SpanStatus::Completed(at) | SpanStatus::Failed(at, _) => at,
        }
    }
}
