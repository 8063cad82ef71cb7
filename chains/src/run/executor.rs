//! The executor.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, atomic::AtomicUsize},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_core::Stream;
use futures_util::stream::{FuturesUnordered, StreamExt, StreamFuture};
use serde_json::Value;
use weir_pace::{Clock, Seed, Sleep};

use super::{
    ATTEMPTS_MAX, Outcome, RunError, RunEvent, RunOptions, RunStatus,
    active::{Active, Progress, Timeout, Unit},
    fan_out::FanOut,
    record::Record,
    schedule::Schedule,
    scope::{Input, Scope},
};
use crate::{
    catalog::Catalog,
    http::Http,
    llm::Llm,
    plan::{Plan, Step},
    trace::{StepStatus, Trace},
};

/// Through what a run has an effect, and what it finds there.
#[derive(Clone)]
pub struct Effects {
    /// Who answers `llm` steps.
    pub llm: Arc<dyn Llm>,
    /// Who makes the calls of `http` steps.
    pub http: Arc<dyn Http>,
    /// The chains that `chain` steps run.
    pub chains: Arc<Catalog>,
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effects").field("chains", &self.chains).finish_non_exhaustive()
    }
}

/// One run of a plan: a stream of events that ends after [`RunEvent::RunFinished`].
///
/// It advances while it is polled; dropping it cancels all of it.
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) options: RunOptions,
    pub(super) effects: Effects,
    pub(super) clock: Clock,
    start: Instant,
    timeout: Option<Timeout>,
    pub(super) input: Input,
    pub(super) schedule: Schedule,
    pub(super) active: FuturesUnordered<StreamFuture<Active>>,
    /// By the place of their step.
    pub(super) fan_outs: HashMap<usize, FanOut>,
    pub(super) record: Record,
    /// Told in this order before anything else happens.
    pub(super) events: VecDeque<RunEvent>,
    pub(super) outcome: Option<Arc<Outcome>>,
    /// How many runs it is nested in.
    pub(super) depth: usize,
    /// Attempts that may still be begun, here and in the runs around and within this one.
    pub(super) attempts_left: Arc<AtomicUsize>,
}

/// Starts a run of `plan` over `input`. Its time counts from now; its first steps start when it is first
/// polled.
pub fn run(plan: Arc<Plan>, input: Value, options: RunOptions, effects: Effects, clock: Clock) -> Run {
    let timeout = options.timeout.or(plan.timeout());
    Run::new(plan, input, RunOptions { timeout, ..options }, effects, clock)
}

impl Run {
    pub(super) fn new(
        plan: Arc<Plan>,
        input: Value,
        options: RunOptions,
        effects: Effects,
        clock: Clock,
    ) -> Self {
        let start = clock.now();
        let timeout = options.timeout.map(|after| Timeout { after, sleep: sleep_from(&clock, start, after) });
        Self {
            schedule: Schedule::new(&plan, options.mode),
            record: Record::new(&plan),
            plan,
            options,
            effects,
            clock,
            start,
            timeout,
            input: Input::new(input),
            active: FuturesUnordered::new(),
            fan_outs: HashMap::new(),
            events: VecDeque::new(),
            outcome: None,
            depth: 0,
            attempts_left: Arc::new(AtomicUsize::new(ATTEMPTS_MAX)),
        }
    }

    /// The plan that it runs.
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Runs to the end; what is left of the events is passed over.
    pub async fn outcome(mut self) -> Arc<Outcome> {
        poll_fn(|cx| {
            loop {
                if let Some(outcome) = &self.outcome {
                    return Poll::Ready(Arc::clone(outcome));
                }
                self.events.clear();
                ready!(self.poll_advance(cx));
            }
        })
        .await
    }

    /// Ready when there is a new event, or the run is over.
    fn poll_advance(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.start_ready();
            if self.outcome.is_some() || !self.events.is_empty() {
                return Poll::Ready(());
            }
            match self.active.poll_next_unpin(cx) {
                Poll::Ready(Some((Some(progress), active))) => self.progress(progress, active),
                // An attempt tells its end before its stream ends.
                Poll::Ready(Some((None, _))) => {}
                // Nothing is at work and nothing may start: all is done.
                Poll::Ready(None) => self.complete(),
                Poll::Pending => {
                    let Some(timeout) = &mut self.timeout else { return Poll::Pending };
                    ready!(Pin::new(&mut timeout.sleep).poll(cx));
                    let after = timeout.after;
                    self.stop(RunStatus::TimedOut { after });
                }
            }
        }
    }

    fn progress(&mut self, progress: Progress, active: Active) {
        let Some(step) = self.plan.steps().get(active.unit.step).cloned() else { return };
        match progress {
            Progress::Token(text) => {
                self.events.push_back(RunEvent::Token { step, text });
                self.active.push(active.into_future());
            }
            Progress::Ended(result) => self.end_attempt(&step, active.unit, result),
            Progress::Begin => self.start_attempt(&step, active.unit, self.clock.now()),
        }
    }

    fn complete(&mut self) {
        match self.scope(Unit::whole(0)).result() {
            Ok(result) => self.finish(RunStatus::Completed, result),
            Err(error) => {
                let error = RunError::Result { error: Arc::new(error) };
                self.finish(RunStatus::Failed(error), Value::Null);
            }
        }
    }

    /// Ends the run early: what is at work is cancelled, what has completed is kept.
    pub(super) fn stop(&mut self, status: RunStatus) {
        self.active.clear();
        let plan = Arc::clone(&self.plan);
        for step in plan.steps() {
            self.record_end(step, StepStatus::Cancelled, None);
        }
        self.finish(status, Value::Null);
    }

    fn finish(&mut self, status: RunStatus, result: Value) {
        let trace: Trace = self.record.take_trace(self.elapsed());
        let outcome = Arc::new(Outcome { status, result, trace });
        self.events.push_back(RunEvent::RunFinished(Arc::clone(&outcome)));
        self.outcome = Some(outcome);
        self.timeout = None;
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.since_start(self.clock.now())
    }

    pub(super) fn since_start(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.start)
    }

    /// What the templates of an attempt see.
    pub(super) fn scope(&self, unit: Unit) -> Scope<'_> {
        let item = unit.item.and_then(|item| self.fan_outs.get(&unit.step)?.item(item));
        Scope { plan: &self.plan, input: &self.input, record: &self.record, item }
    }

    /// Where the random figures of an attempt come from.
    pub(super) fn seed(&self, step: &Step, unit: Unit) -> Seed {
        let mut seed = self.options.seed.named(step.name());
        if let Some(item) = unit.item {
            seed = seed.derive(item as u64).named("item");
        }
        if unit.attempt > 1 {
            seed = seed.derive(u64::from(unit.attempt)).named("attempt");
        }
        seed
    }

    /// A wait that counts from `start`, not from the moment it is first polled.
    pub(super) fn sleep_from(&self, start: Instant, duration: Duration) -> Sleep {
        sleep_from(&self.clock, start, duration)
    }
}

impl Stream for Run {
    type Item = RunEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RunEvent>> {
        if self.events.is_empty() && self.outcome.is_none() {
            ready!(self.poll_advance(cx));
        }
        Poll::Ready(self.events.pop_front())
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("chain", self.plan.name())
            .field("options", &self.options)
            .field("record", &self.record)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// A wait that counts from `start`, not from the moment it is first polled.
fn sleep_from(clock: &Clock, start: Instant, duration: Duration) -> Sleep {
    start.checked_add(duration).map_or_else(|| clock.sleep(duration), |deadline| clock.sleep_until(deadline))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
