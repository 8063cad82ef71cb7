//! Streams a lease: each token when it is due, all due tokens in one write.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::response::Response;
use bytes::BytesMut;
use weir_model::{ContentCursor, Event, Lease};

use crate::{
    connection::Mark,
    event_body::{After, Chunk, EventBody, EventSource, FRAME_BYTES},
    request::RequestContext,
    telemetry::{CallRecord, FramePart, Lateness, ServerTiming},
    token_timer::TokenTimer,
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
    timer: TokenTimer,
    steps: u32,
    /// Steps delivered so far.
    next: u32,
    /// The number of steps of all choices.
    tokens: u32,
    encoder: E,
    state: StreamState,
    /// `None` for a repeated answer, which was recorded before.
    record: Option<CallRecord>,
    /// `None` for a repeated answer, whose tokens were due before the request.
    lateness: Option<Arc<Lateness>>,
    /// When the first token that the client receives is due, as soon as it is known.
    first_visible: Option<Instant>,
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
        call.set_answer_events(lease.content.visible_event_count());
        Self {
            cursor: lease.content.cursor(),
            steps: lease.content.step_count(),
            tokens: lease.content.token_count(),
            next: 0,
            first_visible: lease.first_visible(),
            timer: TokenTimer::new(lease.schedule, &call.server.clock),
            encoder,
            state: StreamState::New,
            record: None,
            lateness: None,
            _held: held,
        }
    }

    fn start(self, call: &RequestContext, mut timing: ServerTiming) -> Response {
        timing.planned_ttft = self.first_visible;
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
        let ended = self.next >= self.steps.max(1);
        self.first_visible.get_or_insert(due);
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
        // An answer without tokens has an end, which is due, too.
        let steps = self.steps.max(1);
        loop {
            let Poll::Ready(now) = self.timer.poll_now(context) else { return nothing_due(out) };
            let (before, mut first_due) = (self.next, None);
            while self.next < steps
                && out.len() < FRAME_BYTES
                && let Some(due) = self.timer.due(self.next, now, context.waker())
            {
                if first_due.is_none() || out.is_empty() {
                    first_due = Some(due);
                }
                self.write_step(out);
                self.next += 1;
            }
            if first_due.is_some() {
                self.record_steps(self.next - before, now);
            }
            match first_due {
                Some(due) if self.next >= steps => {
                    self.encoder.close(out, self.tokens);
                    return Poll::Ready(self.chunk(due));
                }
                // A dialect may skip tokens: then there is nothing to write yet.
                Some(due) if !out.is_empty() => {
                    if out.len() >= FRAME_BYTES {
                        self.timer.yield_until(now);
                    }
                    return Poll::Ready(self.chunk(due));
                }
                Some(_) | None if self.timer.is_waiting_for_waker() => return nothing_due(out),
                Some(_) | None => {}
            }
        }
    }

    /// Fast, because the deadline of the last token is the one that was drawn last.
    fn add_planned(&mut self, timing: &mut ServerTiming) {
        timing.add_schedule(self.timer.schedule());
        timing.planned_ttft = self.first_visible.or(timing.planned_ttft);
    }
}

/// Returns the events before the first token, if they were not written yet.
fn nothing_due(out: &BytesMut) -> Poll<Chunk> {
    if out.is_empty() {
        return Poll::Pending;
    }
    let mark = Mark { part: FramePart::Opening, planned: None };
    Poll::Ready(Chunk { mark, after: After::More })
}
