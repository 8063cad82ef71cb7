//! A TCP stream that logs the times of its writes, with a lingering close.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use weir_pace::{Clock, Sleep};

use super::WriteLog;

/// How long a client may continue to send a request that was answered before its end.
const LINGER: Duration = Duration::from_secs(2);
/// Maximum bytes that are read and discarded.
const LINGER_BYTES: usize = 64 << 20;

/// A TCP stream that logs the times of its writes.
///
/// A request that is refused before it was read (413) leaves unread bytes. Closing at once would reset
/// the connection, and the client would lose the response while still sending; so the bytes are read first.
#[derive(Debug)]
pub(crate) struct StampedStream {
    stream: TcpStream,
    log: Arc<WriteLog>,
    clock: Clock,
    linger: Option<Linger>,
    /// How long a write may make no progress, because the client does not read.
    write_limit: Duration,
    /// The end of that time, while a write waits.
    stalled: Option<Box<Sleep>>,
}

#[derive(Debug)]
struct Linger {
    until: Sleep,
    read: usize,
}

impl StampedStream {
    pub(crate) const fn new(
        stream: TcpStream,
        log: Arc<WriteLog>,
        clock: Clock,
        write_limit: Duration,
    ) -> Self {
        Self { stream, log, clock, linger: None, write_limit, stalled: None }
    }

    /// Fails a write that has made no progress for too long.
    fn limit_wait(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let Self { stalled, clock, write_limit, .. } = self;
        let until = stalled.get_or_insert_with(|| Box::new(clock.sleep(*write_limit)));
        ready!(Pin::new(&mut **until).poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing")))
    }

    fn stamp(&self, written: io::Result<usize>) -> Poll<io::Result<usize>> {
        if written.is_ok() {
            self.log.wrote(Instant::now());
        }
        Poll::Ready(written)
    }

    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, clock, linger, .. } = self;
        let linger = linger.get_or_insert_with(|| Linger { until: clock.sleep(LINGER), read: 0 });
        let mut scratch = [0; 16 << 10];
        loop {
            if Pin::new(&mut linger.until).poll(context).is_ready() || linger.read > LINGER_BYTES {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => linger.read += buffer.filled().len(),
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl Drop for StampedStream {
    fn drop(&mut self) {
        if self.log.is_reset_at_end()
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "cannot reset a connection");
        }
    }
}

impl AsyncRead for StampedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for StampedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let written = ready!(self.limit_wait(context, written));
        self.stamp(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        let written = ready!(self.limit_wait(context, written));
        self.stamp(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(context));
        self.log.flushed();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            let closed = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
            if closed.is_err() || !self.log.is_unread() {
                return Poll::Ready(closed);
            }
        }
        self.poll_linger(context)
    }
}
