//! The innermost service: the handler of an endpoint answers, and a problem becomes an error in the endpoint's dialect.

use std::sync::Arc;

use axum::{extract::Request, response::Response};

use crate::{backend::Api, context::ServerContext, request::RequestContext};

/// Answers `request` to `endpoint` of `api`.
pub(super) async fn respond<A: Api>(
    server: Arc<ServerContext>,
    api: Arc<A>,
    endpoint: A::Endpoint,
    request: Request,
) -> Response {
    let mut call = RequestContext::new(server, A::route(endpoint), request);
    let answer = api.answer(endpoint, &mut call).await;
    if let Some(wait) = answer.as_ref().err().and_then(|problem| call.wait_before(problem)) {
        Box::pin(wait).await;
    }
    answer.unwrap_or_else(|problem| call.refuse(&problem))
}
