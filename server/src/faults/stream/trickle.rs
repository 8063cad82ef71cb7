//! A body in small pieces.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use weir_pace::{Clock, Sleep};

use crate::{
    connection::{Mark, WriteLog},
    telemetry::FramePart,
};

/// A body that is written in pieces, with time between them. It holds the original body until its end.
#[derive(Debug)]
pub(super) struct TrickledBody {
    inner: Body,
    bytes: usize,
    every: Duration,
    clock: Clock,
    log: Arc<WriteLog>,
    /// What was read and not yet written.
    rest: Bytes,
    /// When the next piece is due, after the first.
    next: Option<Sleep>,
}

impl TrickledBody {
    pub(super) const fn new(
        inner: Body,
        (bytes, every): (usize, Duration),
        clock: Clock,
        log: Arc<WriteLog>,
    ) -> Self {
        Self { inner, bytes, every, clock, log, rest: Bytes::new(), next: None }
    }
}

impl http_body::Body for TrickledBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        while this.rest.is_empty() {
            match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        if let Some(next) = &mut this.next {
            ready!(Pin::new(&mut *next).poll(context));
            // A late piece does not delay the next; after a pause of the answer, there is nothing to catch up with.
            next.reset((next.deadline() + this.every).max(this.clock.now()));
            // Its frame was announced before, and this piece of it is written now.
            this.log.expect(Mark::new(FramePart::Middle));
        } else {
            this.next = Some(this.clock.sleep(this.every));
        }
        let piece = this.rest.split_to(this.bytes.min(this.rest.len()));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
