use std::borrow::Borrow;
use std::fmt;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Method};
use http_body_util::Full;
use hyper::body::Incoming;

use super::context::ConnectionSlot;
use super::deadline::{Deadline, Timer};
use super::error::{Phase, RequestError};
use super::open_connection::OpenConnection;
use super::request::Request;
use super::response::Response;
use super::timestamps::PartialTimestamps;
use super::transport::Transport;

/// A keep-alive connection that is opened on demand and reused between requests.
///
/// Its I/O runs inside the futures of [`send`](Self::send) and [`Response::chunk`], in the task that awaits them. Dropping
/// one of them, or a response that was not read to its end, closes the connection; the next request opens a new one.
pub struct Connection<T: Timer>(ConnectionSlot<T>);

impl<T: Timer> Connection<T> {
    pub(super) const fn new(slot: ConnectionSlot<T>) -> Self {
        Self(slot)
    }

    /// Sends a request, owned or borrowed, and waits for the headers of the response, from which the body is read.
    ///
    /// If a reused connection turns out to be closed before any byte of the response arrived, and so soon after the request
    /// was sent that the server closed it before it received the request, the request is sent once more on a new connection,
    /// whatever its method: servers may close idle connections at any time. [`PartialTimestamps::resent`] reports it, and
    /// the timestamps count from the first sending. A later close is an error.
    ///
    /// # Errors
    ///
    /// Returns any [`RequestError`] except [`RequestError::TooLarge`].
    pub async fn send(&mut self, request: impl Borrow<Request>) -> Result<Response<'_, T>, RequestError> {
        let mut progress = PartialTimestamps::started(Instant::now());
        match self.try_send(request.borrow(), &mut progress).await {
            Ok((open_connection, response)) => {
                self.0.progress = Some(progress);
                Ok(Response::new(&mut self.0, open_connection, response, progress))
            }
            Err(failure) => {
                progress.end = Some(Instant::now());
                self.0.progress = Some(progress);
                Err(failure)
            }
        }
    }

    /// The timestamps of the last request. `None` before the first request, and after one that was dropped before its
    /// response headers arrived.
    #[must_use]
    pub fn progress(&self) -> Option<PartialTimestamps> {
        self.0.progress
    }

    async fn try_send(
        &mut self,
        request: &Request,
        progress: &mut PartialTimestamps,
    ) -> Result<(Box<OpenConnection>, http::Response<Incoming>), RequestError> {
        self.0.progress = None;
        let mut open_connection = match self.take_idle().await {
            Some(open_connection) => open_connection,
            // Connecting is rare and its future is large: boxing it keeps the futures of all other requests small.
            None => Box::pin(self.open(progress)).await?,
        };
        loop {
            let is_reused = progress.connected.is_none();
            match self.exchange(&mut open_connection, request, progress).await {
                Ok(response) => return Ok((open_connection, response)),
                Err(failure)
                    if is_reused && failure.is_before_response() && open_connection.closed_while_idle() =>
                {
                    progress.resent = progress.sent.is_some();
                    open_connection = Box::pin(self.open(progress)).await?;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Returns the connection of an earlier request, if it is still usable.
    async fn take_idle(&mut self) -> Option<Box<OpenConnection>> {
        let mut open_connection = self.0.idle.take()?;
        open_connection.is_ready().await.then_some(open_connection)
    }

    async fn open(&mut self, progress: &mut PartialTimestamps) -> Result<Box<OpenConnection>, RequestError> {
        let ConnectionSlot { shared, timer, .. } = &mut self.0;
        let total = shared.total(progress.started);
        let limit = |phase, after| Deadline::earlier(Deadline::new(phase, Instant::now(), after), total);

        let deadline = limit(Phase::Connect, shared.timeouts.connect);
        let began = Instant::now();
        let stream = timer.run_until(deadline, shared.addresses.connect()).await??;
        let round_trip = began.elapsed();
        let transport = match &shared.tls {
            None => Transport::Plain(stream),
            Some(tls) => {
                let deadline = limit(Phase::Tls, shared.timeouts.tls);
                let handshake = timer.run_until(deadline, tls.handshake(stream)).await?;
                let host = shared.target.host();
                let stream =
                    handshake.map_err(|source| RequestError::Tls { host: host.to_owned(), source })?;
                Transport::Tls(Box::new(stream))
            }
        };
        let open_connection = OpenConnection::open(transport, round_trip).await?;
        progress.connected = Some(Instant::now());
        Ok(Box::new(open_connection))
    }

    async fn exchange(
        &mut self,
        open_connection: &mut OpenConnection,
        request: &Request,
        progress: &mut PartialTimestamps,
    ) -> Result<http::Response<Incoming>, RequestError> {
        let ready = progress.connected.unwrap_or(progress.started);
        let headers = Deadline::new(Phase::Headers, ready, self.0.shared.timeouts.headers);
        let deadline = Deadline::earlier(headers, self.0.shared.total(progress.started));
        let request = to_hyper_request(request, &self.0.shared.host);
        let response = open_connection.exchange(request, deadline, &mut self.0.timer).await;

        let timestamps = open_connection.timestamps();
        progress.sent = progress.sent.or(timestamps.sent());
        progress.last_sent = timestamps.sent();
        progress.first_byte = timestamps.first_read();
        if response.is_ok() {
            progress.headers = timestamps.last_read();
        }
        response
    }
}

impl<T: Timer> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("target", &self.0.shared.target)
            .field("open", &self.0.idle.is_some())
            .field("progress", &self.0.progress)
            .finish_non_exhaustive()
    }
}

/// Converts the request for hyper, which writes the `content-length` of a non-empty body.
fn to_hyper_request(request: &Request, host: &HeaderValue) -> http::Request<Full<Bytes>> {
    let mut converted = http::Request::new(Full::new(request.body.clone()));
    *converted.method_mut() = request.method.clone();
    *converted.uri_mut() = request.path_and_query.clone().into();
    let headers = converted.headers_mut();
    headers.clone_from(&request.headers);
    headers.remove(CONTENT_LENGTH);
    // RFC 9110 §8.6: an empty body is declared for methods that define a meaning for one.
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    headers.remove(TRANSFER_ENCODING);
    headers.entry(HOST).or_insert_with(|| host.clone());
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    converted
}
