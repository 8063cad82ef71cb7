//! Streams the events of a run, all available ones in one write.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{BufMut as _, BytesMut};
use futures_core::Stream as _;
use serde_json::{Value, json};
use weir_chains::{ExecutionMode, Plan, Run, RunEvent, RunOutcome};

use crate::chain_run::{self, ms};
use weir_server::{After, Chunk, EventSource, FRAME_BYTES, FramePart, Mark, Metrics, SSE_DONE, plain_error};

/// The source of a run's events. Dropping it cancels the run.
#[derive(Debug)]
pub(super) struct RunEventSource {
    run: Run,
    plan: Arc<Plan>,
    mode: ExecutionMode,
    first_token: FirstToken,
    metrics: Arc<Metrics>,
    after: After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstToken {
    Pending,
    InChunk,
    Sent,
}

impl RunEventSource {
    pub(super) const fn new(plan: Arc<Plan>, mode: ExecutionMode, run: Run, metrics: Arc<Metrics>) -> Self {
        Self { run, plan, mode, first_token: FirstToken::Pending, metrics, after: After::More }
    }

    fn write_event(&mut self, event: &RunEvent, out: &mut BytesMut) {
        match event {
            RunEvent::StepStarted { step, at } => {
                let needs: Vec<_> = step.need_names().iter().map(|name| &**name).collect();
                let event = json!({"type": "step_started", "step": &**step.name(), "kind": step.kind().as_str(),
                                   "needs": needs, "at_ms": ms(*at)});
                write(out, &event);
            }
            RunEvent::Token { step, text } => {
                if self.first_token == FirstToken::Pending {
                    self.first_token = FirstToken::InChunk;
                }
                write(out, &json!({"type": "token", "step": &**step.name(), "token": text}));
            }
            RunEvent::StepRetried { step, attempt, error, pause, at } => {
                let event = json!({"type": "step_retried", "step": &**step.name(), "attempt": attempt,
                                   "error": error.to_string(), "pause_ms": ms(*pause), "at_ms": ms(*at)});
                write(out, &event);
            }
            RunEvent::StepFinished(trace) => {
                let mut event = chain_run::step(trace);
                if let Value::Object(fields) = &mut event {
                    fields.insert("type".to_owned(), Value::from("step_finished"));
                    fields.insert("step".to_owned(), Value::from(&**trace.step.name()));
                }
                write(out, &event);
            }
            RunEvent::RunFinished(outcome) => self.finish(outcome, out),
        }
    }

    fn finish(&mut self, outcome: &RunOutcome, out: &mut BytesMut) {
        self.metrics.chain_run(self.plan.name(), chain_run::status(&outcome.status));
        let mut event = chain_run::run(&self.plan, self.mode, outcome);
        if let Value::Object(fields) = &mut event {
            fields.insert("type".to_owned(), Value::from("run_finished"));
        }
        write(out, &event);
        if let Some(problem) = chain_run::problem(&self.plan, outcome) {
            let mut event = plain_error(&problem);
            if let Value::Object(fields) = &mut event {
                fields.insert("type".to_owned(), Value::from(chain_run::status(&outcome.status)));
            }
            write(out, &event);
        }
        out.extend_from_slice(SSE_DONE);
        self.after = After::End;
    }

    /// The part of the last chunk.
    fn part(&mut self) -> FramePart {
        match self.first_token {
            FirstToken::InChunk => {
                self.first_token = FirstToken::Sent;
                FramePart::First
            }
            FirstToken::Pending | FirstToken::Sent => FramePart::Middle,
        }
    }
}

impl EventSource for RunEventSource {
    fn poll_events(&mut self, context: &mut Context<'_>, out: &mut BytesMut) -> Poll<Chunk> {
        while self.after == After::More && out.len() < FRAME_BYTES {
            match Pin::new(&mut self.run).poll_next(context) {
                Poll::Ready(Some(event)) => self.write_event(&event, out),
                Poll::Ready(None) => self.after = After::End,
                Poll::Pending if out.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Chunk { mark: Mark::new(self.part()), after: self.after })
    }
}

fn write(out: &mut BytesMut, event: &Value) {
    // Writing JSON values to memory cannot fail.
    out.extend_from_slice(b"data: ");
    let _ = serde_json::to_writer(out.writer(), event);
    out.extend_from_slice(b"\n\n");
}
