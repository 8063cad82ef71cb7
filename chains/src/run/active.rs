//! An attempt of a step, at work.

use std::{
    borrow::Cow,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use serde_json::Value;
use weir_pace::Sleep;

use super::{Run, RunEvent, RunStatus, StepError};
use crate::{
    http::HttpFuture,
    llm::{LlmError, LlmEvent, LlmStream, TokenEvents},
    output::StepOutput,
};

/// An attempt of a step, at work: a stream that ends with what it has come to. Dropping it cancels the attempt.
pub(super) struct Active {
    pub(super) unit: Unit,
    effect: Effect,
    timeout: Option<Timeout>,
}

/// What is attempted: a step, or an entry of its fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) step: usize,
    pub(super) item: Option<usize>,
    /// Counted from 1.
    pub(super) attempt: u32,
}

/// What is waited for.
pub(super) enum Effect {
    /// Without an output it fails.
    Tool {
        sleep: Sleep,
        output: Option<Arc<StepOutput>>,
    },
    Llm {
        answer: LlmStream,
        tokens: TokenEvents,
    },
    Http(HttpFuture),
    Chain(Box<Run>),
    /// Before the attempt begins.
    Pause(Sleep),
}

/// How long the attempt may take.
pub(super) struct Timeout {
    pub(super) after: Duration,
    pub(super) sleep: Sleep,
}

/// What an attempt has come to.
pub(super) enum Progress {
    Token(Cow<'static, str>),
    Ended(Result<Arc<StepOutput>, StepError>),
    /// The pause is over.
    Begin,
}

impl Unit {
    /// A step as a whole, attempted for the first time.
    pub(super) const fn whole(step: usize) -> Self {
        Self { step, item: None, attempt: 1 }
    }
}

impl Active {
    pub(super) const fn new(unit: Unit, effect: Effect, timeout: Option<Timeout>) -> Self {
        Self { unit, effect, timeout }
    }
}

impl Stream for Active {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Progress>> {
        if let Poll::Ready(progress) = self.effect.poll(cx) {
            return Poll::Ready(Some(progress));
        }
        let Some(Timeout { after, sleep }) = &mut self.timeout else { return Poll::Pending };
        ready!(Pin::new(sleep).poll(cx));
        Poll::Ready(Some(Progress::Ended(Err(StepError::TimedOut { after: *after }))))
    }
}

impl Effect {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Progress> {
        match self {
            Self::Tool { sleep, output } => {
                ready!(Pin::new(sleep).poll(cx));
                Poll::Ready(Progress::Ended(output.clone().ok_or(StepError::Simulated)))
            }
            Self::Llm { answer, tokens } => poll_llm(answer, *tokens, cx),
            Self::Http(answer) => {
                let reply = ready!(answer.as_mut().poll(cx));
                let output = reply.map(|reply| Arc::new(StepOutput::text_of(reply.body.into())));
                Poll::Ready(Progress::Ended(output.map_err(StepError::from)))
            }
            Self::Chain(run) => poll_chain(run, cx),
            Self::Pause(sleep) => {
                ready!(Pin::new(sleep).poll(cx));
                Poll::Ready(Progress::Begin)
            }
        }
    }
}

fn poll_llm(answer: &mut LlmStream, tokens: TokenEvents, cx: &mut Context<'_>) -> Poll<Progress> {
    loop {
        let ended = match ready!(answer.as_mut().poll_next(cx)) {
            Some(Ok(LlmEvent::Token(text))) => match tokens {
                TokenEvents::Wanted => return Poll::Ready(Progress::Token(text)),
                TokenEvents::NotWanted => continue,
            },
            Some(Ok(LlmEvent::Finished(output))) => Ok(Arc::new(StepOutput::llm(output))),
            Some(Err(error)) => Err(error.into()),
            None => Err(LlmError::Truncated.into()),
        };
        return Poll::Ready(Progress::Ended(ended));
    }
}

/// Of what a nested run tells, its tokens and its end matter outside.
fn poll_chain(run: &mut Run, cx: &mut Context<'_>) -> Poll<Progress> {
    loop {
        let outcome = match ready!(Pin::new(&mut *run).poll_next(cx)) {
            Some(RunEvent::Token { text, .. }) => return Poll::Ready(Progress::Token(text)),
            Some(RunEvent::RunFinished(outcome)) => outcome,
            Some(_) => continue,
            None => return Poll::Ready(Progress::Ended(Err(LlmError::Truncated.into()))),
        };
        let chain = || Arc::clone(run.plan().name());
        return Poll::Ready(Progress::Ended(match &outcome.status {
            RunStatus::Completed => Ok(Arc::new(StepOutput::text_of(text_of(&outcome.result)))),
            RunStatus::Failed(error) => {
                Err(StepError::Chain { chain: chain(), error: Box::new(error.clone()) })
            }
            RunStatus::TimedOut { after } => Err(StepError::TimedOut { after: *after }),
        }));
    }
}

fn text_of(result: &Value) -> Arc<str> {
    match result {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
