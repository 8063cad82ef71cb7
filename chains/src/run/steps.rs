//! How steps start, are attempted, and end.

use std::{sync::Arc, time::Instant};

use futures_util::stream::StreamExt;

use super::{
    Run, RunError, RunEvent, RunStatus, StepError,
    active::{Active, Effect, Timeout, Unit},
    fan_out::FanOut,
    schedule::{Ending, Turn},
    work::Begun,
};
use crate::{
    output::StepOutput,
    plan::{Fan, OnError, Step},
    trace::StepStatus,
};

impl Run {
    /// Starts all that may start. All of it before any event is told, so that a slow reader of events does not hold
    /// up steps.
    pub(super) fn start_ready(&mut self) {
        while self.outcome.is_none()
            && let Some(turn) = self.schedule.next()
        {
            let (Turn::Step(index) | Turn::Item { step: index, .. }) = turn;
            let Some(step) = self.plan.steps().get(index).cloned() else { continue };
            match turn {
                Turn::Step(_) => self.start_step(&step),
                Turn::Item { item, .. } => {
                    let unit = Unit { item: Some(item), ..Unit::whole(index) };
                    self.start_attempt(&step, unit, self.clock.now());
                }
            }
        }
    }

    fn start_step(&mut self, step: &Arc<Step>) {
        if step.policy.stands_in_for.is_some_and(|other| !self.record.has_failed(other)) {
            self.schedule.leave();
            return self.schedule.ended(&self.plan, step, Ending::Otherwise);
        }
        let unit = Unit::whole(step.index());
        let now = self.clock.now();
        let at = self.since_start(now);
        let scope = self.scope(unit);
        let holds = step.policy.when.as_ref().map_or(Ok(true), |when| when.holds(|name| scope.look_up(name)));
        if matches!(holds, Ok(false)) {
            let skipped = self.record.skip(step, at);
            self.events.push_back(RunEvent::StepFinished(skipped));
            self.schedule.leave();
            return self.schedule.ended(&self.plan, step, Ending::Otherwise);
        }
        self.record.start(step, at);
        self.events.push_back(RunEvent::StepStarted { step: Arc::clone(step), at });
        match (holds, &step.policy.fan) {
            (Err(error), _) => {
                self.schedule.leave();
                self.end_step(step, Err(error.into()));
            }
            (Ok(_), None) => self.start_attempt(step, unit, now),
            (Ok(_), Some(fan)) => {
                // Its entries take places of their own.
                self.schedule.leave();
                self.start_fan_out(step, fan);
            }
        }
    }

    fn start_fan_out(&mut self, step: &Arc<Step>, fan: &Fan) {
        let scope = self.scope(Unit::whole(step.index()));
        let list = match fan.over.list(|name| scope.look_up(name)) {
            Ok(list) => list.map_err(|found| StepError::NotAList { given: found.given }),
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
        let first: Vec<usize> = std::iter::from_fn(|| fan_out.begin()).take(width).collect();
        for item in first.into_iter().rev() {
            self.schedule.item(step.index(), item);
        }
        self.fan_outs.insert(step.index(), fan_out);
    }

    /// Begins an attempt, which has a place already.
    pub(super) fn start_attempt(&mut self, step: &Arc<Step>, unit: Unit, now: Instant) {
        self.record.attempt(step, unit.attempt);
        if let (Some(item), 1) = (unit.item, unit.attempt) {
            let at = self.since_start(now);
            if let Some(fan_out) = self.fan_outs.get_mut(&unit.step) {
                fan_out.start(item, at);
            }
        }
        match self.begin(step, unit, now) {
            Ok(Begun::Working(effect)) => {
                let limit = step.policy.timeout;
                let timeout = limit.map(|after| Timeout { after, sleep: self.sleep_from(now, after) });
                self.active.push(Active::new(unit, effect, timeout).into_future());
            }
            Ok(Begun::Ended(output)) => self.end_attempt(step, unit, Ok(output)),
            Err(error) => self.end_attempt(step, unit, Err(error)),
        }
    }

    pub(super) fn end_attempt(
        &mut self,
        step: &Arc<Step>,
        unit: Unit,
        result: Result<Arc<StepOutput>, StepError>,
    ) {
        match result {
            Err(error) if unit.attempt <= step.policy.retry.times && error.is_passing() => {
                self.retry(step, unit, error);
            }
            result => {
                self.schedule.leave();
                match unit.item {
                    None => self.end_step(step, result),
                    Some(item) => self.end_item(step, item, result),
                }
            }
        }
    }

    /// The attempt keeps its place over the pause.
    fn retry(&mut self, step: &Arc<Step>, unit: Unit, error: StepError) {
        let chance = self.seed(step, unit).named("pause").unit();
        let pause = self.options.time_scale.apply(step.policy.retry.pause(unit.attempt, chance));
        self.events.push_back(RunEvent::StepRetried {
            step: Arc::clone(step),
            attempt: unit.attempt,
            error: Arc::new(error),
            pause,
            at: self.elapsed(),
        });
        let next = Unit { attempt: unit.attempt + 1, ..unit };
        let sleep = self.sleep_from(self.clock.now(), pause);
        self.active.push(Active::new(next, Effect::Pause(sleep), None).into_future());
    }

    fn end_item(&mut self, step: &Arc<Step>, item: usize, result: Result<Arc<StepOutput>, StepError>) {
        let output = match (result, step.policy.on_error) {
            (Err(error), OnError::Continue) => Ok(Arc::new(StepOutput::failed(&error))),
            (result, _) => result,
        };
        let at = self.elapsed();
        let Some(fan_out) = self.fan_outs.get_mut(&step.index()) else { return };
        match output.and_then(|output| fan_out.end(item, at, output)) {
            Ok(()) => {
                if let Some(next) = fan_out.begin() {
                    self.schedule.item(step.index(), next);
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

    /// What is at work for other entries of the fan-out is cancelled.
    fn cancel_items(&mut self, step: &Step) {
        self.schedule.drop_items(step.index());
        for active in std::mem::take(&mut self.active) {
            if active.get_ref().is_some_and(|active| active.unit.step == step.index()) {
                self.schedule.leave();
            } else {
                self.active.push(active);
            }
        }
    }

    fn end_step(&mut self, step: &Arc<Step>, result: Result<Arc<StepOutput>, StepError>) {
        match result {
            Ok(output) => {
                self.record_end(step, StepStatus::Completed, Some(Arc::clone(&output)));
                self.stand_in(step, &output);
                self.schedule.ended(&self.plan, step, Ending::Completed);
            }
            Err(error) => {
                let error = Arc::new(error);
                self.record_end(step, StepStatus::Failed(Arc::clone(&error)), None);
                if step.policy.fallback.is_none() && step.policy.on_error == OnError::Fail {
                    let step = Arc::clone(step.name());
                    return self.stop(RunStatus::Failed(RunError::Step { step, error }));
                }
                self.record.show(step.index(), Arc::new(StepOutput::failed(&error)));
                self.schedule.ended(&self.plan, step, Ending::Otherwise);
            }
        }
    }

    /// What a fallback gives, the step gives that it stands in for.
    fn stand_in(&mut self, step: &Step, output: &Arc<StepOutput>) {
        let mut next = step.policy.stands_in_for;
        while let Some(place) = next {
            self.record.show(place, Arc::clone(output));
            next = self.plan.steps().get(place).and_then(|step| step.policy.stands_in_for);
        }
    }

    pub(super) fn record_end(
        &mut self,
        step: &Arc<Step>,
        status: StepStatus,
        output: Option<Arc<StepOutput>>,
    ) {
        let ended = self.elapsed();
        let fan_out = step.policy.fan.as_ref().and_then(|_| self.fan_outs.remove(&step.index()));
        let spans = fan_out.map(|fan_out| fan_out.spans());
        let finished = self.record.end(step, ended, status, output, spans);
        self.events.extend(finished.map(RunEvent::StepFinished));
    }
}

#[cfg(test)]
mod tests;
