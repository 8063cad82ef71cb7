use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, response};
use http_body::Body;
use hyper::body::Incoming;

use super::connection::Connection;
use super::deadline::Deadline;
use super::failure::{Failure, Phase};
use super::link::Link;
use super::stamps::{Progress, Stamps};
use super::timer::Timer;

/// A response whose head has come, and whose body is read piece by piece.
///
/// Read to its end, it leaves its connection for the next request; dropped before, it closes it.
pub struct Response<'c, T: Timer> {
    connection: &'c mut Connection<T>,
    /// `None` once the response has ended or failed.
    link: Option<Box<Link>>,
    head: response::Parts,
    framing: Framing,
    hold: Hold,
    body: Incoming,
    trailers: Option<HeaderMap>,
    stamps: Stamps,
    received_bytes: usize,
    /// When the caller began to wait for the next piece.
    waiting_since: Option<Instant>,
}

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// Where it says itself.
    Delimited,
    /// Where the connection ends.
    UntilClose,
}

/// What a head says about its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// It goes on.
    Keep,
    /// The server may not want to go on.
    Uncertain,
}

/// A piece of a body, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes; never none.
    pub bytes: Bytes,
    /// When the read that brought them returned, before anything was parsed. Pieces that came with one read have
    /// the same instant.
    pub at: Instant,
}

impl<'c, T: Timer> Response<'c, T> {
    pub(super) fn new(
        connection: &'c mut Connection<T>,
        link: Box<Link>,
        reply: http::Response<Incoming>,
        progress: Progress,
    ) -> Self {
        let (head, body) = reply.into_parts();
        let has = |name: &HeaderName| head.headers.contains_key(name);
        let framing = if has(&CONTENT_LENGTH) || has(&TRANSFER_ENCODING) {
            Framing::Delimited
        } else {
            Framing::UntilClose
        };
        let hold =
            if head.version < Version::HTTP_11 || has(&CONNECTION) { Hold::Uncertain } else { Hold::Keep };
        let headers = progress.headers.unwrap_or(progress.started);
        let stamps = Stamps {
            started: progress.started,
            connected: progress.connected,
            sent: progress.sent.unwrap_or(progress.started),
            first_byte: progress.first_byte.unwrap_or(headers),
            headers,
            end: None,
            reused: progress.connected.is_none(),
        };
        Self {
            connection,
            link: Some(link),
            head,
            framing,
            hold,
            body,
            trailers: None,
            stamps,
            received_bytes: 0,
            waiting_since: None,
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The headers, of which none are left here. They hold the buffer in which they came: whoever reads a long stream,
    /// and drops them first, has it used again.
    #[must_use]
    pub fn take_headers(&mut self) -> HeaderMap {
        mem::take(&mut self.head.headers)
    }

    /// How the body is encoded (`gzip`, …) when it is: the bytes of [`chunk`](Self::chunk) are as sent, so text or
    /// events cannot be read from them. Only a request that asked for it, or a server that does what it was not asked
    /// for, has one.
    #[must_use]
    pub fn content_encoding(&self) -> Option<&HeaderValue> {
        self.headers()
            .get(CONTENT_ENCODING)
            .filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    }

    /// The instants so far.
    #[must_use]
    pub fn stamps(&self) -> Stamps {
        self.stamps
    }

    /// The trailers, after the end of a body that has some.
    #[must_use]
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// The next piece of the body, or `None` at its end.
    ///
    /// Dropping the future loses nothing: the next call goes on where it was.
    ///
    /// # Errors
    ///
    /// [`Failure::Timeout`], [`Failure::Reset`], [`Failure::Truncated`], [`Failure::Protocol`] or
    /// [`Failure::TooLarge`], once; then the body is over.
    pub async fn chunk(&mut self) -> Result<Option<Chunk>, Failure> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The rest of the body in one piece, of at most `limit_bytes`.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk), with [`Failure::TooLarge`] for a body beyond `limit_bytes`.
    pub async fn collect(&mut self, limit_bytes: usize) -> Result<Bytes, Failure> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        self.check_size(first.bytes.len(), limit_bytes)?;
        // Most bodies come with one read: those need no copy.
        let Some(second) = self.chunk().await? else { return Ok(first.bytes) };
        let mut whole = BytesMut::from(first.bytes);
        let mut next = Some(second);
        while let Some(chunk) = next {
            self.check_size(whole.len() + chunk.bytes.len(), limit_bytes)?;
            whole.extend_from_slice(&chunk.bytes);
            next = self.chunk().await?;
        }
        Ok(whole.freeze())
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>, Failure>> {
        if let Poll::Ready(outcome) = self.poll_body(cx) {
            return Poll::Ready(outcome);
        }
        if let Some(link) = &mut self.link {
            link.drive(cx);
        }
        if let Poll::Ready(outcome) = self.poll_body(cx) {
            return Poll::Ready(outcome);
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let shared = &self.connection.shared;
        let idle = Deadline::of(Phase::Idle, since, shared.timeouts.idle);
        let timed_out =
            self.connection.watch.poll(cx, Deadline::sooner(idle, shared.total(self.stamps.started)));
        timed_out.map(|failure| Err(self.fail(failure)))
    }

    /// What hyper has ready of the body.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>, Failure>> {
        loop {
            let Some(link) = &mut self.link else { return Poll::Ready(Ok(None)) };
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else { return Poll::Pending };
            self.waiting_since = None;
            match frame {
                None => {
                    self.complete(cx);
                    return Poll::Ready(Ok(None));
                }
                Some(Err(error)) => {
                    let failure = link.failure(error);
                    return Poll::Ready(Err(self.fail(failure)));
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => {
                        let at = link.marks().last_read().unwrap_or(self.stamps.headers);
                        return Poll::Ready(self.take_in(bytes.len()).map(|()| Some(Chunk { bytes, at })));
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
            }
        }
    }

    fn take_in(&mut self, bytes: usize) -> Result<(), Failure> {
        self.received_bytes = self.received_bytes.saturating_add(bytes);
        self.check_size(self.received_bytes, self.connection.shared.max_body_bytes)
    }

    fn check_size(&mut self, bytes: usize, limit_bytes: usize) -> Result<(), Failure> {
        if bytes > limit_bytes { Err(self.fail(Failure::TooLarge { limit_bytes })) } else { Ok(()) }
    }

    /// The body is over: keeps the connection, unless it is over too.
    fn complete(&mut self, cx: &mut Context<'_>) {
        let Some(mut link) = self.link.take() else { return };
        let marks = link.marks();
        let last_read = marks.last_read().unwrap_or(self.stamps.headers);
        self.end(match self.framing {
            Framing::Delimited => last_read,
            Framing::UntilClose => marks.closed_at().unwrap_or(last_read),
        });
        if self.hold == Hold::Uncertain {
            // Lets hyper close its side now, rather than at the next request.
            link.drive(cx);
        }
        self.connection.idle = link.is_open().then_some(link);
    }

    /// Closes the connection.
    fn fail(&mut self, failure: Failure) -> Failure {
        self.link = None;
        self.end(Instant::now());
        failure
    }

    fn end(&mut self, at: Instant) {
        self.stamps.end = Some(at);
        if let Some(progress) = &mut self.connection.progress {
            progress.end = Some(at);
        }
    }
}

impl<T: Timer> fmt::Debug for Response<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.head.status)
            .field("headers", &self.head.headers)
            .field("stamps", &self.stamps)
            .finish_non_exhaustive()
    }
}
