//! The body of a request: it has to arrive in time, and what a handler leaves unread is read after the answer.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use weir_pace::{Clock, Sleep};

use super::{unread_body::UnreadBody, write_log::WriteLog};

/// A body that arrives at this rate, in bytes per second, is not late, however large it is.
const RATE: u64 = 16 << 10;
/// The error of a body that is not complete in time.
#[derive(Debug)]
pub(crate) struct BodyTimedOut {
    limit: Duration,
}

impl fmt::Display for BodyTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body did not arrive within {:?}", self.limit)
    }
}

impl std::error::Error for BodyTimedOut {}

/// The body of a request.
pub(crate) struct RequestBody {
    /// Taken when it is dropped.
    body: Option<Incoming>,
    log: Arc<WriteLog>,
    clock: Clock,
    limit: Duration,
    start: Instant,
    received: u64,
    /// Set when the handler first waits for the body.
    deadline: Option<Sleep>,
    has_ended: bool,
    /// Whether the client waits for `100 Continue`, which reading the body sends.
    expects_continue: bool,
}

impl RequestBody {
    /// Returns the request with its body, which has to arrive within `limit`, longer if it is large.
    pub(crate) fn wrap(
        request: hyper::Request<Incoming>,
        log: &Arc<WriteLog>,
        clock: &Clock,
        limit: Duration,
    ) -> hyper::Request<Self> {
        let expects_continue = request.headers().contains_key(http::header::EXPECT);
        request.map(|body| Self {
            has_ended: body.is_end_stream(),
            body: Some(body),
            log: Arc::clone(log),
            clock: clock.clone(),
            limit,
            start: clock.now(),
            received: 0,
            deadline: None,
            expects_continue,
        })
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        this.expects_continue = false;
        match Pin::new(body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                this.has_ended = true;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                this.has_ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                let allowed = this.limit + Duration::from_secs(this.received / RATE);
                let due = weir_pace::instant_after(this.start, allowed);
                let deadline = this.deadline.get_or_insert_with(|| this.clock.sleep_until(due));
                if deadline.deadline() != due {
                    deadline.reset(due);
                }
                if Pin::new(deadline).poll(context).is_pending() {
                    return Poll::Pending;
                }
                this.has_ended = true;
                this.log.leave_unread();
                Poll::Ready(Some(Err(BodyTimedOut { limit: allowed }.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if !self.has_ended && !body.is_end_stream() {
            self.log.keep_unread(UnreadBody::new(body, self.expects_continue));
        }
    }
}
