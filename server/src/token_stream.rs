//! What delivers a lease: each token when it is due, all that are due in one write.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::response::Response;
use bytes::BytesMut;
use weir_model::{ContentCursor, Event, Lease, Schedule};
use weir_pace::{Clock, Sleep};

use crate::{
    connection::Mark,
    event_body::{After, Chunk, EventBody, EventSource, FRAME_BYTES},
    request::RequestContext,
    telemetry::{FramePart, Lateness, ServerTiming},
};

/// How a dialect writes what is said.
pub trait Encoder: Send + Unpin + 'static {
    /// What is written at once, before the delay of the first token.
    fn open(&mut self, _out: &mut BytesMut) {}
    /// What happens in one of its choices.
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>);
    /// What comes after the last of `tokens` tokens, and with it.
    fn close(&mut self, out: &mut BytesMut, tokens: u32);
}

/// Delivers a lease.
#[derive(Debug)]
pub struct TokenStream<E, H> {
    cursor: ContentCursor,
    due: Schedule,
    steps: u32,
    /// Steps delivered so far.
    next: u32,
    /// Of all choices.
    tokens: u32,
    encoder: E,
    stage: Stage,
    clock: Clock,
    sleep: Sleep,
    /// Not of an answer that is told once more: its tokens were due before it was asked for.
    lateness: Option<Arc<Lateness>>,
    /// Held until the end, never read.
    _held: H,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing has been said.
    New,
    /// What comes before the first token has been.
    Opened,
    /// A token has been.
    Begun,
}

impl<E: Encoder, H: Send + Unpin + 'static> TokenStream<E, H> {
    /// The answer to `call` that delivers `lease`, and holds `held` until the end.
    pub fn respond(
        call: &RequestContext,
        lease: Lease,
        timing: ServerTiming,
        encoder: E,
        held: H,
    ) -> Response {
        let lateness = Arc::clone(&call.server.metrics.lateness);
        Self::start(call, lease, timing, encoder, held, Some(lateness))
    }

    /// The same of an answer that was given before: what was due by now comes at once.
    pub fn repeat(
        call: &RequestContext,
        lease: Lease,
        timing: ServerTiming,
        encoder: E,
        held: H,
    ) -> Response {
        Self::start(call, lease, timing, encoder, held, None)
    }

    fn start(
        call: &RequestContext,
        lease: Lease,
        mut timing: ServerTiming,
        encoder: E,
        held: H,
        lateness: Option<Arc<Lateness>>,
    ) -> Response {
        timing.planned_ttft = Some(lease.schedule.planned(0));
        timing.planned_total = Some(lease.schedule.end());
        let stream = Self {
            cursor: lease.content.cursor(),
            steps: lease.content.step_count(),
            tokens: lease.content.token_count(),
            next: 0,
            sleep: call.server.clock.sleep_until(lease.schedule.planned(0)),
            due: lease.schedule,
            encoder,
            stage: Stage::New,
            clock: call.server.clock.clone(),
            lateness,
            _held: held,
        };
        EventBody::respond(call, timing, stream)
    }

    fn tell_step(&mut self, out: &mut BytesMut) {
        let Self { cursor, encoder, .. } = self;
        cursor.advance(|choice, event| encoder.event(out, choice, event));
    }

    fn chunk(&mut self, from: u32) -> Chunk {
        let ended = self.next >= self.steps;
        let part = match (mem::replace(&mut self.stage, Stage::Begun), ended) {
            (Stage::New | Stage::Opened, true) => FramePart::Whole,
            (Stage::New | Stage::Opened, false) => FramePart::First,
            (Stage::Begun, true) => FramePart::Last,
            (Stage::Begun, false) => FramePart::Middle,
        };
        let planned = self.lateness.as_ref().map(|lateness| (self.due.planned(from), Arc::clone(lateness)));
        Chunk { mark: Mark { part, planned }, after: if ended { After::End } else { After::More } }
    }
}

impl<E: Encoder, H: Send + Unpin + 'static> EventSource for TokenStream<E, H> {
    /// All tokens that are due, and the end with the last.
    fn poll_events(&mut self, context: &mut Context<'_>, out: &mut BytesMut) -> Poll<Chunk> {
        if self.stage == Stage::New {
            self.stage = Stage::Opened;
            self.encoder.open(out);
        }
        loop {
            let deadline = self.sleep.deadline();
            if Pin::new(&mut self.sleep).poll(context).is_pending() {
                if out.is_empty() {
                    return Poll::Pending;
                }
                let mark = Mark { part: FramePart::Opening, planned: None };
                return Poll::Ready(Chunk { mark, after: After::More });
            }
            // The timer may be early by its coalescing window: what it woke for is due.
            let due = self.due.due(self.clock.now().max(deadline));
            let from = self.next;
            while self.next < due && out.len() < FRAME_BYTES {
                self.tell_step(out);
                self.next += 1;
            }
            if self.next >= self.steps {
                if self.steps == 0 {
                    self.tell_step(out);
                }
                self.encoder.close(out, self.tokens);
                return Poll::Ready(self.chunk(from));
            }
            self.sleep.reset(self.due.planned(self.next));
            // A dialect may leave tokens untold: then there is nothing to write yet.
            if !out.is_empty() {
                return Poll::Ready(self.chunk(from));
            }
        }
    }
}
