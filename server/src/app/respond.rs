//! The innermost service: the handler of an endpoint answers, and a problem becomes an error in the endpoint's dialect.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http_body::Body as _;

use super::guarded_body::GuardedBody;
use crate::{
    backend::Api,
    context::ServerContext,
    request::{Origins, RequestContext, check_source},
};

/// Answers `request` to `endpoint` of `api`.
pub(super) async fn respond<A: Api>(
    server: Arc<ServerContext>,
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
