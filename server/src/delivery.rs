//! What delivers a lease: each token when it is due, all that are due in one write.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::Response;
use bytes::BytesMut;
use weir_model::{Finish, Lease, TextTokens, TokenClock};
use weir_pace::{Clock, Sleep};

use crate::{
    api::Call,
    connection::{Mark, Part},
    event_body::{After, Chunk, EventBody, FRAME_BYTES, Source},
    telemetry::{Lateness, Truth},
};

/// How a dialect writes tokens.
pub(crate) trait Encoder: Send + Unpin + 'static {
    /// What comes before the first token, and with it.
    fn open(&mut self, out: &mut BytesMut);
    /// One token.
    fn token(&mut self, out: &mut BytesMut, token: &str);
    /// What comes after the last of `tokens` tokens, and with it.
    fn close(&mut self, out: &mut BytesMut, finish: Finish, tokens: u32);
}

/// Delivers a lease.
#[derive(Debug)]
pub(crate) struct Delivery<E, H> {
    tokens: TextTokens,
    due: TokenClock,
    count: u32,
    finish: Finish,
    /// Tokens delivered so far.
    next: u32,
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
            tokens: lease.content.tokens(),
            count: lease.content.token_count(),
            finish: lease.content.finish(),
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

    fn chunk(&self, from: u32) -> Chunk {
        let ended = self.next >= self.count;
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
        let deadline = self.sleep.deadline();
        ready!(Pin::new(&mut self.sleep).poll(context));
        // The timer may be early by its coalescing window: what it woke for is due.
        let due = self.due.due(self.clock.now().max(deadline));
        let from = self.next;
        if from == 0 {
            self.encoder.open(out);
        }
        while self.next < due && out.len() < FRAME_BYTES {
            let Some(token) = self.tokens.next() else { break };
            self.encoder.token(out, token);
            self.next += 1;
        }
        if self.next >= self.count {
            self.encoder.close(out, self.finish, self.count);
        } else {
            self.sleep.reset(self.due.planned(self.next));
        }
        Poll::Ready(self.chunk(from))
    }
}
