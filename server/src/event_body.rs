//! The response body of a stream of events: writes all available events of its source
//! at once, and after the last write the `Server-Timing` trailer.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use http_body::Frame;

use crate::{
    connection::{Mark, WriteLog},
    request::{RequestContext, Trailers},
    telemetry::{SERVER_TIMING, ServerTiming},
};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
/// A frame takes no further event once it has this many bytes, so that a slow reader costs bounded memory: with its last
/// event, it still fits into a buffer of 16 KiB, which would otherwise double.
pub const FRAME_BYTES: usize = 15 << 10;

/// The event that ends a stream: `data: [DONE]`.
pub const SSE_DONE: &[u8] = weir_wire::sse::DONE;

/// The source of a stream's events. If it is dropped early, because its client left, it releases all that it holds.
pub trait EventSource: Send + Unpin + 'static {
    /// Writes all available events to `out`; ready when there is at least one.
    fn poll_events(&mut self, context: &mut Context<'_>, out: &mut BytesMut) -> Poll<Chunk>;

    /// Adds the planned instants, as far as they are known; called after the last chunk.
    fn add_planned(&mut self, _timing: &mut ServerTiming) {}
}

/// A chunk that a source has written.
#[derive(Debug)]
pub struct Chunk {
    /// The position of its frame in the answer.
    pub mark: Mark,
    /// What follows it.
    pub after: After,
}

/// What follows a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// More chunks.
    More,
    /// The end of the stream.
    End,
}

/// The body of an answer that is a stream of events.
#[derive(Debug)]
pub struct EventBody<S> {
    source: S,
    buffer: BytesMut,
    log: Arc<WriteLog>,
    timing: ServerTiming,
    trailers: Trailers,
    state: BodyState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyState {
    Streaming,
    /// All events are passed on; the trailer follows when they are written.
    Trailing,
    Done,
}

impl<S: EventSource> EventBody<S> {
    /// Returns the response to `call` with the events of `source`.
    pub fn respond(call: &RequestContext, timing: ServerTiming, source: S) -> Response {
        let trailers = call.trailers();
        let log = Arc::clone(&call.arrival.log);
        let body =
            Self { source, buffer: BytesMut::new(), log, timing, trailers, state: BodyState::Streaming };
        let mut response = Response::new(Body::new(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if trailers == Trailers::Wanted {
            headers.insert(header::TRAILER, HeaderValue::from_name(SERVER_TIMING));
        }
        response
    }

    /// Ready once everything is written.
    fn poll_trailers(&mut self, context: &Context<'_>) -> Poll<HeaderMap> {
        let (first, last) = ready!(self.log.poll_written(context));
        self.timing.delivered_ttft = first;
        self.timing.delivered_total = last;
        self.state = BodyState::Done;
        let mut trailers = HeaderMap::with_capacity(1);
        self.timing.write_to(&mut trailers);
        Poll::Ready(trailers)
    }
}

impl<S: EventSource> http_body::Body for EventBody<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        match this.state {
            BodyState::Streaming => {
                let Chunk { mark, after } = ready!(this.source.poll_events(context, &mut this.buffer));
                if after == After::End {
                    this.source.add_planned(&mut this.timing);
                    this.state = BodyState::Trailing;
                }
                this.log.expect(mark);
                Poll::Ready(Some(Ok(Frame::data(this.buffer.split().freeze()))))
            }
            BodyState::Trailing if this.trailers == Trailers::Wanted => {
                this.poll_trailers(context).map(|trailers| Some(Ok(Frame::trailers(trailers))))
            }
            BodyState::Trailing | BodyState::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.state {
            BodyState::Streaming => false,
            BodyState::Trailing => self.trailers == Trailers::NotWanted,
            BodyState::Done => true,
        }
    }
}
