use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::deadline::Timer;
use super::deadline::{Deadline, DeadlineTimer};
use super::error::{BUFFER_BYTES_MAX, Phase, RequestError};
use super::socket_timestamps::SocketTimestamps;
use super::transport::{TimestampedTransport, Transport};

type Driver = http1::Connection<TokioIo<TimestampedTransport>, Full<Bytes>>;

/// An open connection: both halves of hyper's connection, so that the task that waits for a response also drives the I/O.
pub(super) struct OpenConnection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Reads and writes when polled. `None` once the connection has ended.
    driver: Option<Driver>,
    /// Why it has ended, if hyper did not report the error to a request.
    error: Option<hyper::Error>,
    timestamps: Arc<SocketTimestamps>,
    /// How long it took to connect: a round trip or more.
    round_trip: Duration,
}

/// Less time than this between a request and the close of its connection may be the delay of this machine.
const CROSSING_MIN: Duration = Duration::from_millis(5);

/// Servers close connections while they are idle at any time; a close that is seen later than this is none of these.
const CROSSING_MAX: Duration = Duration::from_secs(1);

/// Whether a connection that was closed at `closed` was closed before the peer received the request sent at `sent`: within
/// two round trips.
fn crossed(sent: Instant, closed: Instant, round_trip: Duration) -> bool {
    let bound = (round_trip * 2).clamp(CROSSING_MIN, CROSSING_MAX);
    closed.saturating_duration_since(sent) <= bound
}

impl OpenConnection {
    pub(super) async fn open(transport: Transport, round_trip: Duration) -> Result<Self, RequestError> {
        let timestamps = Arc::new(SocketTimestamps::new());
        let io = TokioIo::new(TimestampedTransport::new(transport, Arc::clone(&timestamps)));
        let mut builder = http1::Builder::new();
        builder.max_buf_size(BUFFER_BYTES_MAX);
        let (sender, driver) =
            builder.handshake(io).await.map_err(|error| RequestError::from_hyper(error, 0))?;
        Ok(Self { sender, driver: Some(driver), error: None, timestamps, round_trip })
    }

    pub(super) fn timestamps(&self) -> &SocketTimestamps {
        &self.timestamps
    }

    /// Whether the connection was still open when it was last driven.
    pub(super) fn is_open(&self) -> bool {
        self.driver.is_some()
    }

    /// Whether another request can be sent. Polls the socket: a connection that the peer has closed, or on which it has
    /// sent unexpected bytes, is not ready.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.is_open() && self.sender.is_ready())
        })
        .await
    }

    /// Whether the peer closed the connection before it received the last request.
    pub(super) fn closed_while_idle(&self) -> bool {
        let Some(sent) = self.timestamps.sent() else { return true };
        crossed(sent, self.timestamps.closed_at().unwrap_or_else(Instant::now), self.round_trip)
    }

    /// Reads and writes what is possible without waiting.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        self.timestamps.allow_reads();
        if let Some(driver) = &mut self.driver
            && let Poll::Ready(outcome) = Pin::new(driver).poll(cx)
        {
            self.error = outcome.err();
            // Dropping the driver wakes whatever still waits for this connection.
            self.driver = None;
        }
    }

    /// Sends a request and waits for the headers of its response.
    pub(super) async fn exchange<T: Timer>(
        &mut self,
        request: http::Request<Full<Bytes>>,
        deadline: Option<Deadline>,
        timer: &mut DeadlineTimer<T>,
    ) -> Result<http::Response<Incoming>, RequestError> {
        self.timestamps.reset();
        let mut response = pin!(self.sender.send_request(request));
        poll_fn(|cx| {
            self.drive(cx);
            match response.as_mut().poll(cx) {
                Poll::Ready(response) => Poll::Ready(response.map_err(|error| self.classify(error))),
                Poll::Pending => {
                    timer.poll(cx, deadline.map(|deadline| self.with_current_phase(deadline))).map(Err)
                }
            }
        })
        .await
    }

    /// Classifies an error that hyper reported for a request or a body; prefers the error of the connection.
    pub(super) fn classify(&mut self, error: hyper::Error) -> RequestError {
        RequestError::from_hyper(self.error.take().unwrap_or(error), self.timestamps.received_bytes())
    }

    /// Adjusts the phase of the deadline while the request is still being written.
    fn with_current_phase(&self, deadline: Deadline) -> Deadline {
        match deadline.phase() {
            Phase::Headers if self.timestamps.is_sending() => deadline.in_phase(Phase::Send),
            Phase::Headers => deadline.with_informational(self.timestamps.informational_count()),
            _ => deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossed_depends_on_the_round_trip() {
        const MS: fn(u64) -> Duration = Duration::from_millis;
        let sent = Instant::now();
        let after = |ms, round_trip| crossed(sent, sent + MS(ms), MS(round_trip));
        assert!(after(5, 0) && !after(6, 0));
        assert!(after(80, 40) && !after(81, 40));
        assert!(after(1_000, 5_000) && !after(1_001, 5_000));
    }
}
