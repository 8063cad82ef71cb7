//! `POST /v1/messages/count_tokens`.

use axum::response::Response;
use serde_json::json;

use super::{dialect::profile, headers::add_headers, request::Request, version::Version};
use crate::request::{Problem, RequestContext, json_answer};

/// Returns the number of tokens of a prompt.
pub(super) async fn count_tokens(call: &mut RequestContext) -> Result<Response, Problem> {
    let tokens = call.read(|incoming| {
        let version = Version::of(incoming.headers)?;
        let request = Request::read(version, incoming.body)?;
        profile(incoming.server, &request.model)?;
        Ok(request.measure(&incoming.server.counter).tokens)
    });
    let answer = json_answer(&json!({"input_tokens": tokens.await?}));
    Ok(add_headers(&call.server.ids.next(), answer))
}
