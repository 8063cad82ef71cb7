//! A request body that is read before its request is handled.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;

/// What has been read of a body, and the rest of it.
struct Prefetched {
    frames: VecDeque<Bytes>,
    /// Why the body ended early.
    error: Option<axum::Error>,
    /// Left unread because the body is larger than the limit.
    rest: Option<Body>,
}

/// Reads the body of a request, up to a little more than `limit` bytes. Errors are kept for the handler.
pub(super) async fn prefetch(request: Request, limit: usize) -> Request {
    let (parts, mut body) = request.into_parts();
    if body.is_end_stream() || body.size_hint().lower() > limit as u64 {
        return Request::from_parts(parts, body);
    }
    let mut read = Prefetched { frames: VecDeque::new(), error: None, rest: None };
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => {
                bytes += data.len();
                read.frames.push_back(data);
            }
            // Trailers mean nothing to any handler.
            Ok(Err(_)) => {}
            Err(error) => {
                read.error = Some(error);
                break;
            }
        }
        if bytes > limit {
            read.rest = Some(body);
            break;
        }
    }
    Request::from_parts(parts, Body::new(read))
}

impl http_body::Body for Prefetched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(data) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.error.is_none() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.frames.iter().map(|data| data.len() as u64).sum();
        match &self.rest {
            None => SizeHint::with_exact(read),
            Some(rest) => {
                let mut hint = SizeHint::new();
                hint.set_lower(read + rest.size_hint().lower());
                hint
            }
        }
    }
}

impl fmt::Debug for Prefetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefetched").field("frames", &self.frames.len()).finish_non_exhaustive()
    }
}
