use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::response_start::ResponseStart;
use super::socket_timestamps::SocketTimestamps;

/// The byte stream of a connection.
#[derive(Debug)]
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A transport that timestamps when bytes pass: plain ones, for it lies outside of TLS.
///
/// hyper reads only after it has consumed the previous read, and buffers at most one chunk of a body. So when it yields a
/// chunk, the last read is the one that completed it.
#[derive(Debug)]
pub(super) struct TimestampedTransport {
    transport: Transport,
    timestamps: Arc<SocketTimestamps>,
    start: ResponseStart,
}

impl TimestampedTransport {
    pub(super) fn new(transport: Transport, timestamps: Arc<SocketTimestamps>) -> Self {
        Self { transport, timestamps, start: ResponseStart::default() }
    }

    /// Records bytes that were read at `at`.
    fn record_read(&mut self, bytes: &[u8], at: Instant) {
        if self.timestamps.received_bytes() == 0 {
            self.start = ResponseStart::default();
        }
        if self.start.is_in(bytes) {
            self.timestamps.response_started(at);
        }
        self.timestamps.informational(self.start.informational());
        self.timestamps.read(bytes.len(), at);
    }

    fn record_write(&self, started: Instant, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(1..)) => self.timestamps.wrote(started),
            Poll::Ready(Ok(0) | Err(_)) => {}
            Poll::Pending => self.timestamps.write_blocked(),
        }
    }
}

/// Calls a method of the stream that the transport contains.
macro_rules! on_stream {
    ($self:expr, $stream:ident => $call:expr) => {
        match &mut $self.transport {
            Transport::Plain(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Transport::Tls(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for TimestampedTransport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.timestamps.take_read() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let outcome = ready!(on_stream!(self, stream => stream.poll_read(cx, buffer)));
        let now = Instant::now();
        match buffer.filled().get(before..) {
            None | Some([]) => self.timestamps.closed(now),
            Some(bytes) => self.record_read(bytes, now),
        }
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for TimestampedTransport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let started = Instant::now();
        let written = on_stream!(self, stream => stream.poll_write(cx, bytes));
        self.record_write(started, &written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let started = Instant::now();
        let written = on_stream!(self, stream => stream.poll_write_vectored(cx, slices));
        self.record_write(started, &written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, stream => stream.poll_shutdown(cx))
    }
}
