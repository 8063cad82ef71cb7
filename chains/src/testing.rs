//! What the tests of this crate share: a model that counts, and ways to make plans.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use weir_pace::{Clock, Seed};

use crate::{
    Catalog, Finish, Llm, LlmCall, LlmError, LlmEvent, LlmOutput, LlmStream, Mode, Plan, RunOptions,
    TimeScale, TokenEvents, Usage,
};

/// Answers each call after its `total` with the prompt in brackets, word by word. A prompt `FAIL` fails
/// then, a prompt `BREAK` breaks off.
#[derive(Debug)]
pub(crate) struct FakeLlm {
    clock: Clock,
    /// Calls that are open now.
    pub(crate) open: Arc<AtomicUsize>,
    pub(crate) calls: Mutex<Vec<LlmCall>>,
}

/// Counts a call while it is alive.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl FakeLlm {
    pub(crate) fn new(clock: &Clock) -> Arc<Self> {
        Arc::new(Self { clock: clock.clone(), open: Arc::default(), calls: Mutex::default() })
    }

    pub(crate) fn open_calls(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Llm for FakeLlm {
    fn call(&self, call: LlmCall) -> LlmStream {
        self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        self.calls.lock().unwrap().push(call.clone());
        let sleep = self.clock.sleep(call.total.unwrap_or_default());
        let text = format!("[{}]", call.prompt);
        let words: Vec<_> =
            text.split_inclusive(' ').map(|word| Ok(LlmEvent::Token(word.to_owned().into()))).collect();
        let end = match &*call.prompt {
            "FAIL" => Some(Err(LlmError::Overloaded { message: "too many calls".into(), retry_after: None })),
            "BREAK" => None,
            _ => {
                let usage = Usage { prompt_tokens: 3, completion_tokens: words.len() as u64 };
                Some(Ok(LlmEvent::Finished(LlmOutput { text, usage, finish: Finish::Stop })))
            }
        };
        let events = stream::iter(words.into_iter().chain(end)).map(move |event| {
            let _still_open = &open;
            event
        });
        stream::once(sleep).flat_map(|()| stream::empty()).chain(events).boxed()
    }
}

/// The only chain of a TOML text.
pub(crate) fn plan(source: &str) -> Arc<Plan> {
    Catalog::parse(source, "test.toml").unwrap().iter().next().unwrap().clone()
}

pub(crate) const PARALLEL: Mode = Mode::Parallel { at_once: None };

pub(crate) fn at_once(cap: usize) -> Mode {
    Mode::Parallel { at_once: cap.try_into().ok() }
}

pub(crate) fn options(mode: Mode) -> RunOptions {
    RunOptions {
        mode,
        timeout: None,
        time_scale: TimeScale::REAL,
        seed: Seed::new(1),
        tokens: TokenEvents::Wanted,
    }
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
