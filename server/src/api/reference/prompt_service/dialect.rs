//! Errors as this service writes them: a code, and details by which a program can act.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::api::{Dialect, Problem, problem::Kind};

#[derive(Debug)]
struct PromptService;

/// This API's dialect.
pub(super) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &PromptService
}

impl Dialect for PromptService {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
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

    fn error_schema(&self) -> &'static str {
        "PromptServiceError"
    }
}
