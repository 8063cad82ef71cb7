//! The layer of workers: where their number is limited, a request whose body has arrived waits for one, which stays busy
//! until the response has ended.

use std::{
    convert::Infallible,
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{extract::Request, response::Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};
use weir_pace::Clock;

use super::{guarded_body::GuardedBody, prefetched::prefetch};
use crate::{
    context::ServerContext,
    request::Access,
    telemetry::{Limit, Metrics},
};

/// Adds [`Workers`]. Only rate-limited endpoints need a worker.
#[derive(Clone, Debug)]
pub(super) struct WorkersLayer {
    /// The free workers, if their number is limited.
    free: Option<Arc<Semaphore>>,
    body_limit: usize,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl WorkersLayer {
    pub(super) fn new(server: &ServerContext, access: Access) -> Self {
        let free = match access {
            Access::RateLimited => server.workers.clone(),
            Access::Open => None,
        };
        Self {
            free,
            body_limit: server.config.body_limit,
            clock: server.clock.clone(),
            metrics: Arc::clone(&server.metrics),
        }
    }
}

impl<S> Layer<S> for WorkersLayer {
    type Service = Workers<S>;

    fn layer(&self, inner: S) -> Workers<S> {
        Workers {
            inner,
            free: self.free.clone(),
            body_limit: self.body_limit,
            clock: self.clock.clone(),
            metrics: Arc::clone(&self.metrics),
        }
    }
}

/// Lets requests wait for a worker.
#[derive(Clone, Debug)]
pub(super) struct Workers<S> {
    inner: S,
    free: Option<Arc<Semaphore>>,
    body_limit: usize,
    clock: Clock,
    metrics: Arc<Metrics>,
}

type Permit = Option<OwnedSemaphorePermit>;

impl<S, B> Service<Request> for Workers<S>
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone,
{
    type Response = Response<GuardedBody<B, Permit>>;
    type Error = Infallible;
    type Future = WorkersFuture<S>;

    /// Does not wait for a worker: a waiting request is in flight already.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> WorkersFuture<S> {
        match &self.free {
            None => WorkersFuture::Answering { inner: self.inner.call(request), permit: None },
            Some(free) => {
                let free = Arc::clone(free);
                // The ready service must be the called one.
                let next = self.inner.clone();
                let ready = mem::replace(&mut self.inner, next);
                let (limit, clock, metrics) =
                    (self.body_limit, self.clock.clone(), Arc::clone(&self.metrics));
                // A slow client must not occupy a worker. The semaphore is never closed.
                let waiting = Box::pin(async move {
                    let request = prefetch(request, limit).await;
                    if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
                        return (request, Some(permit));
                    }
                    let permit = metrics.time_wait(&clock, Limit::Workers, free.acquire_owned()).await;
                    (request, permit.ok())
                });
                WorkersFuture::Waiting { waiting, service: ready }
            }
        }
    }
}

pin_project_lite::pin_project! {
    /// The response, whose body holds the worker's permit.
    #[project = WorkersProject]
    pub(super) enum WorkersFuture<S>
    where
        S: Service<Request>,
    {
        Waiting {
            waiting: Pin<Box<dyn Future<Output = (Request, Permit)> + Send>>,
            service: S,
        },
        Answering {
            #[pin]
            inner: S::Future,
            permit: Permit,
        },
    }
}

impl<S: Service<Request>> fmt::Debug for WorkersFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting { .. } => "Waiting",
            Self::Answering { .. } => "Answering",
        })
    }
}

impl<S, B> Future for WorkersFuture<S>
where
    S: Service<Request, Response = Response<B>, Error = Infallible>,
{
    type Output = Result<Response<GuardedBody<B, Permit>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.as_mut().project() {
                WorkersProject::Waiting { waiting, service } => {
                    let (request, permit) = ready!(waiting.as_mut().poll(context));
                    let inner = service.call(request);
                    self.set(Self::Answering { inner, permit });
                }
                WorkersProject::Answering { inner, permit } => {
                    let response = ready!(inner.poll(context))?;
                    let permit = permit.take();
                    return Poll::Ready(Ok(response.map(|body| GuardedBody::new(body, permit))));
                }
            }
        }
    }
}
