//! `POST /v1/messages/count_tokens`.

use axum::response::Response;
use serde_json::json;

use super::{dialect::profile, headers::add_headers, request::Request, version::Version};
use crate::api::{Call, Problem, call::json_answer};

/// Tells how many tokens a prompt has.
pub(super) async fn count_tokens(call: &mut Call) -> Result<Response, Problem> {
    let tokens = call.read(|incoming| {
        let version = Version::of(incoming.headers)?;
        let request = Request::read(version, incoming.body)?;
        profile(incoming.app, &request.model)?;
        Ok(request.measure(&incoming.app.counter).tokens)
    });
    let answer = json_answer(&json!({"input_tokens": tokens.await?}));
    Ok(add_headers(&call.app.ids.next(), answer))
}
