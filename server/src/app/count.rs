//! The outermost layer: counts a request as in flight until its response has ended.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, header};
use tokio::task::futures::TaskLocalFuture;
use tower::{Layer, Service};

use super::{cors, guarded_body::GuardedBody};
use crate::{
    connection::Arrival,
    context::ServerContext,
    request::Origins,
    telemetry::{LimitWaits, RequestLog, RequestRecord, SERVER_TIMING, write_waits},
};

/// Adds [`Count`] to the endpoint at `path`.
#[derive(Clone, Debug)]
pub(super) struct CountLayer {
    server: Arc<ServerContext>,
    path: &'static str,
    origins: Origins,
}

impl CountLayer {
    pub(super) const fn new(server: Arc<ServerContext>, path: &'static str, origins: Origins) -> Self {
        Self { server, path, origins }
    }
}

impl<S> Layer<S> for CountLayer {
    type Service = Count<S>;

    fn layer(&self, inner: S) -> Count<S> {
        Count { inner, layer: self.clone() }
    }
}

/// Counts requests and measures how long they take.
#[derive(Clone, Debug)]
pub(super) struct Count<S> {
    inner: S,
    layer: CountLayer,
}

impl<S, B> Service<Request> for Count<S>
where
    S: Service<Request, Response = Response<B>, Error = Infallible>,
{
    type Response = Response<GuardedBody<B, RequestRecord>>;
    type Error = Infallible;
    type Future = CountFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> CountFuture<S::Future> {
        let CountLayer { server, path, origins } = &self.layer;
        // Without a connection, as in tests, the request arrives now.
        let arrival = request.extensions_mut().get_or_insert_with(|| Arrival {
            at: server.clock.now(),
            peer: None,
            log: Arc::default(),
        });
        let (at, waits) = (arrival.at, Arc::clone(arrival.log.waits()));
        waits.reset();
        let allowed_origin = match origins {
            Origins::Same => None,
            Origins::Configured => cors::allowed_origin(&server.config.cors_origins, request.headers()),
        };
        let log = server.logs_requests.then(|| Arc::new(RequestLog::new(&request)));
        if let Some(log) = &log {
            request.extensions_mut().insert(Arc::clone(log));
        }
        let record = RequestRecord::begin(&server.metrics, path, at, log);
        let inner = Arc::clone(&waits).scope(self.inner.call(request));
        CountFuture { inner, record: Some(record), allowed_origin, waits }
    }
}

pin_project_lite::pin_project! {
    /// The response, whose body holds the record. Dropped before, it records that the client left.
    #[derive(Debug)]
    pub(super) struct CountFuture<F> {
        #[pin]
        inner: TaskLocalFuture<Arc<LimitWaits>, F>,
        record: Option<RequestRecord>,
        // Of a browser app.
        allowed_origin: Option<HeaderValue>,
        waits: Arc<LimitWaits>,
    }
}

impl<F, B> Future for CountFuture<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = Result<Response<GuardedBody<B, RequestRecord>>, Infallible>;

    #[expect(clippy::expect_used, reason = "a future is not polled again after it was ready")]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        if let Some(allowed) = this.allowed_origin.take() {
            cors::add_headers(allowed, response.headers_mut());
        }
        add_waits(this.waits, response.headers_mut());
        let mut record = this.record.take().expect("polled after it was ready");
        record.answer(response.status());
        Poll::Ready(Ok(response.map(|body| GuardedBody::new(body, record))))
    }
}

/// Adds the waits for limits to a response that has no `Server-Timing`, neither as a header nor as a trailer.
fn add_waits(waits: &LimitWaits, headers: &mut HeaderMap) {
    if !headers.contains_key(SERVER_TIMING) && !headers.contains_key(header::TRAILER) {
        write_waits(waits, headers);
    }
}
