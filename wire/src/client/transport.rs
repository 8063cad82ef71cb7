use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::marks::Marks;

/// What carries the bytes of a connection.
#[derive(Debug)]
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A transport that marks when bytes pass: plain ones, for it lies outside of TLS.
///
/// hyper reads only when it has used up what it read before, and holds back at most one piece of a body that was
/// not taken yet. So when it hands out a piece, the last read is the one that completed it.
#[derive(Debug)]
pub(super) struct Stamped {
    transport: Transport,
    marks: Arc<Marks>,
}

impl Stamped {
    pub(super) fn new(transport: Transport, marks: Arc<Marks>) -> Self {
        Self { transport, marks }
    }

    fn mark_write(&self, began: Instant, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(1..)) => self.marks.wrote(began),
            Poll::Ready(Ok(0) | Err(_)) => {}
            Poll::Pending => self.marks.write_blocked(),
        }
    }
}

/// Calls a method of whichever stream the transport is.
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

impl AsyncRead for Stamped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = ready!(on_stream!(self, stream => stream.poll_read(cx, buffer)));
        let now = Instant::now();
        match buffer.filled().len() - before {
            0 => self.marks.closed(now),
            bytes => self.marks.read(bytes, now),
        }
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for Stamped {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let began = Instant::now();
        let written = on_stream!(self, stream => stream.poll_write(cx, bytes));
        self.mark_write(began, &written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let began = Instant::now();
        let written = on_stream!(self, stream => stream.poll_write_vectored(cx, slices));
        self.mark_write(began, &written);
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
