//! The layer of admission: a request counts against the limits of its key until its response has ended, or is rejected.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{body::Body, extract::Request, response::Response};
use tower::{Layer, Service};

use super::{cors::is_preflight, guarded_body::GuardedBody};
use crate::{
    admission::{Admitted, Rejection, TokenEstimate},
    context::ServerContext,
    request::{Access, Deployment, Dialect, Problem, RequestContext, Route},
};

/// Adds [`Admit`] to the endpoint of `route`.
#[derive(Clone, Debug)]
pub(super) struct AdmitLayer {
    server: Arc<ServerContext>,
    route: Route,
}

impl AdmitLayer {
    pub(super) const fn new(server: Arc<ServerContext>, route: Route) -> Self {
        Self { server, route }
    }
}

impl<S> Layer<S> for AdmitLayer {
    type Service = Admit<S>;

    fn layer(&self, inner: S) -> Admit<S> {
        Admit { inner, layer: self.clone() }
    }
}

/// Admits or rejects requests by their key.
#[derive(Clone, Debug)]
pub(super) struct Admit<S> {
    inner: S,
    layer: AdmitLayer,
}

impl<S> Admit<S> {
    fn reject(&self, request: Request, rejection: Rejection) -> Response {
        let AdmitLayer { server, route } = &self.layer;
        let rate = rejection.rate();
        let call = RequestContext::new(Arc::clone(server), *route, request);
        let mut response = call.refuse(&Problem::from(rejection));
        if let Some(rate) = rate {
            call.dialect().write_rate_limit(&rate, response.headers_mut());
        }
        response
    }
}

/// How the provider counts the tokens of a request before it is answered.
fn estimate(route: Route, request: &Request) -> TokenEstimate {
    match request.extensions().get::<Deployment>() {
        // It is Azure's.
        Some(_) => TokenEstimate::Output,
        None => (route.dialect)(request.headers()).token_estimate(),
    }
}

impl<S> Service<Request> for Admit<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response<GuardedBody<Body, Admitted>>;
    type Error = Infallible;
    type Future = AdmitFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> AdmitFuture<S::Future> {
        let AdmitLayer { server, route } = &self.layer;
        let admitted = match route.access {
            Access::RateLimited if !is_preflight(request.method(), request.headers()) => {
                server.admission.enter(request.headers(), estimate(*route, &request))
            }
            Access::RateLimited | Access::Open => Ok(Admitted::default()),
        };
        match admitted {
            Ok(admitted) => {
                let dialect = admitted.key.as_ref().map(|key| {
                    request.extensions_mut().insert(Arc::clone(key));
                    (route.dialect)(request.headers())
                });
                AdmitFuture::Admitted { inner: self.inner.call(request), admitted: Some(admitted), dialect }
            }
            Err(rejection) => AdmitFuture::Rejected { response: Some(self.reject(request, rejection)) },
        }
    }
}

pin_project_lite::pin_project! {
    /// The response, whose body holds the admission.
    #[project = AdmitProject]
    pub(super) enum AdmitFuture<F> {
        Admitted {
            #[pin]
            inner: F,
            admitted: Option<Admitted>,
            // Writes the states of the limits, if there are any.
            dialect: Option<&'static dyn Dialect>,
        },
        Rejected {
            response: Option<Response>,
        },
    }
}

impl<F> fmt::Debug for AdmitFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admitted { .. } => "Admitted",
            Self::Rejected { .. } => "Rejected",
        })
    }
}

impl<F> Future for AdmitFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response<GuardedBody<Body, Admitted>>, Infallible>;

    #[expect(clippy::expect_used, reason = "a future is not polled again after it was ready")]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        const AGAIN: &str = "polled after it was ready";
        let (response, admitted) = match self.project() {
            AdmitProject::Admitted { inner, admitted, dialect } => {
                let mut response = ready!(inner.poll(context))?;
                let admitted = admitted.take().expect(AGAIN);
                if let (Some(key), Some(dialect)) = (&admitted.key, dialect) {
                    dialect.write_rate_limit(&key.view(), response.headers_mut());
                }
                (response, admitted)
            }
            AdmitProject::Rejected { response } => (response.take().expect(AGAIN), Admitted::default()),
        };
        Poll::Ready(Ok(response.map(|body| GuardedBody::new(body, admitted))))
    }
}
