//! Errors in the provider's format.

use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};

use super::headers::write_headers;
use crate::{
    admission::{LimitKind, TokenEstimate},
    api::anthropic,
    request::{Dialect, Problem, ProblemKind},
};

/// The code of every error of a limit.
const RATE_LIMIT_EXCEEDED: &str = "rate_limit_exceeded";

#[derive(Debug)]
struct OpenAi;

/// This API's dialect.
pub(in crate::api) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &OpenAi
}

/// The dialect of paths that Anthropic's API has as well.
pub(crate) fn dialect_of_shared(headers: &HeaderMap) -> &'static dyn Dialect {
    if anthropic::is_spoken(headers) { anthropic::dialect(headers) } else { &OpenAi }
}

impl Dialect for OpenAi {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
        let (class, usual) = match problem.limit() {
            Some(exceeded) if exceeded.kind != LimitKind::Requests => ("tokens", Some(RATE_LIMIT_EXCEEDED)),
            Some(_) | None => names(problem.kind),
        };
        let (scripted_class, scripted_code) = problem.scripted_names();
        let (class, code) = (scripted_class.unwrap_or(class), scripted_code.or(problem.code).or(usual));
        json!({"error": {"message": problem.message, "type": class, "param": problem.param, "code": code}})
    }

    fn error_schema(&self) -> &'static str {
        "OpenAiError"
    }

    fn token_estimate(&self) -> TokenEstimate {
        TokenEstimate::Larger
    }

    fn add_headers(&self, elapsed: Duration, digits: &str, headers: &mut HeaderMap) {
        write_headers(elapsed, digits, headers);
    }
}

/// The type and code of errors.
const fn names(kind: ProblemKind) -> (&'static str, Option<&'static str>) {
    match kind {
        ProblemKind::InvalidRequest => ("invalid_request_error", None),
        ProblemKind::ContextLength => ("invalid_request_error", Some("context_length_exceeded")),
        ProblemKind::InvalidKey => ("invalid_request_error", Some("invalid_api_key")),
        ProblemKind::Forbidden => ("invalid_request_error", Some("insufficient_permissions")),
        ProblemKind::ModelNotFound => ("invalid_request_error", Some("model_not_found")),
        ProblemKind::NotFound => ("invalid_request_error", Some("unknown_url")),
        ProblemKind::MethodNotAllowed => ("invalid_request_error", Some("method_not_allowed")),
        ProblemKind::Conflict => ("invalid_request_error", Some("conflict")),
        ProblemKind::RequestTimedOut => ("invalid_request_error", Some("request_timeout")),
        ProblemKind::TooLarge => ("invalid_request_error", Some("request_too_large")),
        ProblemKind::UnsupportedMediaType => ("invalid_request_error", Some("unsupported_media_type")),
        ProblemKind::RateLimited => ("requests", Some(RATE_LIMIT_EXCEEDED)),
        ProblemKind::ServerError => ("server_error", None),
        ProblemKind::BadGateway => ("server_error", Some("bad_gateway")),
        ProblemKind::Overloaded => ("server_error", Some("server_overloaded")),
        ProblemKind::TimedOut => ("server_error", Some("timeout")),
    }
}
