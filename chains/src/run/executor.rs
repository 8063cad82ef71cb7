//! The executor.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_core::Stream;
use futures_util::stream::{FuturesUnordered, StreamExt, StreamFuture};
use serde_json::Value;
use weir_pace::{Clock, Sleep};

use super::{
    Outcome, RunError, RunEvent, RunOptions, RunStatus, StepError,
    active::{Active, Progress},
    record::Record,
    schedule::Schedule,
    scope::{Input, Scope},
};
use crate::{
    llm::{Llm, LlmCall, LlmError, TokenEvents},
    output::StepOutput,
    plan::{Gives, LlmWork, Plan, Step, TokenFlow, ToolWork, Work},
    trace::{StepStatus, Trace},
};

/// One run of a plan: a stream of events that ends after [`RunEvent::RunFinished`].
///
/// It advances while it is polled; dropping it cancels all of it.
pub struct Run {
    plan: Arc<Plan>,
    options: RunOptions,
    llm: Arc<dyn Llm>,
    clock: Clock,
    start: Instant,
    timeout: Option<Timeout>,
    input: Input,
    schedule: Schedule,
    active: FuturesUnordered<StreamFuture<Active>>,
    record: Record,
    /// Told in this order before anything else happens.
    events: VecDeque<RunEvent>,
    outcome: Option<Arc<Outcome>>,
}

struct Timeout {
    after: Duration,
    sleep: Sleep,
}

/// What starting a step comes to.
enum Started {
    Working(Active),
    Ended(Arc<StepOutput>),
}

/// Starts a run of `plan` over `input`. Its time counts from now; its first steps start when it is first
/// polled.
pub fn run(plan: Arc<Plan>, input: Value, options: RunOptions, llm: Arc<dyn Llm>, clock: Clock) -> Run {
    let start = clock.now();
    let after = options.timeout.or(plan.timeout());
    Run {
        timeout: after.map(|after| Timeout { after, sleep: sleep_from(&clock, start, after) }),
        schedule: Schedule::new(&plan, options.mode),
        record: Record::new(&plan),
        plan,
        options,
        llm,
        clock,
        start,
        input: Input::new(input),
        active: FuturesUnordered::new(),
        events: VecDeque::new(),
        outcome: None,
    }
}

impl Run {
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
            self.start_steps();
            if self.outcome.is_some() || !self.events.is_empty() {
                return Poll::Ready(());
            }
            match self.active.poll_next_unpin(cx) {
                Poll::Ready(Some((progress, step))) => self.progress(progress, step),
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

    /// Starts all steps that may start. All of them before any event is told, so that a slow reader of
    /// events does not hold up steps.
    fn start_steps(&mut self) {
        while self.outcome.is_none()
            && let Some(step) = self.schedule.next().and_then(|index| self.plan.steps().get(index)).cloned()
        {
            let now = self.clock.now();
            let at = now.saturating_duration_since(self.start);
            self.record.start(&step, at);
            self.events.push_back(RunEvent::StepStarted { step: Arc::clone(&step), at });
            let started = match &step.work {
                Work::Tool(tool) => self.start_tool(&step, tool, now),
                Work::Llm(llm) => self.start_llm(&step, llm),
            };
            match started {
                Ok(Started::Working(active)) => self.active.push(active.into_future()),
                Ok(Started::Ended(output)) => self.end_step(&step, Ok(output)),
                Err(error) => self.end_step(&step, Err(error)),
            }
        }
    }

    fn start_tool(&self, step: &Step, tool: &ToolWork, now: Instant) -> Result<Started, StepError> {
        let output = match &tool.gives {
            Gives::Fixed(output) => Arc::clone(output),
            Gives::Rendered(template) => Arc::new(StepOutput::tool(self.scope().render(template)?)),
        };
        if tool.takes.is_zero() {
            return Ok(Started::Ended(output));
        }
        let takes = tool.takes.sample(&mut self.options.seed.named(step.name()).rng());
        let takes = self.options.time_scale.apply(takes);
        if takes.is_zero() {
            return Ok(Started::Ended(output));
        }
        Ok(Started::Working(Active::tool(step.index(), sleep_from(&self.clock, now, takes), output)))
    }

    fn start_llm(&self, step: &Step, llm: &LlmWork) -> Result<Started, StepError> {
        let tokens = match llm.tokens {
            TokenFlow::Streamed => self.options.tokens,
            TokenFlow::Held => TokenEvents::NotWanted,
        };
        let answer = self.llm.call(LlmCall {
            model: Arc::clone(&llm.model),
            prompt: self.scope().render(&llm.prompt)?,
            max_tokens: llm.max_tokens,
            total: llm.total,
            tokens,
        });
        Ok(Started::Working(Active::llm(step.index(), answer, tokens)))
    }

    fn progress(&mut self, progress: Option<Result<Progress, LlmError>>, active: Active) {
        let Some(step) = self.plan.steps().get(active.index).cloned() else { return };
        match progress {
            Some(Ok(Progress::Token(text))) => {
                self.events.push_back(RunEvent::Token { step, text });
                self.active.push(active.into_future());
            }
            Some(Ok(Progress::Output(output))) => self.end_step(&step, Ok(output)),
            Some(Err(error)) => self.end_step(&step, Err(error.into())),
            None => self.end_step(&step, Err(LlmError::Truncated.into())),
        }
    }

    fn end_step(&mut self, step: &Arc<Step>, result: Result<Arc<StepOutput>, StepError>) {
        match result {
            Ok(output) => {
                self.schedule.ended(step);
                self.record_end(step, StepStatus::Completed, Some(output));
            }
            Err(error) => {
                let error = Arc::new(error);
                self.record_end(step, StepStatus::Failed(Arc::clone(&error)), None);
                self.stop(RunStatus::Failed(RunError::Step { step: Arc::clone(step.name()), error }));
            }
        }
    }

    fn record_end(&mut self, step: &Arc<Step>, status: StepStatus, output: Option<Arc<StepOutput>>) {
        let ended = self.elapsed();
        self.events.extend(self.record.end(step, ended, status, output).map(RunEvent::StepFinished));
    }

    fn complete(&mut self) {
        match self.scope().result() {
            Ok(result) => self.finish(RunStatus::Completed, result),
            Err(error) => {
                let error = RunError::Result { error: Arc::new(error) };
                self.finish(RunStatus::Failed(error), Value::Null);
            }
        }
    }

    /// Ends the run early: what is at work is cancelled, what has completed is kept.
    fn stop(&mut self, status: RunStatus) {
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

    fn elapsed(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }

    fn scope(&self) -> Scope<'_> {
        Scope { plan: &self.plan, input: &self.input, record: &self.record }
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
