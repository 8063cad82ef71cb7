//! The format of errors and rate limits of an API.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::Problem;
use crate::admission::RateView;

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

    /// Writes the state of the rate limit, by default in OpenAI's headers.
    fn write_rate_limit(&self, rate: &RateView, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit-requests", HeaderValue::from(rate.limit));
        headers.insert("x-ratelimit-remaining-requests", HeaderValue::from(rate.remaining));
        if let Ok(reset) = HeaderValue::try_from(go_duration(rate.reset)) {
            headers.insert("x-ratelimit-reset-requests", reset);
        }
    }
}

/// Returns the dialect of a request with these headers: APIs may have a path in common.
pub type DialectOf = fn(&HeaderMap) -> &'static dyn Dialect;

/// A duration as Go prints it and OpenAI sends it: `12ms`, `1.5s`, `6m0s`.
fn go_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let (minutes, seconds_ms) = (ms / 60_000, ms % 60_000);
    let seconds = seconds_ms as f64 / 1_000.0;
    match minutes {
        0 if ms < 1_000 => format!("{ms}ms"),
        0 => format!("{seconds}s"),
        1..60 => format!("{minutes}m{seconds}s"),
        _ => format!("{}h{}m{seconds}s", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_reset_has_the_format_of_go() {
        for (ms, text) in
            [(0, "0ms"), (12, "12ms"), (1_500, "1.5s"), (360_000, "6m0s"), (3_723_000, "1h2m3s")]
        {
            assert_eq!(go_duration(Duration::from_millis(ms)), text);
        }
    }
}
