//! The shape of errors and limits, by the API that a client speaks.

use std::time::Duration;

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, json};

use super::{Problem, anthropic, json, problem::Kind};
use crate::admission::RateView;

/// The API that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    Anthropic,
    /// Of paths that both of them have: the headers tell.
    OpenAiOrAnthropic,
    ChainBackend,
    PromptService,
}

impl Dialect {
    /// The dialect of paths that have no handler.
    pub(crate) fn of_path(path: &str) -> Self {
        if path.starts_with("/v1/analyze") || path == "/v1/health" {
            Self::PromptService
        } else if path.starts_with("/v1/messages") {
            Self::Anthropic
        } else if path == "/tokenize" || path == "/detokenize" {
            Self::OpenAi
        } else if path.starts_with("/v1/") {
            Self::OpenAiOrAnthropic
        } else {
            Self::ChainBackend
        }
    }

    /// The dialect of a request with these headers.
    pub(crate) fn of_request(self, headers: &HeaderMap) -> Self {
        match self {
            Self::OpenAiOrAnthropic if headers.contains_key("anthropic-version") => Self::Anthropic,
            Self::OpenAiOrAnthropic => Self::OpenAi,
            other => other,
        }
    }

    /// The answer that says what the problem is; `digits` are those of the request's id.
    pub(crate) fn refuse(self, problem: &Problem, digits: &str) -> Response {
        let request = match self {
            Self::Anthropic => Some(anthropic::request_id(digits)),
            Self::OpenAi | Self::OpenAiOrAnthropic | Self::ChainBackend | Self::PromptService => None,
        };
        let body = self.error_body(problem, request.as_deref());
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = problem.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, json::CONTENT_TYPE);
        if problem.kind == Kind::InvalidKey {
            // Every 401 says how one is let in (RFC 9110, 15.5.2).
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        problem.tell_retry(headers);
        if let Some(request) = &request {
            anthropic::name_request(request, headers);
        }
        if let Some(window) = &problem.window {
            window.tell(headers);
        }
        response
    }

    /// Tells the state of the request limit.
    pub(crate) fn tell_rate(self, rate: &RateView, headers: &mut HeaderMap) {
        match self {
            Self::Anthropic => anthropic::tell_rate(rate, headers),
            Self::OpenAi | Self::OpenAiOrAnthropic | Self::ChainBackend | Self::PromptService => {
                tell_rate(rate, headers);
            }
        }
    }

    /// The error as this dialect writes it, in an answer or in a stream; `request` is the request's id.
    pub(crate) fn error_body(self, problem: &Problem, request: Option<&str>) -> serde_json::Value {
        let Problem { kind, message, param, known, .. } = problem;
        match self {
            Self::OpenAi | Self::OpenAiOrAnthropic => {
                let (class, usual) = openai_names(*kind);
                let (scripted_class, scripted_code) = problem.scripted_names();
                let (class, code) =
                    (scripted_class.unwrap_or(class), scripted_code.or(problem.code).or(usual));
                json!({"error": {"message": message, "type": class, "param": param, "code": code}})
            }
            Self::Anthropic => anthropic::error_body(problem, request),
            Self::ChainBackend if known.is_empty() => json!({"status": "error", "error": message}),
            Self::ChainBackend => json!({"status": "error", "error": message, "known": known}),
            Self::PromptService => prompt_service_error(problem),
        }
    }
}

/// The prompt service's errors: a code, and details by which a program can act.
fn prompt_service_error(problem: &Problem) -> serde_json::Value {
    let mut details = Map::new();
    if let Some(window) = &problem.window {
        details.insert("limit".to_owned(), window.limit.into());
        details.insert("remaining".to_owned(), window.remaining.into());
        details.insert("reset".to_owned(), window.reset_at().into());
    }
    if let Some(param) = &problem.param {
        details.insert("field".to_owned(), param.as_str().into());
    }
    if !problem.known.is_empty() {
        details.insert("known".to_owned(), problem.known.to_vec().into());
    }
    let code = match problem.kind {
        Kind::InvalidRequest => "invalid_request",
        Kind::ContextLength => "prompt_too_long",
        Kind::InvalidKey => "unauthorized",
        Kind::Forbidden => "forbidden",
        Kind::ModelNotFound | Kind::NotFound => "not_found",
        Kind::MethodNotAllowed => "method_not_allowed",
        Kind::Conflict => "conflict",
        Kind::TooLarge => "too_large",
        Kind::RateLimited => "rate_limit_exceeded",
        Kind::ServerError => "server_error",
        Kind::BadGateway => "bad_gateway",
        Kind::TimedOut => "timeout",
    };
    json!({"error": {"code": code, "message": problem.message, "details": details}})
}

/// Tells the state of the request limit by OpenAI's names.
fn tell_rate(rate: &RateView, headers: &mut HeaderMap) {
    headers.insert("x-ratelimit-limit-requests", HeaderValue::from(rate.limit));
    headers.insert("x-ratelimit-remaining-requests", HeaderValue::from(rate.remaining));
    if let Ok(reset) = HeaderValue::try_from(go_duration(rate.reset)) {
        headers.insert("x-ratelimit-reset-requests", reset);
    }
}

/// The type and code of OpenAI's errors.
const fn openai_names(kind: Kind) -> (&'static str, Option<&'static str>) {
    match kind {
        Kind::InvalidRequest => ("invalid_request_error", None),
        Kind::ContextLength => ("invalid_request_error", Some("context_length_exceeded")),
        Kind::InvalidKey => ("invalid_request_error", Some("invalid_api_key")),
        Kind::Forbidden => ("invalid_request_error", Some("insufficient_permissions")),
        Kind::ModelNotFound => ("invalid_request_error", Some("model_not_found")),
        Kind::NotFound => ("invalid_request_error", Some("unknown_url")),
        Kind::MethodNotAllowed => ("invalid_request_error", Some("method_not_allowed")),
        Kind::Conflict => ("invalid_request_error", Some("conflict")),
        Kind::TooLarge => ("invalid_request_error", Some("request_too_large")),
        Kind::RateLimited => ("requests", Some("rate_limit_exceeded")),
        Kind::ServerError => ("server_error", None),
        Kind::BadGateway => ("server_error", Some("bad_gateway")),
        Kind::TimedOut => ("server_error", Some("timeout")),
    }
}

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
    fn resets_are_written_as_go_does() {
        for (ms, text) in
            [(0, "0ms"), (12, "12ms"), (1_500, "1.5s"), (360_000, "6m0s"), (3_723_000, "1h2m3s")]
        {
            assert_eq!(go_duration(Duration::from_millis(ms)), text);
        }
    }
}
