//! What delivers a lease: each token when it is due, all that are due in one write.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::Response;
use bytes::BytesMut;
use weir_model::{Event, Lease, Telling, TokenClock};
use weir_pace::{Clock, Sleep};

use crate::{
    api::Call,
    connection::{Mark, Part},
    event_body::{After, Chunk, EventBody, FRAME_BYTES, Source},
    telemetry::{Lateness, Truth},
};

/// How a dialect writes what is said.
pub(crate) trait Encoder: Send + Unpin + 'static {
    /// What happens in one of its choices.
    fn event(&mut self, out: &mut BytesMut, choice: u32, event: Event<'_>);
    /// What comes after the last of `tokens` tokens, and with it.
    fn close(&mut self, out: &mut BytesMut, tokens: u32);
}

/// Delivers a lease.
#[derive(Debug)]
pub(crate) struct Delivery<E, H> {
    telling: Telling,
    due: TokenClock,
    steps: u32,
    /// Steps delivered so far.
    next: u32,
    /// Of all choices.
    tokens: u32,
    encoder: E,
    clock: Clock,
    sleep: Sleep,
    lateness: Arc<Lateness>,
    /// Held until the end, never read.
    _held: H,
}

impl<E: Encoder, H: Send + Unpin + 'static> Delivery<E, H> {
    /// The answer to `call` that delivers `lease`, and holds `held` until the end.
    pub(crate) fn respond(call: &Call, lease: Lease, mut truth: Truth, encoder: E, held: H) -> Response {
        truth.planned_ttft = Some(lease.clock.planned(0));
        truth.planned_total = Some(lease.clock.end());
        let delivery = Self {
            telling: lease.content.tell(),
            steps: lease.content.step_count(),
            tokens: lease.content.token_count(),
            next: 0,
            sleep: call.app.clock.sleep_until(lease.clock.planned(0)),
            due: lease.clock,
            encoder,
            clock: call.app.clock.clone(),
            lateness: Arc::clone(&call.app.metrics.lateness),
            _held: held,
        };
        EventBody::respond(call, truth, delivery)
    }

    fn tell_step(&mut self, out: &mut BytesMut) {
        let Self { telling, encoder, .. } = self;
        telling.step(|choice, event| encoder.event(out, choice, event));
    }

    fn chunk(&self, from: u32) -> Chunk {
        let ended = self.next >= self.steps;
        let part = match (from == 0, ended) {
            (true, true) => Part::Whole,
            (true, false) => Part::First,
            (false, true) => Part::Last,
            (false, false) => Part::Middle,
        };
        let planned = Some((self.due.planned(from), Arc::clone(&self.lateness)));
        Chunk { mark: Mark { part, planned }, after: if ended { After::End } else { After::More } }
    }
}

impl<E: Encoder, H: Send + Unpin + 'static> Source for Delivery<E, H> {
    /// All tokens that are due, and the end with the last.
    fn poll_events(&mut self, context: &mut Context<'_>, out: &mut BytesMut) -> Poll<Chunk> {
        let from = self.next;
        // Some tokens are not told: one that ends inside of a character, a thought that is not shown.
        while out.is_empty() {
            let deadline = self.sleep.deadline();
            ready!(Pin::new(&mut self.sleep).poll(context));
            // The timer may be early by its coalescing window: what it woke for is due.
            let due = self.due.due(self.clock.now().max(deadline));
            while self.next < due && out.len() < FRAME_BYTES {
                self.tell_step(out);
                self.next += 1;
            }
            if self.next >= self.steps {
                if self.steps == 0 {
                    self.tell_step(out);
                }
                self.encoder.close(out, self.tokens);
                break;
            }
            self.sleep.reset(self.due.planned(self.next));
        }
        Poll::Ready(self.chunk(from))
    }
}
