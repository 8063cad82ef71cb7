//! Errors in the provider's format.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use weir_model::Profile;

use super::{
    headers::{name_request, request_id, write_rate_limit},
    version::VERSION,
};
use crate::{
    admission::{LimitExceeded, LimitKind, RateView},
    api::generation,
    context::ServerContext,
    request::{Dialect, Problem, ProblemKind},
};

/// The provider's status of an overloaded server.
const OVERLOADED: u16 = 529;

#[derive(Debug)]
struct Anthropic;

/// This API's dialect.
pub(in crate::api) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &Anthropic
}

/// Whether a client uses this API, on paths that another API has as well.
pub(in crate::api) fn is_spoken(headers: &HeaderMap) -> bool {
    headers.contains_key(VERSION)
}

impl Dialect for Anthropic {
    fn error_body(&self, problem: &Problem, digits: &str) -> Value {
        let class = problem.scripted_names().0.unwrap_or_else(|| usual_type(problem));
        let message = match problem.limit() {
            Some(exceeded) => limit_message(exceeded),
            None => message(problem).to_owned(),
        };
        let mut error = json!({"type": class, "message": message});
        if let (Some(extras), Value::Object(error)) = (&problem.extras, &mut error) {
            error.extend(extras.details.clone());
        }
        json!({"type": "error", "error": error, "request_id": request_id(digits)})
    }

    fn status(&self, problem: &Problem) -> StatusCode {
        match (problem.kind, &problem.scripted) {
            (ProblemKind::Overloaded, None) => {
                StatusCode::from_u16(OVERLOADED).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
            }
            _ => problem.status(),
        }
    }

    fn error_schema(&self) -> &'static str {
        "AnthropicError"
    }

    fn add_headers(&self, _elapsed: Duration, digits: &str, headers: &mut HeaderMap) {
        name_request(digits, headers);
    }

    fn has_retry_after_ms(&self) -> bool {
        false
    }

    fn write_rate_limit(&self, rate: &RateView, headers: &mut HeaderMap) {
        write_rate_limit(rate, headers);
    }
}

/// The provider's error type for this status or kind.
fn usual_type(problem: &Problem) -> &'static str {
    match problem.status().as_u16() {
        402 => "billing_error",
        OVERLOADED => "overloaded_error",
        _ => error_type(problem.kind),
    }
}

fn message(problem: &Problem) -> &str {
    match (problem.kind, problem.code) {
        _ if problem.scripted.is_some() => &problem.message,
        (ProblemKind::InvalidKey, None) => "x-api-key header is required",
        (ProblemKind::InvalidKey, Some(_)) => "invalid x-api-key",
        _ => &problem.message,
    }
}

/// The provider's message for a request that exceeds a limit.
fn limit_message(exceeded: &LimitExceeded) -> String {
    let LimitExceeded { kind, limit, period, .. } = *exceeded;
    let period = match period.as_secs() {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    let advice = match kind {
        LimitKind::Requests => "Please try again later.",
        LimitKind::Tokens | LimitKind::InputTokens | LimitKind::OutputTokens => {
            "Please reduce the prompt length or the maximum tokens requested, or try again later."
        }
    };
    format!(
        "This request would exceed your organization's rate limit of {limit} {} per {period}. For details, refer to: \
         https://docs.anthropic.com/en/api/rate-limits. You can see the response headers for current usage. {advice}",
        kind.units()
    )
}

const fn error_type(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::InvalidRequest
        | ProblemKind::ContextLength
        | ProblemKind::Conflict
        | ProblemKind::RequestTimedOut
        | ProblemKind::UnsupportedMediaType
        | ProblemKind::MethodNotAllowed => "invalid_request_error",
        ProblemKind::InvalidKey => "authentication_error",
        ProblemKind::Forbidden => "permission_error",
        ProblemKind::ModelNotFound | ProblemKind::NotFound => "not_found_error",
        ProblemKind::TooLarge => "request_too_large",
        ProblemKind::RateLimited => "rate_limit_error",
        ProblemKind::ServerError | ProblemKind::BadGateway => "api_error",
        ProblemKind::Overloaded => "overloaded_error",
        ProblemKind::TimedOut => "timeout_error",
    }
}

/// The profile of the requested model.
pub(super) fn profile<'a>(server: &'a ServerContext, name: &str) -> Result<&'a Arc<Profile>, Problem> {
    generation::profile(server, Some(name))
        .map_err(|problem| Problem { message: format!("model: {name}"), ..problem })
}
