//! The steps of a run as they start and end.

use std::{sync::Arc, time::Duration};

use weir_chains::{RunEvent, Step, StepStatus, StepTrace};

/// The steps of a run that have started, in the order of starting.
#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    pub(super) stints: Vec<Stint>,
}

/// A step from its start on. Instants are offsets from the start of the run.
#[derive(Clone, Debug)]
pub(super) struct Stint {
    pub(super) step: Arc<Step>,
    pub(super) started: Duration,
    pub(super) end: End,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is at work.
    Open,
    /// It has given an output.
    Completed(Duration),
    /// It has not, for the reason that this word stands for.
    Otherwise(Duration, &'static str),
}

impl Board {
    /// Takes note of what a run tells.
    pub(super) fn note(&mut self, event: &RunEvent) {
        match event {
            RunEvent::StepStarted { step, at } => {
                self.stints.push(Stint { step: Arc::clone(step), started: *at, end: End::Open });
            }
            RunEvent::StepFinished(trace) => self.note_end(trace),
            RunEvent::Token { .. } | RunEvent::StepRetried { .. } | RunEvent::RunFinished(_) => {}
        }
    }

    fn note_end(&mut self, trace: &StepTrace) {
        let end = match &trace.status {
            StepStatus::Completed => End::Completed(trace.ended),
            other => End::Otherwise(trace.ended, other.as_str()),
        };
        let at_work = |stint: &&mut Stint| stint.end == End::Open && Arc::ptr_eq(&stint.step, &trace.step);
        match self.stints.iter_mut().find(at_work) {
            Some(stint) => stint.end = end,
            None => self.stints.push(Stint { step: Arc::clone(&trace.step), started: trace.started, end }),
        }
    }
}

impl Stint {
    /// How long it has been at work by `now`.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        self.ended(now).saturating_sub(self.started)
    }

    /// When it ended, or else `now`.
    pub(super) fn ended(&self, now: Duration) -> Duration {
        match self.end {
            End::Open => now,
            End::Completed(at) | End::Otherwise(at, _) => at,
        }
    }
}
