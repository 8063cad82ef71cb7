//! The headers that the provider adds to its answers.

use std::time::{Duration, SystemTime};

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::admission::RateView;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const ORGANIZATION_ID: HeaderName = HeaderName::from_static("anthropic-organization-id");
const ORGANIZATION: HeaderValue = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");

/// The headers of a limit: its amount, what remains and when all of it is left.
type LimitHeaders = [HeaderName; 3];

const REQUESTS: LimitHeaders = [
    HeaderName::from_static("anthropic-ratelimit-requests-limit"),
    HeaderName::from_static("anthropic-ratelimit-requests-remaining"),
    HeaderName::from_static("anthropic-ratelimit-requests-reset"),
];
const TOKENS: LimitHeaders = [
    HeaderName::from_static("anthropic-ratelimit-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-tokens-reset"),
];
const INPUT_TOKENS: LimitHeaders = [
    HeaderName::from_static("anthropic-ratelimit-input-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-reset"),
];
const OUTPUT_TOKENS: LimitHeaders = [
    HeaderName::from_static("anthropic-ratelimit-output-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-reset"),
];

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

/// Writes the states of the limits.
pub(super) fn write_rate_limit(rate: &RateView, headers: &mut HeaderMap) {
    let now = SystemTime::now();
    let limits = [
        (REQUESTS, rate.requests),
        (TOKENS, rate.all_tokens()),
        (INPUT_TOKENS, rate.input_tokens),
        (OUTPUT_TOKENS, rate.output_tokens),
    ];
    for ([limit, remaining, reset], view) in limits {
        let Some(view) = view else { continue };
        headers.insert(limit, HeaderValue::from(view.limit));
        headers.insert(remaining, HeaderValue::from(view.remaining));
        if let Ok(full) = HeaderValue::try_from(rfc3339(now + view.reset)) {
            headers.insert(reset, full);
        }
    }
}

/// The instant in whole seconds, rounded up: a client that retries slightly early is refused.
fn rfc3339(at: SystemTime) -> String {
    let nanos = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let rest =
        if nanos == 0 { Duration::ZERO } else { Duration::from_nanos(1_000_000_000 - u64::from(nanos)) };
    humantime::format_rfc3339_seconds(at + rest).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_is_rounded_up() {
        let at = |ns| rfc3339(SystemTime::UNIX_EPOCH + Duration::from_nanos(ns));
        assert_eq!(at(1_000_000_000), "1970-01-01T00:00:01Z");
        assert_eq!(at(1_000_000_001), "1970-01-01T00:00:02Z");
        assert_eq!(at(59_999_999_999), "1970-01-01T00:01:00Z");
    }
}
