//! The response body that tells a run's events as they come, all that are there in one write.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_core::Stream as _;
use http_body::Frame;
use serde_json::{Value, json};
use weir_chains::{Mode, Outcome, Plan, Run, RunEvent};
use weir_wire::sse;

use super::words::{self, ms};
use crate::{
    api::{Call, Dialect, Trailers},
    connection::{Mark, Part, WriteLog},
    delivery::{FRAME_BYTES, poll_trailers},
    telemetry::{Metrics, Truth},
};

/// Tells a run. Dropped early, because its client left, it cancels the run.
#[derive(Debug)]
pub(super) struct Narration {
    run: Run,
    plan: Arc<Plan>,
    mode: Mode,
    buffer: BytesMut,
    first_token: FirstToken,
    log: Arc<WriteLog>,
    truth: Truth,
    trailers: Trailers,
    metrics: Arc<Metrics>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstToken {
    Awaited,
    InBuffer,
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Telling,
    Trailing,
    Done,
}

impl Narration {
    pub(super) fn new(call: &Call, plan: Arc<Plan>, mode: Mode, run: Run) -> Self {
        Self {
            run,
            plan,
            mode,
            buffer: BytesMut::new(),
            first_token: FirstToken::Awaited,
            log: Arc::clone(&call.arrival.log),
            truth: Truth::new(call.arrival.at),
            trailers: call.trailers(),
            metrics: Arc::clone(&call.app.metrics),
            state: State::Telling,
        }
    }

    fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::StepStarted { step, at } => {
                let needs: Vec<_> = step.need_names().iter().map(|name| &**name).collect();
                let event = json!({"type": "step_started", "step": &**step.name(), "kind": step.kind().as_str(),
                                   "needs": needs, "at_ms": ms(*at)});
                self.write(&event);
            }
            RunEvent::Token { step, text } => {
                if self.first_token == FirstToken::Awaited {
                    self.first_token = FirstToken::InBuffer;
                }
                self.write(&json!({"type": "token", "step": &**step.name(), "token": text}));
            }
            RunEvent::StepFinished(trace) => {
                let mut event = words::step(trace);
                if let Value::Object(fields) = &mut event {
                    fields.insert("type".to_owned(), Value::from("step_finished"));
                    fields.insert("step".to_owned(), Value::from(&**trace.step.name()));
                }
                self.write(&event);
            }
            RunEvent::RunFinished(outcome) => self.finish(outcome),
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        self.metrics.chain_run(self.plan.name(), words::status(&outcome.status));
        let mut event = words::run(&self.plan, self.mode, outcome);
        if let Value::Object(fields) = &mut event {
            fields.insert("type".to_owned(), Value::from("run_finished"));
        }
        self.write(&event);
        if let Some(problem) = words::problem(&self.plan, outcome) {
            let mut event = Dialect::ChainBackend.error_body(&problem);
            if let Value::Object(fields) = &mut event {
                fields.insert("type".to_owned(), Value::from(words::status(&outcome.status)));
            }
            self.write(&event);
        }
        self.buffer.extend_from_slice(sse::DONE);
        self.state = State::Trailing;
    }

    fn write(&mut self, event: &Value) {
        // Writing JSON values to memory cannot fail.
        self.buffer.extend_from_slice(b"data: ");
        let _ = serde_json::to_writer((&mut self.buffer).writer(), event);
        self.buffer.extend_from_slice(b"\n\n");
    }

    /// All events that are there now, or the next one.
    fn poll_events(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        while self.state == State::Telling && self.buffer.len() < FRAME_BYTES {
            match Pin::new(&mut self.run).poll_next(context) {
                Poll::Ready(Some(event)) => self.tell(&event),
                Poll::Ready(None) => self.state = State::Trailing,
                Poll::Pending if self.buffer.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        let part = match self.first_token {
            FirstToken::InBuffer => {
                self.first_token = FirstToken::Told;
                Part::First
            }
            FirstToken::Awaited | FirstToken::Told => Part::Middle,
        };
        self.log.expect(Mark { part, planned: None });
        Poll::Ready(self.buffer.split().freeze())
    }
}

impl http_body::Body for Narration {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.state {
            State::Telling => self.poll_events(context).map(|bytes| Some(Ok(Frame::data(bytes)))),
            State::Trailing if self.trailers == Trailers::Wanted => {
                let this = &mut *self;
                let trailers = ready!(poll_trailers(&this.log, &mut this.truth, context));
                self.state = State::Done;
                Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
            }
            State::Trailing | State::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.state {
            State::Telling => false,
            State::Trailing => self.trailers == Trailers::NotWanted,
            State::Done => true,
        }
    }
}
