//! Errors as the provider writes them.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value, json};
use weir_model::Profile;

use super::{
    headers::{name_request, request_id, tell_rate},
    version::VERSION,
};
use crate::{
    admission::RateView,
    api::{Call, Dialect, Problem, generation, problem::Kind},
    app::App,
};

#[derive(Debug)]
struct Anthropic;

/// This API's dialect.
pub(in crate::api) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &Anthropic
}

/// Whether a client speaks this API, on paths that another has as well.
pub(in crate::api) fn is_spoken(headers: &HeaderMap) -> bool {
    headers.contains_key(VERSION)
}

impl Dialect for Anthropic {
    fn error_body(&self, problem: &Problem, digits: &str) -> Value {
        let class = problem.scripted_names().0.unwrap_or_else(|| usual_type(problem));
        json!({
            "type": "error",
            "error": {"type": class, "message": message(problem)},
            "request_id": request_id(digits),
        })
    }

    fn error_schema(&self) -> &'static str {
        "AnthropicError"
    }

    fn add_headers(&self, _call: &Call, digits: &str, headers: &mut HeaderMap) {
        name_request(digits, headers);
    }

    fn tell_rate(&self, rate: &RateView, headers: &mut HeaderMap) {
        tell_rate(rate, headers);
    }
}

/// What the provider calls errors of this status, or of this kind.
fn usual_type(problem: &Problem) -> &'static str {
    match problem.status().as_u16() {
        402 => "billing_error",
        529 => "overloaded_error",
        _ => error_type(problem.kind),
    }
}

fn message(problem: &Problem) -> &str {
    match (problem.kind, problem.code) {
        _ if problem.scripted.is_some() => &problem.message,
        (Kind::InvalidKey, None) => "x-api-key header is required",
        (Kind::InvalidKey, Some(_)) => "invalid x-api-key",
        _ => &problem.message,
    }
}

const fn error_type(kind: Kind) -> &'static str {
    match kind {
        Kind::InvalidRequest | Kind::ContextLength | Kind::Conflict | Kind::MethodNotAllowed => {
            "invalid_request_error"
        }
        Kind::InvalidKey => "authentication_error",
        Kind::Forbidden => "permission_error",
        Kind::ModelNotFound | Kind::NotFound => "not_found_error",
        Kind::TooLarge => "request_too_large",
        Kind::RateLimited => "rate_limit_error",
        Kind::ServerError | Kind::BadGateway => "api_error",
        Kind::TimedOut => "timeout_error",
    }
}

/// The profile that answers for the model that a request names.
pub(super) fn profile<'a>(app: &'a App, name: &str) -> Result<&'a Arc<Profile>, Problem> {
    generation::profile(app, Some(name))
        .map_err(|problem| Problem { message: format!("model: {name}"), ..problem })
}
