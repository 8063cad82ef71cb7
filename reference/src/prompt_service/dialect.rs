//! The error format of this service: a code, and machine-readable details.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use weir_server::{Dialect, Problem, ProblemKind};

#[derive(Debug)]
struct PromptService;

/// This API's dialect.
pub(super) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &PromptService
}

impl Dialect for PromptService {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
        let mut details = Map::new();
        if let Some(extras) = &problem.extras {
            details.extend(extras.details.clone());
        }
        if let Some(param) = &problem.param {
            details.insert("field".to_owned(), param.as_str().into());
        }
        if !problem.known.is_empty() {
            details.insert("known".to_owned(), problem.known.to_vec().into());
        }
        let code = match problem.kind {
            ProblemKind::InvalidRequest => "invalid_request",
            ProblemKind::ContextLength => "prompt_too_long",
            ProblemKind::InvalidKey => "unauthorized",
            ProblemKind::Forbidden => "forbidden",
            ProblemKind::ModelNotFound | ProblemKind::NotFound => "not_found",
            ProblemKind::MethodNotAllowed => "method_not_allowed",
            ProblemKind::Conflict => "conflict",
            ProblemKind::RequestTimedOut => "request_timeout",
            ProblemKind::TooLarge => "too_large",
            ProblemKind::UnsupportedMediaType => "unsupported_media_type",
            ProblemKind::RateLimited => "rate_limit_exceeded",
            ProblemKind::ServerError => "server_error",
            ProblemKind::BadGateway => "bad_gateway",
            ProblemKind::Overloaded => "overloaded",
            ProblemKind::TimedOut => "timeout",
        };
        json!({"error": {"code": code, "message": problem.message, "details": details}})
    }

    fn error_schema(&self) -> &'static str {
        "PromptServiceError"
    }
}
