//! The executor.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_core::Stream;
use futures_util::stream::{FuturesUnordered, StreamExt, StreamFuture};
use serde_json::Value;
use weir_pace::{Clock, Seed, Sleep};

use super::{
    attempt::{ActiveAttempt, AttemptEvent, AttemptId, Timeout},
    event::{RunEvent, RunOutcome, RunStatus},
    fan_out::FanOut,
    options::RunOptions,
    queue::ReadyQueue,
    record::StepRecords,
    scope::{RunInput, TemplateScope},
};
use crate::{
    catalog::Catalog,
    error::RunError,
    http::HttpClient,
    llm::Llm,
    plan::{Plan, Step},
    template::RUN_WORK_MAX,
    trace::{StepStatus, Trace},
};

/// The services that the steps of a run use.
#[derive(Clone)]
pub struct Effects {
    /// Executes `llm` steps.
    pub llm: Arc<dyn Llm>,
    /// Executes `http` steps.
    pub http: Arc<dyn HttpClient>,
    /// The chains that `chain` steps run.
    pub chains: Arc<Catalog>,
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effects").field("chains", &self.chains).finish_non_exhaustive()
    }
}

/// The largest number of attempts of a run, with its nested runs: nested fan-outs multiply.
pub(super) const ATTEMPTS_MAX: usize = 100_000;

/// One run of a plan: a stream of events that ends after [`RunEvent::RunFinished`].
///
/// It advances only while it is polled; dropping it cancels all running steps.
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) options: RunOptions,
    pub(super) effects: Effects,
    pub(super) clock: Clock,
    start: Instant,
    timeout: Option<Timeout>,
    pub(super) input: RunInput,
    pub(super) queue: ReadyQueue,
    pub(super) active: FuturesUnordered<StreamFuture<ActiveAttempt>>,
    /// By step index.
    pub(super) fan_outs: HashMap<usize, FanOut>,
    pub(super) record: StepRecords,
    /// Events to yield before the run advances.
    pub(super) events: VecDeque<RunEvent>,
    pub(super) outcome: Option<Arc<RunOutcome>>,
    /// The number of runs that contain this one.
    pub(super) depth: usize,
    /// The number of attempts that this run, with the runs that contain it or are nested in it, may still start.
    pub(super) attempts_left: Arc<AtomicUsize>,
    /// The work that the templates of these runs may still do.
    pub(super) work_left: Arc<AtomicU64>,
}

/// Starts a run of `plan` over `input`. Its time counts from now; its first steps start when it is first polled.
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
            queue: ReadyQueue::new(&plan, options.mode),
            record: StepRecords::new(&plan),
            plan,
            options,
            effects,
            clock,
            start,
            timeout,
            input: RunInput::new(input),
            active: FuturesUnordered::new(),
            fan_outs: HashMap::new(),
            events: VecDeque::new(),
            outcome: None,
            depth: 0,
            attempts_left: Arc::new(AtomicUsize::new(ATTEMPTS_MAX)),
            work_left: Arc::new(AtomicU64::new(RUN_WORK_MAX)),
        }
    }

    /// The plan.
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Runs to the end and discards all remaining events.
    pub async fn outcome(mut self) -> Arc<RunOutcome> {
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

    /// Ready when there is a new event or the run has ended.
    fn poll_advance(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.start_ready();
            if self.outcome.is_some() || !self.events.is_empty() {
                return Poll::Ready(());
            }
            match self.active.poll_next_unpin(cx) {
                Poll::Ready(Some((Some(progress), active))) => self.progress(progress, active),
                // An attempt yields its result before its stream ends.
                Poll::Ready(Some((None, _))) => {}
                // No step is running and none is ready: all have ended.
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

    fn progress(&mut self, progress: AttemptEvent, active: ActiveAttempt) {
        let step = Arc::clone(self.plan.step(active.attempt.step));
        match progress {
            AttemptEvent::Token(text) => {
                self.events.push_back(RunEvent::Token { step, text });
                self.active.push(active.into_future());
            }
            AttemptEvent::Ended(result) => self.end_attempt(&step, active.attempt, result),
            AttemptEvent::PauseEnded => self.start_attempt(&step, active.attempt, self.clock.now()),
        }
    }

    fn complete(&mut self) {
        match self.scope(AttemptId::first_of_step(0)).result() {
            Ok(result) => self.finish(RunStatus::Completed, result),
            Err(error) => {
                let error = RunError::Result { error: Arc::new(error) };
                self.finish(RunStatus::Failed(error), Value::Null);
            }
        }
    }

    /// Ends the run early: cancels running steps and keeps completed ones.
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
        let outcome = Arc::new(RunOutcome { status, result, trace });
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

    /// The values that the templates of an attempt can refer to.
    pub(super) fn scope(&self, attempt: AttemptId) -> TemplateScope<'_> {
        let item = attempt.item.and_then(|item| self.fan_outs.get(&attempt.step)?.item(item));
        TemplateScope {
            plan: &self.plan,
            input: &self.input,
            record: &self.record,
            item,
            work_left: &self.work_left,
        }
    }

    /// The seed of an attempt.
    pub(super) fn seed(&self, step: &Step, attempt: AttemptId) -> Seed {
        let mut seed = self.options.seed.named(step.name());
        if let Some(item) = attempt.item {
            seed = seed.derive(item as u64).named("item");
        }
        if attempt.attempt > 1 {
            seed = seed.derive(u64::from(attempt.attempt)).named("attempt");
        }
        seed
    }

    /// Sleeps for `duration` from `start`, not from the first poll.
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

/// Sleeps for `duration` from `start`, not from the first poll.
fn sleep_from(clock: &Clock, start: Instant, duration: Duration) -> Sleep {
    start.checked_add(duration).map_or_else(|| clock.sleep(duration), |deadline| clock.sleep_until(deadline))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
