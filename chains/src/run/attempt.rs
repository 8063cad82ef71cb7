//! Running attempts of steps.

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

use super::event::{RunEvent, RunStatus};
use crate::{
    error::StepError,
    http::HttpResponseFuture,
    llm::{LlmError, LlmEvent, LlmStream, TokenEvents},
    output::StepOutput,
};

/// A running attempt of a step: a stream that ends with its result. Dropping it cancels the attempt.
pub(super) struct ActiveAttempt {
    pub(super) attempt: AttemptId,
    action: PendingAction,
    timeout: Option<Timeout>,
}

/// Identifies an attempt of a step or of an entry of its fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AttemptId {
    pub(super) step: usize,
    pub(super) item: Option<usize>,
    /// Counted from 1.
    pub(super) attempt: u32,
}

/// What is has_waited for.
pub(super) enum PendingAction {
    /// Fails if there is no output.
    Tool {
        sleep: Sleep,
        output: Option<Arc<StepOutput>>,
    },
    Llm {
        response: LlmStream,
        tokens: TokenEvents,
    },
    Http(HttpResponseFuture),
    Chain {
        chain: Arc<str>,
        events: Pin<Box<dyn Stream<Item = RunEvent> + Send>>,
    },
    /// The pause before a retry.
    Pause(Sleep),
}

/// The timeout of an attempt or a run.
pub(super) struct Timeout {
    pub(super) after: Duration,
    pub(super) sleep: Sleep,
}

/// An event of an attempt.
pub(super) enum AttemptEvent {
    Token(Cow<'static, str>),
    Ended(Result<Arc<StepOutput>, StepError>),
    /// The pause before a retry is over.
    PauseEnded,
}

impl AttemptId {
    /// The first attempt of a whole step.
    pub(super) const fn first_of_step(step: usize) -> Self {
        Self { step, item: None, attempt: 1 }
    }
}

impl ActiveAttempt {
    pub(super) const fn new(attempt: AttemptId, action: PendingAction, timeout: Option<Timeout>) -> Self {
        Self { attempt, action, timeout }
    }
}

impl Stream for ActiveAttempt {
    type Item = AttemptEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<AttemptEvent>> {
        if let Poll::Ready(progress) = self.action.poll(cx) {
            return Poll::Ready(Some(progress));
        }
        let Some(Timeout { after, sleep }) = &mut self.timeout else { return Poll::Pending };
        ready!(Pin::new(sleep).poll(cx));
        Poll::Ready(Some(AttemptEvent::Ended(Err(StepError::TimedOut { after: *after }))))
    }
}

impl PendingAction {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<AttemptEvent> {
        match self {
            Self::Tool { sleep, output } => {
                ready!(Pin::new(sleep).poll(cx));
                Poll::Ready(AttemptEvent::Ended(output.clone().ok_or(StepError::Simulated)))
            }
            Self::Llm { response, tokens } => poll_llm(response, *tokens, cx),
            Self::Http(response) => {
                let reply = ready!(response.as_mut().poll(cx));
                let output = reply.map(|reply| Arc::new(StepOutput::from_text(reply.body.into())));
                Poll::Ready(AttemptEvent::Ended(output.map_err(StepError::from)))
            }
            Self::Chain { chain, events } => poll_chain(chain, events.as_mut(), cx),
            Self::Pause(sleep) => {
                ready!(Pin::new(sleep).poll(cx));
                Poll::Ready(AttemptEvent::PauseEnded)
            }
        }
    }
}

fn poll_llm(response: &mut LlmStream, tokens: TokenEvents, cx: &mut Context<'_>) -> Poll<AttemptEvent> {
    loop {
        let ended = match ready!(response.as_mut().poll_next(cx)) {
            Some(Ok(LlmEvent::Token(text))) => match tokens {
                TokenEvents::Enabled => return Poll::Ready(AttemptEvent::Token(text)),
                TokenEvents::Disabled => continue,
            },
            Some(Ok(LlmEvent::Finished(output))) => Ok(Arc::new(StepOutput::from_llm(output))),
            Some(Err(error)) => Err(error.into()),
            None => Err(LlmError::Truncated.into()),
        };
        return Poll::Ready(AttemptEvent::Ended(ended));
    }
}

/// Passes on the tokens and the outcome of a nested run.
fn poll_chain(
    chain: &Arc<str>,
    mut events: Pin<&mut (dyn Stream<Item = RunEvent> + Send)>,
    cx: &mut Context<'_>,
) -> Poll<AttemptEvent> {
    loop {
        let outcome = match ready!(events.as_mut().poll_next(cx)) {
            Some(RunEvent::Token { text, .. }) => return Poll::Ready(AttemptEvent::Token(text)),
            Some(RunEvent::RunFinished(outcome)) => outcome,
            Some(_) => continue,
            None => unreachable_end(),
        };
        return Poll::Ready(AttemptEvent::Ended(match &outcome.status {
            RunStatus::Completed => Ok(Arc::new(StepOutput::from_text(result_text(&outcome.result)))),
            RunStatus::Failed(error) => {
                Err(StepError::Chain { chain: Arc::clone(chain), error: Box::new(error.clone()) })
            }
            RunStatus::TimedOut { after } => Err(StepError::TimedOut { after: *after }),
        }));
    }
}

#[expect(clippy::panic, reason = "a run yields `RunFinished` before it ends, and is not polled after that")]
fn unreachable_end() -> ! {
    panic!("a nested run ended without an outcome")
}

fn result_text(result: &Value) -> Arc<str> {
    match result {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
