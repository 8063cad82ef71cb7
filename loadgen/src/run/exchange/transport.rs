//! The boundary between a run and the network.

use std::time::Duration;

use http::header::HeaderValue;
use http::{HeaderMap, StatusCode};
use weir_wire::{Chunk, PartialTimestamps, Request};

use crate::record::Problem;

/// What sends the requests of one worker: HTTP, or a simulation in tests.
pub(crate) trait Transport {
    type Connection: Connection;

    /// Creates a connection, which opens with its first request.
    fn connection(&self) -> Self::Connection;
}

/// Sends one request at a time.
pub(crate) trait Connection {
    type Response<'a>: Response
    where
        Self: 'a;

    /// Sends a request, and returns when the head of its answer is there.
    async fn send(&mut self, request: &Request) -> Result<Self::Response<'_>, Problem>;

    /// The instants that the last request reached.
    fn progress(&self) -> Option<PartialTimestamps>;
}

/// An answer whose body has still to be read.
pub(crate) trait Response {
    fn status(&self) -> StatusCode;

    fn headers(&self) -> &HeaderMap;

    /// Removes the headers, so that they occupy no memory while a stream is read.
    fn take_headers(&mut self) -> HeaderMap;

    /// The encoding of the body, if it is not `identity`.
    fn content_encoding(&self) -> Option<&HeaderValue>;

    /// The trailers, when the body has ended.
    fn trailers(&self) -> Option<&HeaderMap>;

    /// Reads the next part of the body; `None` at its end.
    async fn chunk(&mut self) -> Result<Option<Chunk>, Problem>;

    /// Reads the rest of the body without keeping it. Fails, and closes the connection, if it does not end `within` this
    /// time.
    async fn drain(&mut self, within: Duration) -> Result<(), Problem>;
}
