//! Starting, attempting and ending steps.

use std::{sync::Arc, time::Instant};

use futures_util::stream::StreamExt;

use super::{
    action::StartedAction,
    attempt::{ActiveAttempt, AttemptId, PendingAction, Timeout},
    event::{RunEvent, RunStatus},
    executor::Run,
    fan_out::FanOut,
    queue::{QueueEntry, StepEnd},
};
use crate::{
    error::{RunError, StepError},
    output::StepOutput,
    plan::{FanOutPolicy, OnError, Step},
    trace::StepStatus,
};

impl Run {
    /// Starts everything that is ready. It does so before any event is yielded, so that a slow reader of events does not
    /// delay steps.
    pub(super) fn start_ready(&mut self) {
        while self.outcome.is_none()
            && let Some(entry) = self.queue.pop()
        {
            let (QueueEntry::Step(index) | QueueEntry::Item { step: index, .. }) = entry;
            let step = Arc::clone(self.plan.step(index));
            match entry {
                QueueEntry::Step(_) => self.start_step(&step),
                QueueEntry::Item { item, .. } => {
                    let attempt = AttemptId { item: Some(item), ..AttemptId::first_of_step(index) };
                    self.start_attempt(&step, attempt, self.clock.now());
                }
            }
        }
    }

    fn start_step(&mut self, step: &Arc<Step>) {
        if step.policy.fallback_for.is_some_and(|other| !self.record.has_failed(other)) {
            self.queue.release_slot();
            return self.queue.step_ended(&self.plan, step, StepEnd::NotCompleted);
        }
        let attempt = AttemptId::first_of_step(step.index());
        let now = self.clock.now();
        let at = self.since_start(now);
        let scope = self.scope(attempt);
        let holds =
            step.policy.when.as_ref().map_or(Ok(true), |when| when.holds(|template| scope.render(template)));
        if matches!(holds, Ok(false)) {
            let skipped = self.record.skip(step, at);
            self.events.push_back(RunEvent::StepFinished(skipped));
            self.queue.release_slot();
            return self.queue.step_ended(&self.plan, step, StepEnd::NotCompleted);
        }
        self.record.start(step, at);
        self.events.push_back(RunEvent::StepStarted { step: Arc::clone(step), at });
        match (holds, &step.policy.fan_out) {
            (Err(error), _) => {
                self.queue.release_slot();
                self.end_step(step, Err(error.into()));
            }
            (Ok(_), None) => self.start_attempt(step, attempt, now),
            (Ok(_), Some(fan)) => {
                // Each entry occupies a slot instead of the step.
                self.queue.release_slot();
                self.start_fan_out(step, fan);
            }
        }
    }

    fn start_fan_out(&mut self, step: &Arc<Step>, fan: &FanOutPolicy) {
        let scope = self.scope(AttemptId::first_of_step(step.index()));
        let list = match fan.over.list(|template| scope.render(template)) {
            Ok(list) => list.map_err(|found| StepError::NotAList { actual: found.actual }),
            Err(error) => Err(error.into()),
        };
        let mut fan_out = match list.and_then(|list| FanOut::new(fan, &list)) {
            Ok(fan_out) => fan_out,
            Err(error) => return self.end_step(step, Err(error)),
        };
        if let Some(output) = fan_out.output() {
            return self.end_step(step, Ok(output));
        }
        let width = fan.at_once.map_or(usize::MAX, std::num::NonZeroUsize::get);
        let first: Vec<usize> = std::iter::from_fn(|| fan_out.next_item()).take(width).collect();
        for item in first.into_iter().rev() {
            self.queue.push_item(step.index(), item);
        }
        self.fan_outs.insert(step.index(), fan_out);
    }

    /// Starts an attempt, which already occupies a slot.
    pub(super) fn start_attempt(&mut self, step: &Arc<Step>, attempt: AttemptId, now: Instant) {
        self.record.attempt(step, attempt.attempt);
        if let (Some(item), 1) = (attempt.item, attempt.attempt) {
            let at = self.since_start(now);
            if let Some(fan_out) = self.fan_outs.get_mut(&attempt.step) {
                fan_out.start(item, at);
            }
        }
        match self.start_action(step, attempt, now) {
            Ok(StartedAction::Pending(effect)) => {
                let limit = step.policy.timeout;
                let timeout = limit.map(|after| Timeout { after, sleep: self.sleep_from(now, after) });
                self.active.push(ActiveAttempt::new(attempt, effect, timeout).into_future());
            }
            Ok(StartedAction::Completed(output)) => self.end_attempt(step, attempt, Ok(output)),
            Err(error) => self.end_attempt(step, attempt, Err(error)),
        }
    }

    pub(super) fn end_attempt(
        &mut self,
        step: &Arc<Step>,
        attempt: AttemptId,
        result: Result<Arc<StepOutput>, StepError>,
    ) {
        match result {
            Err(error) if attempt.attempt <= step.policy.retry.times && error.is_transient() => {
                self.retry(step, attempt, error);
            }
            result => {
                self.queue.release_slot();
                match attempt.item {
                    None => self.end_step(step, result),
                    Some(item) => self.end_item(step, item, result),
                }
            }
        }
    }

    /// Retries after a pause, during which the attempt keeps its slot.
    fn retry(&mut self, step: &Arc<Step>, attempt: AttemptId, error: StepError) {
        let random = self.seed(step, attempt).named("pause").unit();
        let pause = self.options.time_scale.apply(step.policy.retry.pause(attempt.attempt, random));
        self.events.push_back(RunEvent::StepRetried {
            step: Arc::clone(step),
            attempt: attempt.attempt,
            error: Arc::new(error),
            pause,
            at: self.elapsed(),
        });
        let next = AttemptId { attempt: attempt.attempt + 1, ..attempt };
        let sleep = self.sleep_from(self.clock.now(), pause);
        self.active.push(ActiveAttempt::new(next, PendingAction::Pause(sleep), None).into_future());
    }

    fn end_item(&mut self, step: &Arc<Step>, item: usize, result: Result<Arc<StepOutput>, StepError>) {
        let output = match (result, step.policy.on_error) {
            (Err(error), OnError::Continue) => Ok(Arc::new(StepOutput::from_error(&error))),
            (result, _) => result,
        };
        let at = self.elapsed();
        let Some(fan_out) = self.fan_outs.get_mut(&step.index()) else { return };
        match output.and_then(|output| fan_out.end(item, at, output)) {
            Ok(()) => {
                if let Some(next) = fan_out.next_item() {
                    self.queue.push_item(step.index(), next);
                } else if let Some(output) = fan_out.output() {
                    self.end_step(step, Ok(output));
                }
            }
            Err(error) => {
                self.cancel_items(step);
                self.end_step(step, Err(error));
            }
        }
    }

    /// Cancels the running and queued entries of the fan-out.
    fn cancel_items(&mut self, step: &Step) {
        self.queue.remove_items(step.index());
        for active in std::mem::take(&mut self.active) {
            if active.get_ref().is_some_and(|active| active.attempt.step == step.index()) {
                self.queue.release_slot();
            } else {
                self.active.push(active);
            }
        }
    }

    fn end_step(&mut self, step: &Arc<Step>, result: Result<Arc<StepOutput>, StepError>) {
        match result {
            Ok(output) => {
                self.record_end(step, StepStatus::Completed, Some(Arc::clone(&output)));
                self.apply_fallback_output(step, &output);
                self.queue.step_ended(&self.plan, step, StepEnd::Completed);
            }
            Err(error) => {
                let error = Arc::new(error);
                self.record_end(step, StepStatus::Failed(Arc::clone(&error)), None);
                if step.policy.fallback.is_none() && step.policy.on_error == OnError::Fail {
                    let step = Arc::clone(step.name());
                    return self.stop(RunStatus::Failed(RunError::Step { step, error }));
                }
                self.record.set_output(step.index(), Arc::new(StepOutput::from_error(&error)));
                self.queue.step_ended(&self.plan, step, StepEnd::NotCompleted);
            }
        }
    }

    /// Makes the output of a fallback the output of the step whose fallback it is.
    fn apply_fallback_output(&mut self, step: &Step, output: &Arc<StepOutput>) {
        let mut next = step.policy.fallback_for;
        while let Some(index) = next {
            self.record.set_output(index, Arc::clone(output));
            next = self.plan.step(index).policy.fallback_for;
        }
    }

    pub(super) fn record_end(
        &mut self,
        step: &Arc<Step>,
        status: StepStatus,
        output: Option<Arc<StepOutput>>,
    ) {
        let ended = self.elapsed();
        let fan_out = step.policy.fan_out.as_ref().and_then(|_| self.fan_outs.remove(&step.index()));
        let durations = fan_out.map(|fan_out| fan_out.durations());
        let finished = self.record.end(step, ended, status, output, durations);
        self.events.extend(finished.map(RunEvent::StepFinished));
    }
}

#[cfg(test)]
mod tests;
