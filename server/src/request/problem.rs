//! Why a request is refused, independent of the dialect.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Map, Value};
use weir_chains::LlmError;
use weir_model::{Refusal, ScriptedError};

use crate::{
    admission::{GivenKey, LimitExceeded, LlmQueueFull, OutOfAnswerMemory, RateView, Rejection},
    connection::BodyTimedOut,
};

pub(super) const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
/// The default `Retry-After`.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The number of known models in the message about an unknown one.
const MODELS_SHOWN_MAX: usize = 16;

/// Kinds of problems; each dialect has its own names for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// 400.
    InvalidRequest,
    /// 400: the prompt is too long for the model.
    ContextLength,
    /// 401.
    InvalidKey,
    /// 403.
    Forbidden,
    /// 404.
    ModelNotFound,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408: the request did not arrive in time.
    RequestTimedOut,
    /// 409.
    Conflict,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 429.
    RateLimited,
    /// 500.
    ServerError,
    /// 502: another server's response was invalid.
    BadGateway,
    /// 503: the server is overloaded.
    Overloaded,
    /// 504.
    TimedOut,
}

impl ProblemKind {
    /// Returns the status of problems of this kind.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::ContextLength => StatusCode::BAD_REQUEST,
            Self::InvalidKey => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::ModelNotFound | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

impl ProblemKind {
    /// Returns the usual kind of a status.
    const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::InvalidKey,
            403 => Self::Forbidden,
            404 => Self::ModelNotFound,
            405 => Self::MethodNotAllowed,
            408 | 504 => Self::TimedOut,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMediaType,
            429 => Self::RateLimited,
            502 => Self::BadGateway,
            503 => Self::Overloaded,
            0..500 => Self::InvalidRequest,
            500.. => Self::ServerError,
        }
    }
}

/// Additional data of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Headers of the response.
    pub headers: HeaderMap,
    /// Fields that the dialect adds to the error.
    pub details: Map<String, Value>,
    /// The limit that the request exceeds.
    pub limit: Option<LimitExceeded>,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its kind, which determines the status.
    pub kind: ProblemKind,
    /// The message.
    pub message: String,
    /// The invalid field of the request.
    pub param: Option<String>,
    /// OpenAI's code, if it does not follow from the kind.
    pub code: Option<&'static str>,
    /// The valid names.
    pub known: Box<[String]>,
    /// When the client may try again.
    pub retry_after: Option<Duration>,
    /// Additional data for a dialect or its clients.
    pub extras: Option<Box<Extras>>,
    /// The error of a script.
    pub scripted: Option<Arc<ScriptedError>>,
}

impl Problem {
    /// Returns a problem of this kind.
    pub fn new(kind: ProblemKind, message: String) -> Self {
        Self {
            kind,
            message,
            param: None,
            code: None,
            known: Box::default(),
            retry_after: None,
            extras: None,
            scripted: None,
        }
    }

    /// Returns the problem of an invalid request with the invalid field `param`.
    pub fn invalid(param: Option<String>, message: String) -> Self {
        Self { param, ..Self::new(ProblemKind::InvalidRequest, message) }
    }

    /// Returns the problem of an invalid field.
    pub fn field(param: &str, code: &'static str, message: String) -> Self {
        Self { code: Some(code), ..Self::invalid(Some(param.to_owned()), message) }
    }

    /// Returns the problem of an invalid header.
    pub(crate) fn header(name: &HeaderName, message: &str) -> Self {
        Self { code: Some("invalid_header"), ..Self::invalid(None, format!("header {name}: {message}")) }
    }

    pub(crate) fn bad_json(error: &serde_json::Error) -> Self {
        Self::invalid(None, format!("the body is not the expected JSON: {error}"))
    }

    pub(crate) fn broken_body(error: &axum::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(inner) = cause {
            if inner.is::<BodyTimedOut>() {
                return Self::new(ProblemKind::RequestTimedOut, inner.to_string());
            }
            cause = inner.source();
        }
        Self::invalid(None, format!("the body could not be read to its end: {error}"))
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(ProblemKind::TooLarge, format!("the body is larger than the limit of {limit} bytes"))
    }

    pub(crate) fn no_such_path(parts: &Parts) -> Self {
        let (method, path) = (&parts.method, parts.uri.path());
        Self::new(ProblemKind::NotFound, format!("unknown path: {method} {path}"))
    }

    pub(crate) fn wrong_method(parts: &Parts) -> Self {
        let (method, path) = (&parts.method, parts.uri.path());
        Self::new(ProblemKind::MethodNotAllowed, format!("the method {method} is not allowed on {path}"))
    }

    /// Returns the problem that no `what` ("model", "chain") has the name `name`.
    pub fn unknown_name<'a>(
        kind: ProblemKind,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<String> = known.map(str::to_owned).collect();
        let near = weir_pace::nearest(name, known.iter().map(String::as_str));
        let hint = near.map(|near| format!(" (did you mean '{near}'?)")).unwrap_or_default();
        let shown = if kind == ProblemKind::ModelNotFound { MODELS_SHOWN_MAX } else { usize::MAX };
        let mut list = known.get(..shown).unwrap_or(&known).join(", ");
        if let more @ 1.. = known.len().saturating_sub(shown) {
            list.push_str(&format!(" and {more} more"));
        }
        let message = format!("the {what} '{name}' does not exist{hint}; known: {list}");
        Self { known: known.into(), ..Self::new(kind, message) }
    }

    /// The status of its response.
    pub fn status(&self) -> StatusCode {
        let scripted = self.scripted.as_ref().and_then(|error| StatusCode::from_u16(error.status).ok());
        scripted.unwrap_or_else(|| self.kind.status())
    }

    /// Its type and code, if a script sets them.
    pub(crate) fn scripted_names(&self) -> (Option<&str>, Option<&str>) {
        let error = self.scripted.as_ref();
        (error.and_then(|error| error.kind.as_deref()), error.and_then(|error| error.code.as_deref()))
    }

    /// The limit that the request exceeds.
    pub(crate) fn limit(&self) -> Option<&LimitExceeded> {
        self.extras.as_ref().and_then(|extras| extras.limit.as_ref())
    }

    /// Writes `Retry-After`, if a retry can succeed.
    pub fn write_retry_after(&self, headers: &mut HeaderMap) {
        if let Some(after) = self.retry_after {
            // Rounded up: a client that retries slightly early is refused again.
            let ms = after.as_micros().div_ceil(1_000) as u64;
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000)));
            headers.insert(RETRY_AFTER_MS, HeaderValue::from(ms));
        }
    }

    /// Returns the problem of a request that exceeds a limit of its key.
    pub(crate) fn exceeded(exceeded: LimitExceeded, model: Option<&str>) -> Self {
        Self {
            retry_after: exceeded.retry_after,
            extras: Some(Box::new(Extras { limit: Some(exceeded), ..Extras::default() })),
            ..Self::new(ProblemKind::RateLimited, exceeded.message(model))
        }
    }

    fn limited(message: String, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ProblemKind::RateLimited, message) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ContextExceeded { .. } => Self {
                param: Some("messages".to_owned()),
                ..Self::new(ProblemKind::ContextLength, refusal.to_string())
            },
            Refusal::KvCacheExceeded { .. } => Self::invalid(None, refusal.to_string()),
            Refusal::QueueFull { retry_after, .. } => Self {
                retry_after: Some(retry_after),
                ..Self::new(ProblemKind::Overloaded, refusal.to_string())
            },
            Refusal::Schema(error) => Self::invalid(None, error.to_string()),
            Refusal::Scripted(error) => Self {
                retry_after: error.retry_after,
                scripted: Some(Arc::clone(&error)),
                ..Self::new(ProblemKind::of_status(error.status), error.message.clone())
            },
        }
    }
}

impl From<OutOfAnswerMemory> for Problem {
    fn from(error: OutOfAnswerMemory) -> Self {
        Self { retry_after: Some(RETRY_AFTER), ..Self::new(ProblemKind::Overloaded, error.to_string()) }
    }
}

impl From<LlmQueueFull> for Problem {
    fn from(full: LlmQueueFull) -> Self {
        Self::limited(full.to_string(), full.retry_after)
    }
}

impl Rejection {
    /// The states of the limits, if one of them is the reason.
    pub(crate) const fn rate(&self) -> Option<RateView> {
        match self {
            Self::Rate(rate) => Some(rate.view),
            Self::Unauthorized { .. } | Self::Concurrent { .. } => None,
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unauthorized { given: GivenKey::Missing } => Self::new(
                ProblemKind::InvalidKey,
                "no API key was given: expected one in the header Authorization: Bearer KEY, or X-API-Key: KEY"
                    .to_owned(),
            ),
            Rejection::Unauthorized { given: GivenKey::Unlisted } => Self {
                code: Some("invalid_api_key"),
                ..Self::new(ProblemKind::InvalidKey, "the API key that was given is not a known one".to_owned())
            },
            Rejection::Rate(rate) => Self::exceeded(rate.exceeded, None),
            Rejection::Concurrent { max } => {
                Self::limited(format!("too many requests at once: this key may have {max}"), RETRY_AFTER)
            }
        }
    }
}

impl From<&LlmError> for Problem {
    fn from(error: &LlmError) -> Self {
        let message = error.to_string();
        match error {
            LlmError::RateLimited { retry_after, .. } | LlmError::Overloaded { retry_after, .. } => {
                Self::limited(message, retry_after.unwrap_or(RETRY_AFTER))
            }
            LlmError::InvalidRequest { .. } => Self::new(ProblemKind::InvalidRequest, message),
            LlmError::UnknownModel { .. } | LlmError::Upstream { .. } | LlmError::Truncated => {
                Self::new(ProblemKind::ServerError, message)
            }
        }
    }
}
