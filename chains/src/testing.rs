//! Helpers of the tests of this crate: a fake model and constructors of plans.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use serde_json::json;
use weir_pace::{Clock, Seed, simulate};

use crate::{
    Catalog, DisabledHttp, Effects, ExecutionMode, FinishReason, Llm, LlmCall, LlmError, LlmEvent, LlmOutput,
    LlmStream, Plan, RunEvent, RunOptions, RunStatus, TimeScale, TokenEvents, Usage, run,
};

/// Responds to each call after its `total` with the prompt in brackets, word by word. The prompt `FAIL` fails then, the
/// prompt `BREAK` truncates the response, and the prompt `TWICE` fails the first two times.
#[derive(Debug)]
pub(crate) struct FakeLlm {
    clock: Clock,
    /// The number of open calls.
    pub(crate) open: Arc<AtomicUsize>,
    /// The largest number of calls open at the same time.
    pub(crate) most_open: AtomicUsize,
    pub(crate) calls: Mutex<Vec<LlmCall>>,
}

/// Decrements the number of open calls on drop.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl FakeLlm {
    pub(crate) fn new(clock: &Clock) -> Arc<Self> {
        Arc::new(Self {
            clock: clock.clone(),
            open: Arc::default(),
            most_open: AtomicUsize::default(),
            calls: Mutex::default(),
        })
    }

    pub(crate) fn open_calls(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Llm for FakeLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        let now_open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(now_open, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        let calls_of_prompt = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(call.clone());
            calls.iter().filter(|earlier| earlier.prompt == call.prompt).count()
        };
        let sleep = self.clock.sleep(call.total.unwrap_or_default());
        let text = format!("[{}]", call.prompt);
        let words: Vec<_> =
            text.split_inclusive(' ').map(|word| Ok(LlmEvent::Token(word.to_owned().into()))).collect();
        let end = match &*call.prompt {
            prompt if prompt == "FAIL" || prompt == "TWICE" && calls_of_prompt <= 2 => {
                Some(Err(LlmError::Overloaded { message: "too many calls".into(), retry_after: None }))
            }
            "BREAK" => None,
            _ => {
                let usage = Usage { prompt_tokens: 3, completion_tokens: words.len() as u64 };
                Some(Ok(LlmEvent::Finished(LlmOutput { text, usage, finish: FinishReason::Stop })))
            }
        };
        let events = stream::iter(words.into_iter().chain(end)).map(move |event| {
            let _still_open = &open;
            event
        });
        stream::once(sleep).flat_map(|()| stream::empty()).chain(events).boxed()
    }
}

/// Returns the only chain of a TOML text.
pub(crate) fn plan(source: &str) -> Arc<Plan> {
    Catalog::parse(source, "test.toml").unwrap().iter().next().unwrap().clone()
}

pub(crate) const PARALLEL: ExecutionMode = ExecutionMode::Parallel { at_once: None };

pub(crate) fn at_once(cap: usize) -> ExecutionMode {
    ExecutionMode::Parallel { at_once: cap.try_into().ok() }
}

pub(crate) fn options(mode: ExecutionMode) -> RunOptions {
    RunOptions {
        mode,
        timeout: None,
        time_scale: TimeScale::REAL,
        seed: Seed::new(1),
        tokens: TokenEvents::Enabled,
    }
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Returns effects without HTTP and without other chains.
pub(crate) fn effects(llm: Arc<dyn Llm>) -> Effects {
    Effects { llm, http: Arc::new(DisabledHttp), chains: Arc::default() }
}

/// Runs the first chain of `source` and returns its events, one per line; the other chains can be nested.
pub(crate) fn event_log(source: &str, options: RunOptions) -> String {
    let catalog = Arc::new(Catalog::parse(source, "test.toml").unwrap());
    let first = Arc::clone(catalog.iter().next().unwrap());
    let events = simulate(|clock| {
        let effects = Effects { chains: catalog, ..effects(FakeLlm::new(&clock)) };
        run(first, json!({ "text": "weirs", "list": ["a", "b", "c"] }), options, effects, clock)
            .collect::<Vec<_>>()
    });
    events.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(event: &RunEvent) -> String {
    match event {
        RunEvent::StepStarted { step, at } => format!("{at:?} {} starts", step.name()),
        RunEvent::Token { step, text } => format!("{} token {text:?}", step.name()),
        RunEvent::StepRetried { step, attempt, error, pause, at } => {
            format!("{at:?} {} failed attempt {attempt}: {error}; again in {pause:?}", step.name())
        }
        RunEvent::StepFinished(step) => format!(
            "{:?} {} {} after {:?}: {:?}",
            step.ended,
            step.step.name(),
            step.status.as_str(),
            step.elapsed(),
            step.output.as_ref().map_or("", |output| output.text())
        ),
        RunEvent::RunFinished(outcome) => match &outcome.status {
            RunStatus::Completed => format!("{:?} result {}", outcome.trace.wall, outcome.result),
            RunStatus::Failed(error) => format!("{:?} {error}", outcome.trace.wall),
            RunStatus::TimedOut { after } => format!("{:?} timed out after {after:?}", outcome.trace.wall),
        },
    }
}
