use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Method};
use http_body_util::Full;
use hyper::body::Incoming;

use super::deadline::{Deadline, Watch};
use super::failure::{Failure, Phase};
use super::link::Link;
use super::request::Request;
use super::response::Response;
use super::shared::Shared;
use super::stamps::Progress;
use super::timer::Timer;
use super::transport::Transport;

/// A place for one connection, opened when it is needed and kept between requests: what a virtual user holds.
///
/// It runs inside the futures of [`send`](Self::send) and [`Response::chunk`], in the task that awaits them. Dropping
/// one of them, or a response that was not read to its end, closes the connection; the next request opens another.
pub struct Connection<T: Timer> {
    pub(super) shared: Arc<Shared>,
    pub(super) watch: Watch<T>,
    pub(super) idle: Option<Box<Link>>,
    pub(super) progress: Option<Progress>,
}

impl<T: Timer> Connection<T> {
    pub(super) fn new(shared: Arc<Shared>, timer: T) -> Self {
        Self { shared, watch: Watch::new(timer), idle: None, progress: None }
    }

    /// Sends a request, owned or borrowed, and waits for the head of the response; the body is read from that.
    ///
    /// When the connection had been kept from an earlier request and turns out to be closed before a single byte of
    /// the response came, the request is sent once more on a new connection, whatever its method: servers close idle
    /// connections at will, and a client that did not retry would blame them for failures that no user sees.
    ///
    /// # Errors
    ///
    /// Every [`Failure`] but [`Failure::TooLarge`].
    pub async fn send(&mut self, request: impl Borrow<Request>) -> Result<Response<'_, T>, Failure> {
        let mut progress = Progress::started(Instant::now());
        match self.try_send(request.borrow(), &mut progress).await {
            Ok((link, reply)) => {
                self.progress = Some(progress);
                Ok(Response::new(self, link, reply, progress))
            }
            Err(failure) => {
                progress.end = Some(Instant::now());
                self.progress = Some(progress);
                Err(failure)
            }
        }
    }

    /// How far the last request came. `None` before the first, and after one that was dropped before it had its
    /// answer.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.progress
    }

    async fn try_send(
        &mut self,
        request: &Request,
        progress: &mut Progress,
    ) -> Result<(Box<Link>, http::Response<Incoming>), Failure> {
        self.progress = None;
        let mut link = match self.kept().await {
            Some(link) => link,
            // Connecting is rare and its future large: boxed, it does not make every waiting request larger.
            None => Box::pin(self.open(progress)).await?,
        };
        loop {
            let kept = progress.connected.is_none();
            match self.exchange(&mut link, request, progress).await {
                Ok(reply) => return Ok((link, reply)),
                Err(failure) if kept && failure.is_stale() => {
                    progress.sent = None;
                    link = Box::pin(self.open(progress)).await?;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The connection of an earlier request, if it can take another.
    async fn kept(&mut self) -> Option<Box<Link>> {
        let mut link = self.idle.take()?;
        link.is_ready().await.then_some(link)
    }

    async fn open(&mut self, progress: &mut Progress) -> Result<Box<Link>, Failure> {
        let Self { shared, watch, .. } = self;
        let total = shared.total(progress.started);
        let limit = |phase, after| Deadline::sooner(Deadline::of(phase, Instant::now(), after), total);

        let deadline = limit(Phase::Connect, shared.timeouts.connect);
        let stream = watch.limit(deadline, shared.addresses.connect()).await??;
        let transport = match &shared.tls {
            None => Transport::Plain(stream),
            Some(tls) => {
                let deadline = limit(Phase::Tls, shared.timeouts.tls);
                let handshake = watch.limit(deadline, tls.handshake(stream)).await?;
                let host = shared.target.host();
                let stream = handshake.map_err(|source| Failure::Tls { host: host.to_owned(), source })?;
                Transport::Tls(Box::new(stream))
            }
        };
        let link = Link::open(transport).await?;
        progress.connected = Some(Instant::now());
        Ok(Box::new(link))
    }

    async fn exchange(
        &mut self,
        link: &mut Link,
        request: &Request,
        progress: &mut Progress,
    ) -> Result<http::Response<Incoming>, Failure> {
        let ready = progress.connected.unwrap_or(progress.started);
        let headers = Deadline::of(Phase::Headers, ready, self.shared.timeouts.headers);
        let deadline = Deadline::sooner(headers, self.shared.total(progress.started));
        let request = prepared(request, &self.shared.host);
        let reply = link.exchange(request, deadline, &mut self.watch).await;

        let marks = link.marks();
        progress.sent = marks.sent();
        progress.first_byte = marks.first_read();
        if reply.is_ok() {
            progress.headers = marks.last_read();
        }
        reply
    }
}

impl<T: Timer> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("target", &self.shared.target)
            .field("open", &self.idle.is_some())
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// The request as hyper takes it; the `content-length` of a body that is not empty, hyper writes itself.
fn prepared(request: &Request, host: &HeaderValue) -> http::Request<Full<Bytes>> {
    let mut prepared = http::Request::new(Full::new(request.body.clone()));
    *prepared.method_mut() = request.method.clone();
    *prepared.uri_mut() = request.path_and_query.clone().into();
    let headers = prepared.headers_mut();
    headers.clone_from(&request.headers);
    headers.remove(CONTENT_LENGTH);
    // RFC 9110 §8.6: where a body has a meaning, the lack of one is stated.
    if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    headers.remove(TRANSFER_ENCODING);
    headers.entry(HOST).or_insert_with(|| host.clone());
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    prepared
}
