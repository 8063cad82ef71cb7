//! The headers that the provider adds to every answer.

use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::request::{Problem, RequestContext, json_answer, json_body};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROCESSING_MS: HeaderName = HeaderName::from_static("openai-processing-ms");
const VERSION_NAME: HeaderName = HeaderName::from_static("openai-version");
const VERSION: HeaderValue = HeaderValue::from_static("2020-10-01");
const ORGANIZATION_NAME: HeaderName = HeaderName::from_static("openai-organization");
const ORGANIZATION: HeaderValue = HeaderValue::from_static("weir");

/// Adds the headers; `id` is the base of the answer's id.
pub(super) fn add_headers(call: &RequestContext, id: &str, mut response: Response) -> Response {
    write_headers(call.elapsed(), id, response.headers_mut());
    response
}

/// Writes the headers to `headers`.
pub(super) fn write_headers(elapsed: Duration, id: &str, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::try_from(["req_", id].concat()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(PROCESSING_MS, HeaderValue::from(elapsed.as_millis() as u64));
    headers.insert(VERSION_NAME, VERSION);
    headers.insert(ORGANIZATION_NAME, ORGANIZATION);
}

/// Memory that a value of JSON takes, for each byte of its text.
const BYTES_PER_TEXT_BYTE: u64 = 8;

/// An immediate answer, made of about `bytes` bytes of JSON.
pub(super) async fn large_answer(
    call: &mut RequestContext,
    bytes: usize,
    body: impl FnOnce() -> Result<Value, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let memory = (bytes as u64).saturating_mul(BYTES_PER_TEXT_BYTE);
    let body = call.produce(memory, move || Ok(Bytes::from(body()?.to_string()))).await?;
    call.shrink_memory(body.len());
    Ok(add_headers(call, &call.server.ids.next(), json_body(body)))
}

/// An immediate answer.
pub(super) fn answer(call: &RequestContext, body: &Value) -> Response {
    add_headers(call, &call.server.ids.next(), json_answer(body))
}
