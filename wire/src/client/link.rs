use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::deadline::{Deadline, Watch};
use super::failure::{Failure, Phase};
use super::marks::Marks;
use super::timer::Timer;
use super::transport::{Stamped, Transport};

/// hyper's buffer begins with 8 KiB and grows when events come faster than they are read, up to this: more would be
/// kept for the rest of a stream. It bounds the head of a response, too.
pub(super) const BUFFER_BYTES_MAX: usize = 32 << 10;

type Driver = http1::Connection<TokioIo<Stamped>, Full<Bytes>>;

/// An open connection: hyper's two halves in one place, so that whoever waits for the one drives the other.
pub(super) struct Link {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Moves the bytes when polled. `None` once the connection is over.
    driver: Option<Driver>,
    /// Why it is over, when hyper could tell nobody else.
    error: Option<hyper::Error>,
    marks: Arc<Marks>,
}

impl Link {
    pub(super) async fn open(transport: Transport) -> Result<Self, Failure> {
        let marks = Arc::new(Marks::new());
        let io = TokioIo::new(Stamped::new(transport, Arc::clone(&marks)));
        let mut builder = http1::Builder::new();
        builder.max_buf_size(BUFFER_BYTES_MAX);
        let (sender, driver) = builder.handshake(io).await.map_err(|error| Failure::from_hyper(error, 0))?;
        Ok(Self { sender, driver: Some(driver), error: None, marks })
    }

    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Whether the connection has not ended, as far as was seen when it was last driven.
    pub(super) fn is_open(&self) -> bool {
        self.driver.is_some()
    }

    /// Whether a further request can be sent. Looks at the socket: a connection that the peer closed, or sent
    /// something unasked for, is not ready.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.is_open() && self.sender.is_ready())
        })
        .await
    }

    /// Moves what bytes can be moved.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(driver) = &mut self.driver
            && let Poll::Ready(outcome) = Pin::new(driver).poll(cx)
        {
            self.error = outcome.err();
            // Whoever still waits for this connection is told so by its end going away.
            self.driver = None;
        }
    }

    /// Sends a request and waits for the head of its response.
    pub(super) async fn exchange<T: Timer>(
        &mut self,
        request: http::Request<Full<Bytes>>,
        deadline: Option<Deadline>,
        watch: &mut Watch<T>,
    ) -> Result<http::Response<Incoming>, Failure> {
        self.marks.arm();
        let mut reply = pin!(self.sender.send_request(request));
        poll_fn(|cx| {
            self.drive(cx);
            match reply.as_mut().poll(cx) {
                Poll::Ready(reply) => Poll::Ready(reply.map_err(|error| self.failure(error))),
                Poll::Pending => watch.poll(cx, deadline.map(|deadline| self.name(deadline))).map(Err),
            }
        })
        .await
    }

    /// Sorts an error that hyper gave to a request or a body; the connection's own says more.
    pub(super) fn failure(&mut self, error: hyper::Error) -> Failure {
        Failure::from_hyper(self.error.take().unwrap_or(error), self.marks.received_bytes())
    }

    /// A request that is still being written waits for that, not for an answer.
    fn name(&self, deadline: Deadline) -> Deadline {
        match deadline.phase() {
            Phase::Headers if self.marks.is_sending() => deadline.in_phase(Phase::Send),
            _ => deadline,
        }
    }
}
