use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, response};
use http_body::Body;
use hyper::body::Incoming;

use super::context::ConnectionSlot;
use super::deadline::Deadline;
use super::deadline::Timer;
use super::error::{Phase, RequestError};
use super::open_connection::OpenConnection;
use super::timestamps::{PartialTimestamps, Timestamps};

/// A response whose headers have arrived and whose body is read in chunks.
///
/// Reading it to its end keeps the connection for the next request; dropping it before closes the connection.
pub struct Response<'c, T: Timer> {
    slot: &'c mut ConnectionSlot<T>,
    /// `None` once the response has ended or failed.
    open_connection: Option<Box<OpenConnection>>,
    head: response::Parts,
    framing: Framing,
    keep_alive: KeepAlive,
    body: Incoming,
    trailers: Option<HeaderMap>,
    timestamps: Timestamps,
    received_bytes: usize,
    /// Since when the caller has been waiting for the next chunk.
    waiting_since: Option<Instant>,
}

/// How the end of a body is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// By `content-length` or `transfer-encoding`.
    Delimited,
    /// By the end of the connection.
    UntilClose,
}

/// Whether the connection stays open, according to the response headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeepAlive {
    /// It stays open.
    Expected,
    /// The server may close it.
    Uncertain,
}

/// A chunk of a body, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes; never empty.
    pub bytes: Bytes,
    /// The instant at which the read that received them returned, before parsing. Chunks of the same read have the same
    /// instant.
    pub at: Instant,
}

impl<'c, T: Timer> Response<'c, T> {
    pub(super) fn new(
        slot: &'c mut ConnectionSlot<T>,
        open_connection: Box<OpenConnection>,
        response: http::Response<Incoming>,
        progress: PartialTimestamps,
    ) -> Self {
        let (head, body) = response.into_parts();
        let has = |name: &HeaderName| head.headers.contains_key(name);
        let framing = if has(&CONTENT_LENGTH) || has(&TRANSFER_ENCODING) {
            Framing::Delimited
        } else {
            Framing::UntilClose
        };
        let keep_alive = if head.version < Version::HTTP_11 || has(&CONNECTION) {
            KeepAlive::Uncertain
        } else {
            KeepAlive::Expected
        };
        let headers = progress.headers.unwrap_or(progress.started);
        let timestamps = Timestamps {
            started: progress.started,
            connected: progress.connected,
            sent: progress.sent.unwrap_or(progress.started),
            first_byte: progress.first_byte.unwrap_or(headers),
            headers,
            end: None,
            reused: progress.connected.is_none(),
        };
        Self {
            slot,
            open_connection: Some(open_connection),
            head,
            framing,
            keep_alive,
            body,
            trailers: None,
            timestamps,
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

    /// Takes the headers out. They keep the read buffer in which they arrived alive, so a caller that reads a long stream
    /// should drop them first.
    #[must_use]
    pub fn take_headers(&mut self) -> HeaderMap {
        mem::take(&mut self.head.headers)
    }

    /// The encoding of the body (`gzip`, …), if it is encoded: the bytes of [`chunk`](Self::chunk) are not decoded, so they
    /// cannot be read as text or events.
    #[must_use]
    pub fn content_encoding(&self) -> Option<&HeaderValue> {
        self.headers()
            .get(CONTENT_ENCODING)
            .filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    }

    /// The timestamps so far.
    #[must_use]
    pub fn timestamps(&self) -> Timestamps {
        self.timestamps
    }

    /// The trailers, once the end of the body has been read.
    #[must_use]
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// Returns the next chunk of the body, or `None` at its end.
    ///
    /// Cancel safe: dropping the future loses no data.
    ///
    /// # Errors
    ///
    /// [`RequestError::Timeout`], [`RequestError::Reset`], [`RequestError::Truncated`], [`RequestError::Protocol`] or
    /// [`RequestError::TooLarge`], once; then the body has ended.
    pub async fn chunk(&mut self) -> Result<Option<Chunk>, RequestError> {
        poll_fn(|cx| self.poll_chunk(cx, None)).await
    }

    /// Reads the rest of the body without keeping it, so that the connection can be reused. If the body has not ended
    /// after `within`, the connection is closed.
    ///
    /// # Errors
    ///
    /// Like [`chunk`](Self::chunk); [`RequestError::Timeout`] if the body did not end in time.
    pub async fn drain(&mut self, within: Duration) -> Result<(), RequestError> {
        let limit = Deadline::new(Phase::Idle, Instant::now(), within);
        poll_fn(|cx| {
            loop {
                match ready!(self.poll_chunk(cx, limit)) {
                    Ok(None) => return Poll::Ready(Ok(())),
                    Err(error) => return Poll::Ready(Err(error)),
                    // The bytes of a server that never pauses are always ready.
                    Ok(Some(_)) => {
                        if let Some(passed) = limit.filter(|limit| limit.has_passed(Instant::now())) {
                            return Poll::Ready(Err(self.fail(passed.error())));
                        }
                    }
                }
            }
        })
        .await
    }

    /// Returns the rest of the body, at most `limit_bytes` long.
    ///
    /// # Errors
    ///
    /// Like [`chunk`](Self::chunk); [`RequestError::TooLarge`] for a body longer than `limit_bytes`.
    pub async fn collect(&mut self, limit_bytes: usize) -> Result<Bytes, RequestError> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        self.check_size(first.bytes.len(), limit_bytes)?;
        // Most bodies arrive in one chunk, which needs no copy.
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

    /// Polls for the next chunk. The wait for it ends at `limit`, if the timeouts do not end it earlier.
    fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Deadline>,
    ) -> Poll<Result<Option<Chunk>, RequestError>> {
        if let Poll::Ready(outcome) = self.poll_body(cx) {
            return Poll::Ready(outcome);
        }
        if let Some(open_connection) = &mut self.open_connection {
            open_connection.drive(cx);
        }
        if let Poll::Ready(outcome) = self.poll_body(cx) {
            return Poll::Ready(outcome);
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let shared = &self.slot.shared;
        let idle = Deadline::new(Phase::Idle, since, shared.timeouts.idle);
        let deadline = Deadline::earlier(idle, shared.total(self.timestamps.started));
        let timed_out = self.slot.timer.poll(cx, Deadline::earlier(limit, deadline));
        timed_out.map(|error| Err(self.fail(error)))
    }

    /// Returns what hyper has ready of the body.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Chunk>, RequestError>> {
        loop {
            let Some(open_connection) = &mut self.open_connection else { return Poll::Ready(Ok(None)) };
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else { return Poll::Pending };
            self.waiting_since = None;
            match frame {
                None => {
                    self.complete(cx);
                    return Poll::Ready(Ok(None));
                }
                Some(Err(error)) => {
                    let error = open_connection.classify(error);
                    return Poll::Ready(Err(self.fail(error)));
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => {
                        let at = open_connection.timestamps().last_read().unwrap_or(self.timestamps.headers);
                        return Poll::Ready(self.count(bytes.len()).map(|()| Some(Chunk { bytes, at })));
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
            }
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), RequestError> {
        self.received_bytes = self.received_bytes.saturating_add(bytes);
        self.check_size(self.received_bytes, self.slot.shared.max_body_bytes)
    }

    fn check_size(&mut self, bytes: usize, limit_bytes: usize) -> Result<(), RequestError> {
        if bytes > limit_bytes { Err(self.fail(RequestError::TooLarge { limit_bytes })) } else { Ok(()) }
    }

    /// Ends the body and keeps the connection, unless it has ended too.
    fn complete(&mut self, cx: &mut Context<'_>) {
        let Some(mut open_connection) = self.open_connection.take() else { return };
        let timestamps = open_connection.timestamps();
        let last_read = timestamps.last_read().unwrap_or(self.timestamps.headers);
        self.end(match self.framing {
            Framing::Delimited => last_read,
            Framing::UntilClose => timestamps.closed_at().unwrap_or(last_read),
        });
        if self.keep_alive == KeepAlive::Uncertain {
            // Lets hyper close the connection now rather than at the next request.
            open_connection.drive(cx);
        }
        self.slot.idle = open_connection.is_open().then_some(open_connection);
    }

    /// Closes the connection and returns `error`.
    fn fail(&mut self, error: RequestError) -> RequestError {
        self.open_connection = None;
        self.end(Instant::now());
        error
    }

    fn end(&mut self, at: Instant) {
        self.timestamps.end = Some(at);
        if let Some(progress) = &mut self.slot.progress {
            progress.end = Some(at);
        }
    }
}

impl<T: Timer> fmt::Debug for Response<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.head.status)
            .field("headers", &self.head.headers)
            .field("timestamps", &self.timestamps)
            .finish_non_exhaustive()
    }
}
