//! A body that holds permits, gauges and durations until its end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

pin_project_lite::pin_project! {
    /// A body with a guard that is released when it has ended or its client has left: permits, gauges, durations.
    #[derive(Debug)]
    pub(super) struct GuardedBody<B, H> {
        #[pin]
        body: B,
        held: H,
    }
}

impl<B, H> GuardedBody<B, H> {
    pub(super) const fn new(body: B, held: H) -> Self {
        Self { body, held }
    }
}

impl<B: Body<Data = Bytes>, H> Body for GuardedBody<B, H> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().body.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
