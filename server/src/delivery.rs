//! The response body that delivers a lease: each token when it is due, all that are due in one write.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::Frame;
use weir_model::{Finish, Lease, TextTokens, TokenClock};
use weir_pace::{Clock, Sleep};

use crate::{
    api::{Call, Trailers},
    connection::{Mark, Part, WriteLog},
    telemetry::{Lateness, Truth},
};

pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
/// A frame takes no further token once it has this many bytes, so that a slow reader costs bounded memory.
pub(crate) const FRAME_BYTES: usize = 64 << 10;

/// How a dialect writes tokens.
pub(crate) trait Encoder: Send + Unpin + 'static {
    /// What comes before the first token, and with it.
    fn open(&mut self, out: &mut BytesMut);
    /// One token.
    fn token(&mut self, out: &mut BytesMut, token: &str);
    /// What comes after the last of `tokens` tokens, and with it.
    fn close(&mut self, out: &mut BytesMut, finish: Finish, tokens: u32);
}

/// Delivers a lease. Dropped early, because its client left, it gives back all that it holds.
#[derive(Debug)]
pub(crate) struct Delivery<E, H> {
    tokens: TextTokens,
    due: TokenClock,
    count: u32,
    finish: Finish,
    /// Tokens delivered so far.
    next: u32,
    encoder: E,
    buffer: BytesMut,
    clock: Clock,
    sleep: Sleep,
    log: Arc<WriteLog>,
    lateness: Arc<Lateness>,
    truth: Truth,
    trailers: Trailers,
    state: State,
    /// Held, never read.
    _held: H,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Delivering,
    /// All is handed over; the truth follows once it is written.
    Trailing,
    Done,
}

impl<E: Encoder, H: Send + Unpin + 'static> Delivery<E, H> {
    /// Delivers `lease` as the answer to `call`, and holds `held` until the end.
    pub(crate) fn new(call: &Call, lease: Lease, mut truth: Truth, encoder: E, held: H) -> Self {
        truth.planned_ttft = Some(lease.clock.planned(0));
        truth.planned_total = Some(lease.clock.end());
        Self {
            tokens: lease.content.tokens(),
            count: lease.content.token_count(),
            finish: lease.content.finish(),
            next: 0,
            sleep: call.app.clock.sleep_until(lease.clock.planned(0)),
            due: lease.clock,
            encoder,
            buffer: BytesMut::new(),
            clock: call.app.clock.clone(),
            log: Arc::clone(&call.arrival.log),
            lateness: Arc::clone(&call.app.metrics.lateness),
            truth,
            trailers: call.trailers(),
            state: State::Delivering,
            _held: held,
        }
    }

    /// The answer with this body.
    pub(crate) fn into_response(self) -> Response {
        event_stream(self.trailers, Body::new(self))
    }

    /// The next frame: all tokens that are due, and the end with the last.
    fn poll_tokens(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        let deadline = self.sleep.deadline();
        ready!(Pin::new(&mut self.sleep).poll(context));
        // The timer may be early by its coalescing window: what it woke for is due.
        let due = self.due.due(self.clock.now().max(deadline));
        let from = self.next;
        if from == 0 {
            self.encoder.open(&mut self.buffer);
        }
        while self.next < due && self.buffer.len() < FRAME_BYTES {
            let Some(token) = self.tokens.next() else { break };
            self.encoder.token(&mut self.buffer, token);
            self.next += 1;
        }
        if self.next >= self.count {
            self.encoder.close(&mut self.buffer, self.finish, self.count);
            self.state = State::Trailing;
        } else {
            self.sleep.reset(self.due.planned(self.next));
        }
        self.mark(from);
        Poll::Ready(self.buffer.split().freeze())
    }

    fn mark(&self, from: u32) {
        let part = match (from == 0, self.next >= self.count) {
            (true, true) => Part::Whole,
            (true, false) => Part::First,
            (false, true) => Part::Last,
            (false, false) => Part::Middle,
        };
        let planned = Some((self.due.planned(from), Arc::clone(&self.lateness)));
        self.log.expect(Mark { part, planned });
    }
}

impl<E: Encoder, H: Send + Unpin + 'static> http_body::Body for Delivery<E, H> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.state {
            State::Delivering => self.poll_tokens(context).map(|bytes| Some(Ok(Frame::data(bytes)))),
            State::Trailing if self.trailers == Trailers::Wanted => {
                let this = &mut *self;
                let truth = ready!(poll_trailers(&this.log, &mut this.truth, context));
                self.state = State::Done;
                Poll::Ready(truth.map(|trailers| Ok(Frame::trailers(trailers))))
            }
            State::Trailing | State::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.state {
            State::Delivering => false,
            State::Trailing => self.trailers == Trailers::NotWanted,
            State::Done => true,
        }
    }
}

/// Ready once everything is written: the trailers that say when.
pub(crate) fn poll_trailers(
    log: &WriteLog,
    truth: &mut Truth,
    context: &Context<'_>,
) -> Poll<Option<HeaderMap>> {
    let (first, last) = ready!(log.poll_written(context));
    truth.delivered_ttft = first;
    truth.delivered_total = last;
    Poll::Ready(truth.header().map(|value| HeaderMap::from_iter([(SERVER_TIMING, value)])))
}

/// An answer that is a stream of events.
pub(crate) fn event_stream(trailers: Trailers, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if trailers == Trailers::Wanted {
        headers.insert(header::TRAILER, HeaderValue::from_static("server-timing"));
    }
    response
}
