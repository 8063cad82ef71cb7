//! What every request passes: it is counted, its key is let in, its handler answers, and what it holds goes with the
//! body until that ends.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use tokio::sync::OwnedSemaphorePermit;

use super::guarded_body::GuardedBody;
use crate::{
    admission::Admitted,
    backend::Api,
    connection::Arrival,
    context::ServerContext,
    request::{Access, Problem, RequestContext},
    telemetry::RequestRecord,
};

/// Answers `request` to `endpoint` of `api`.
pub(super) async fn pass<A: Api>(
    server: Arc<ServerContext>,
    api: Arc<A>,
    endpoint: A::Endpoint,
    mut request: Request,
) -> Response {
    let route = A::route(endpoint);
    let arrival = request
        .extensions_mut()
        .remove::<Arrival>()
        .unwrap_or_else(|| Arrival { at: server.clock.now(), log: Arc::default() });
    let mut record = RequestRecord::begin(&server.metrics, route.path, arrival.at);
    let (worker, admitted) = match route.access {
        Access::RateLimited => (worker(&server).await, server.admission.enter(request.headers())),
        Access::Open => (None, Ok(Admitted::default())),
    };
    let mut call = RequestContext::new(server, route, arrival, request);
    let (mut response, rate, admitted) = match admitted {
        Ok(admitted) => {
            let answer = api.answer(endpoint, &mut call).await;
            if let Some(wait) = answer.as_ref().err().and_then(|problem| call.wait_before(problem)) {
                Box::pin(wait).await;
            }
            (answer.unwrap_or_else(|problem| call.refuse(&problem)), admitted.rate, admitted)
        }
        Err(rejection) => {
            let rate = rejection.rate();
            (call.refuse(&Problem::from(rejection)), rate, Admitted::default())
        }
    };
    if let Some(rate) = rate {
        call.dialect().tell_rate(&rate, response.headers_mut());
    }
    record.answer(response.status());
    response.map(|body| Body::new(GuardedBody::new(body, (record, admitted, worker))))
}

/// Waits for a worker, where their number is limited.
async fn worker(server: &ServerContext) -> Option<OwnedSemaphorePermit> {
    // The semaphore is never closed.
    Arc::clone(server.workers.as_ref()?).acquire_owned().await.ok()
}
