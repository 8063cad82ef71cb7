//! The format of errors and rate limits of an API.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::Problem;
use crate::admission::{LimitView, RateView, TokenEstimate, go_duration};

/// The headers of a limit of OpenAI's: its amount, what remains and the time until all of it is left.
type LimitHeaders = [HeaderName; 3];

const REQUESTS: LimitHeaders = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: LimitHeaders = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// The format of errors and rate limits of an API. Each API has one in its folder.
pub trait Dialect: fmt::Debug + Sync {
    /// The body of an error; `digits` are those of the request's id.
    fn error_body(&self, problem: &Problem, digits: &str) -> Value;

    /// The status of an error, by default that of the problem.
    fn status(&self, problem: &Problem) -> StatusCode {
        problem.status()
    }

    /// The schema of such a body in the OpenAPI document.
    fn error_schema(&self) -> &'static str;

    /// Adds the headers of every response: `elapsed` is the time since the request arrived, `digits` are those of
    /// its id.
    fn add_headers(&self, _elapsed: Duration, _digits: &str, _headers: &mut HeaderMap) {}

    /// How the provider counts the tokens of a request before it is answered.
    fn token_estimate(&self) -> TokenEstimate {
        TokenEstimate::Sum
    }

    /// Whether the provider sends `retry-after-ms` besides `retry-after`.
    fn has_retry_after_ms(&self) -> bool {
        true
    }

    /// Writes the states of the limits of a key, by default in OpenAI's headers.
    fn write_rate_limit(&self, rate: &RateView, headers: &mut HeaderMap) {
        for (names, view) in [(REQUESTS, rate.requests), (TOKENS, rate.all_tokens())] {
            if let Some(view) = view {
                write_limit(names, view, headers);
            }
        }
    }
}

fn write_limit([limit, remaining, reset]: LimitHeaders, view: LimitView, headers: &mut HeaderMap) {
    headers.insert(limit, HeaderValue::from(view.limit));
    headers.insert(remaining, HeaderValue::from(view.remaining));
    if let Ok(text) = HeaderValue::try_from(go_duration(view.reset)) {
        headers.insert(reset, text);
    }
}

/// Returns the dialect of a request with these headers: APIs may have a path in common.
pub type DialectOf = fn(&HeaderMap) -> &'static dyn Dialect;
