//! The innermost service: the handler of an endpoint answers, and a problem becomes an error in the endpoint's dialect.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http_body::Body as _;

use super::guarded_body::GuardedBody;
use crate::{
    backend::Api,
    context::ServerContext,
    faults::Faults,
    request::{Origins, Problem, RequestContext, check_source},
};

/// Answers `request` to `endpoint` of `api`.
pub(super) async fn respond<A: Api>(
    server: Arc<ServerContext>,
    faults: Arc<Faults>,
    api: Arc<A>,
    endpoint: A::Endpoint,
    request: Request,
) -> Response {
    let mut call = RequestContext::new(server, A::route(endpoint), request);
    let allowed = match A::ORIGINS {
        Origins::Same => check_source(&call.server.config, &call.parts, call.has_body()),
        Origins::Configured => Ok(()),
    };
    let answer = match allowed {
        // A request without an endpoint meets no fault.
        Ok(()) if !A::ENDPOINTS.is_empty() && faults.may_concern(&call) => {
            Box::pin(answer_with_fault(&faults, &*api, endpoint, &mut call)).await
        }
        Ok(()) => api.answer(endpoint, &mut call).await,
        Err(problem) => Err(problem),
    };
    if let Some(wait) = answer.as_ref().err().and_then(|problem| call.wait_before(problem)) {
        Box::pin(wait).await;
    }
    let response = answer.unwrap_or_else(|problem| call.refuse(&problem));
    match call.take_memory() {
        None => response,
        Some(mut memory) => {
            if let Some(bytes) = response.body().size_hint().exact() {
                memory.shrink(bytes as usize);
            }
            response.map(|body| Body::new(GuardedBody::new(body, memory)))
        }
    }
}

/// Answers a request that may meet a fault.
async fn answer_with_fault<A: Api>(
    faults: &Faults,
    api: &A,
    endpoint: A::Endpoint,
    call: &mut RequestContext,
) -> Result<Response, Problem> {
    let Some(mut injection) = faults.choose(call).await? else { return api.answer(endpoint, call).await };
    if let Some(response) = injection.before_answer(call).await? {
        return Ok(response);
    }
    let response = api.answer(endpoint, call).await?;
    Ok(injection.change_answer(call, response).await)
}
