//! A step at work.

use std::{
    borrow::Cow,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use weir_pace::Sleep;

use crate::{
    llm::{LlmError, LlmEvent, LlmStream, TokenEvents},
    output::StepOutput,
};

/// A step at work: a stream that ends with its output. Dropping it cancels the step.
pub(super) struct Active {
    pub(super) index: usize,
    effect: Effect,
}

enum Effect {
    Tool { sleep: Sleep, output: Arc<StepOutput> },
    Llm { answer: LlmStream, tokens: TokenEvents },
}

/// What a step at work has come to.
pub(super) enum Progress {
    Token(Cow<'static, str>),
    Output(Arc<StepOutput>),
}

impl Active {
    pub(super) fn tool(index: usize, sleep: Sleep, output: Arc<StepOutput>) -> Self {
        Self { index, effect: Effect::Tool { sleep, output } }
    }

    pub(super) fn llm(index: usize, answer: LlmStream, tokens: TokenEvents) -> Self {
        Self { index, effect: Effect::Llm { answer, tokens } }
    }
}

impl Stream for Active {
    type Item = Result<Progress, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.effect {
            Effect::Tool { sleep, output } => {
                ready!(Pin::new(sleep).poll(cx));
                Poll::Ready(Some(Ok(Progress::Output(Arc::clone(output)))))
            }
            Effect::Llm { answer, tokens } => loop {
                let progress = match (ready!(answer.as_mut().poll_next(cx)), *tokens) {
                    (Some(Ok(LlmEvent::Token(_))), TokenEvents::NotWanted) => continue,
                    (Some(Ok(LlmEvent::Token(text))), TokenEvents::Wanted) => Some(Ok(Progress::Token(text))),
                    (Some(Ok(LlmEvent::Finished(output))), _) => {
                        Some(Ok(Progress::Output(Arc::new(StepOutput::llm(output)))))
                    }
                    (Some(Err(error)), _) => Some(Err(error)),
                    (None, _) => None,
                };
                return Poll::Ready(progress);
            },
        }
    }
}
