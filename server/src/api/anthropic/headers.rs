//! The headers that the provider adds to its answers.

use std::time::SystemTime;

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::admission::RateView;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const ORGANIZATION_ID: HeaderName = HeaderName::from_static("anthropic-organization-id");
const ORGANIZATION: HeaderValue = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");

const LIMIT: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-limit");
const REMAINING: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-remaining");
const RESET: HeaderName = HeaderName::from_static("anthropic-ratelimit-requests-reset");

/// Returns the id of a request, from its digits.
pub(super) fn request_id(digits: &str) -> String {
    format!("req_01{digits}")
}

/// Writes the id of the request.
pub(super) fn name_request(digits: &str, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::try_from(request_id(digits)) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(ORGANIZATION_ID, ORGANIZATION);
}

/// Adds the headers of every answer; `digits` are those of its id.
pub(super) fn add_headers(digits: &str, mut response: Response) -> Response {
    name_request(digits, response.headers_mut());
    response
}

/// Writes the state of the rate limit.
pub(super) fn write_rate_limit(rate: &RateView, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(rate.limit));
    headers.insert(REMAINING, HeaderValue::from(rate.remaining));
    let full = humantime::format_rfc3339_seconds(SystemTime::now() + rate.reset);
    if let Ok(reset) = HeaderValue::try_from(full.to_string()) {
        headers.insert(RESET, reset);
    }
}
