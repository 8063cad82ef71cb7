//! Errors as the provider writes them.

use std::sync::Arc;

use serde_json::{Value, json};
use weir_model::Profile;

use crate::{
    api::{Problem, generation, problem::Kind},
    app::App,
};

/// The body of an error; `request` is the request's id.
pub(in crate::api) fn error_body(problem: &Problem, request: Option<&str>) -> Value {
    json!({
        "type": "error",
        "error": {"type": problem.scripted_names().0.unwrap_or_else(|| usual_type(problem)), "message": message(problem)},
        "request_id": request,
    })
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
