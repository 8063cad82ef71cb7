//! Streams a lease: each token when it is due, all due tokens in one write.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::response::Response;
use bytes::BytesMut;
use weir_model::{ContentCursor, Event, Lease, Schedule};
use weir_pace::{Clock, Sleep};

use crate::{
    connection::Mark,
    event_body::{After, Chunk, EventBody, EventSource, FRAME_BYTES},
    request::RequestContext,
    telemetry::{CallRecord, FramePart, Lateness, ServerTiming},
};

/// How a dialect encodes events.
pub trait Encoder: Send + Unpin + 'static {
    /// Writes the events before the delay of the first token.
    fn open(&mut self, _out: &mut BytesMut) {}
    /// Writes an event of one choice.
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>);
    /// Writes the end of an answer of `tokens` tokens.
    fn close(&mut self, out: &mut BytesMut, tokens: u32);
}

/// Streams a lease.
#[derive(Debug)]
pub struct TokenStream<E, H> {
    cursor: ContentCursor,
    due: Schedule,
    steps: u32,
    /// Steps delivered so far.
    next: u32,
    /// The number of steps of all choices.
    tokens: u32,
    encoder: E,
    state: StreamState,
    clock: Clock,
    sleep: Sleep,
    /// `None` for a repeated answer, which was recorded before.
    record: Option<CallRecord>,
    /// `None` for a repeated answer, whose tokens were due before the request.
    lateness: Option<Arc<Lateness>>,
    /// Guards that are held until the end.
    _held: H,
}

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StreamState {
    /// Nothing has been written.
    New,
    /// The events before the first token have been written.
    Opened,
    /// A token has been written.
    Begun,
}

impl<E: Encoder, H: Send + Unpin + 'static> TokenStream<E, H> {
    /// Returns the response to `call` that streams `lease`, adds to `record`, and holds `held` until the end.
    pub fn respond(
        call: &RequestContext,
        lease: Lease,
        timing: ServerTiming,
        encoder: E,
        record: CallRecord,
        held: H,
    ) -> Response {
        let lateness = Arc::clone(&call.server.metrics.lateness);
        let stream = Self::new(call, lease, encoder, held);
        let stream = Self { record: Some(record), lateness: Some(lateness), ..stream };
        stream.start(call, timing)
    }

    /// Returns the stream of an earlier answer: tokens that are already due come at once.
    pub fn repeat(
        call: &RequestContext,
        lease: Lease,
        timing: ServerTiming,
        encoder: E,
        held: H,
    ) -> Response {
        Self::new(call, lease, encoder, held).start(call, timing)
    }

    fn new(call: &RequestContext, lease: Lease, encoder: E, held: H) -> Self {
        Self {
            cursor: lease.content.cursor(),
            steps: lease.content.step_count(),
            tokens: lease.content.token_count(),
            next: 0,
            sleep: call.server.clock.sleep_until(lease.schedule.first()),
            due: lease.schedule,
            encoder,
            state: StreamState::New,
            clock: call.server.clock.clone(),
            record: None,
            lateness: None,
            _held: held,
        }
    }

    fn start(self, call: &RequestContext, mut timing: ServerTiming) -> Response {
        timing.planned_ttft = Some(self.due.first());
        EventBody::respond(call, timing, self)
    }

    fn write_step(&mut self, out: &mut BytesMut) {
        let Self { cursor, encoder, .. } = self;
        cursor.advance(|choice, event| encoder.event(out, choice, event));
    }

    /// Records that `steps` more steps are delivered.
    fn record_steps(&mut self, steps: u32, now: Instant) {
        let Some(record) = &mut self.record else { return };
        if self.next >= self.steps {
            record.delivered_rest(now);
        } else if steps > 0 {
            record.delivered(steps, now);
        }
    }

    /// Returns the chunk of all tokens since the last; the first of them was planned for `due`.
    fn chunk(&mut self, due: Instant) -> Chunk {
        let ended = self.next >= self.steps;
        let part = match (mem::replace(&mut self.state, StreamState::Begun), ended) {
            (StreamState::New | StreamState::Opened, true) => FramePart::Whole,
            (StreamState::New | StreamState::Opened, false) => FramePart::First,
            (StreamState::Begun, true) => FramePart::Last,
            (StreamState::Begun, false) => FramePart::Middle,
        };
        let planned = self.lateness.as_ref().map(|lateness| (due, Arc::clone(lateness)));
        Chunk { mark: Mark { part, planned }, after: if ended { After::End } else { After::More } }
    }
}

impl<E: Encoder, H: Send + Unpin + 'static> EventSource for TokenStream<E, H> {
    /// Writes all due tokens, and the end with the last.
    fn poll_events(&mut self, context: &mut Context<'_>, out: &mut BytesMut) -> Poll<Chunk> {
        if self.state == StreamState::New {
            self.state = StreamState::Opened;
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
            // The timer may be early by its coalescing window: the awaited token counts as due.
            let now = self.clock.now().max(deadline);
            let first_due = self.due.planned(self.next);
            let (before, mut due) = (self.next, first_due);
            while self.next < self.steps && due <= now && out.len() < FRAME_BYTES {
                self.write_step(out);
                self.next += 1;
                due = self.due.planned(self.next);
            }
            self.record_steps(self.next - before, now);
            if self.next >= self.steps {
                if self.steps == 0 {
                    self.write_step(out);
                }
                self.encoder.close(out, self.tokens);
                return Poll::Ready(self.chunk(first_due));
            }
            self.sleep.reset(due);
            // A dialect may skip tokens: then there is nothing to write yet.
            if !out.is_empty() {
                return Poll::Ready(self.chunk(first_due));
            }
        }
    }

    /// Fast, because the deadline of the last token is the one that was drawn last.
    fn planned_total(&mut self) -> Option<Instant> {
        Some(self.due.planned(self.steps))
    }
}
