//! Errors as the provider writes them.

use http::HeaderMap;
use serde_json::{Value, json};

use super::headers::write_headers;
use crate::api::{Call, Dialect, Problem, anthropic, problem::Kind};

#[derive(Debug)]
struct OpenAi;

/// This API's dialect.
pub(in crate::api) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &OpenAi
}

/// That of paths which Anthropic's API has as well.
pub(in crate::api) fn dialect_of_shared(headers: &HeaderMap) -> &'static dyn Dialect {
    if anthropic::is_spoken(headers) { anthropic::dialect(headers) } else { &OpenAi }
}

impl Dialect for OpenAi {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
        let (class, usual) = names(problem.kind);
        let (scripted_class, scripted_code) = problem.scripted_names();
        let (class, code) = (scripted_class.unwrap_or(class), scripted_code.or(problem.code).or(usual));
        json!({"error": {"message": problem.message, "type": class, "param": problem.param, "code": code}})
    }

    fn error_schema(&self) -> &'static str {
        "OpenAiError"
    }

    fn add_headers(&self, call: &Call, digits: &str, headers: &mut HeaderMap) {
        write_headers(call, digits, headers);
    }
}

/// The type and code of errors.
const fn names(kind: Kind) -> (&'static str, Option<&'static str>) {
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
