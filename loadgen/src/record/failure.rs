//! The kinds of failures of requests, and their names in reports.

use std::fmt;

use crate::redact::{RedactedText, Redaction, UnredactedText};
use weir_results::{GENERATOR_FAILURE, OTHER_FAILURES, visible};
use weir_wire::{Phase, RequestError};

/// The kind of a failure. Its `Display` is the stable name in summaries.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailureKind {
    /// This machine had no file descriptors or ports left: the target has no part in it.
    Generator,
    Connect,
    Tls,
    Timeout(Phase),
    Reset,
    /// Closed before its end, or a stream that ended before its answer was complete.
    Truncated,
    /// An error that the server reports inside an answer, streamed or plain.
    StreamError,
    /// A status that the task does not accept.
    Http(u16),
    /// An answer that failed a check of the task.
    Check,
    /// Invalid HTTP, invalid JSON or the wrong content type.
    Protocol,
    TooLarge,
    /// A template that could not be rendered.
    Request,
    /// Kinds beyond the limit of those that are counted separately.
    Other,
}

impl FailureKind {
    /// Whether no connection could be opened.
    pub(crate) fn is_unreachable(self) -> bool {
        matches!(self, Self::Connect | Self::Tls | Self::Timeout(Phase::Connect | Phase::Tls))
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generator => GENERATOR_FAILURE,
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout(Phase::Connect) => "timeout_connect",
            Self::Timeout(Phase::Tls) => "timeout_tls",
            Self::Timeout(Phase::Send) => "timeout_send",
            Self::Timeout(Phase::Headers) => "timeout_headers",
            Self::Timeout(Phase::Idle) => "timeout_idle",
            Self::Timeout(Phase::Total) => "timeout_total",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::StreamError => "stream_error",
            Self::Http(status) => return write!(f, "http_{status}"),
            Self::Check => "check",
            Self::Protocol => "protocol",
            Self::TooLarge => "too_large",
            Self::Request => "request",
            Self::Other => OTHER_FAILURES,
        })
    }
}

/// The longest example of a failure, in characters.
const EXAMPLE_CHARS: usize = 200;

/// A failure of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: FailureKind,
    pub(crate) detail: UnredactedText,
}

impl Problem {
    pub(crate) fn new(kind: FailureKind, detail: impl Into<UnredactedText>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// Returns the start of its text, as an example of its kind.
    pub(crate) fn example(&self, redaction: Redaction<'_>) -> RedactedText {
        redaction.redact(&self.detail).map(|detail| visible_start(detail, EXAMPLE_CHARS))
    }
}

/// Returns the first `max` characters of a text that a server may have written. Hidden characters are written as in Rust.
pub(crate) fn visible_start(text: &str, max: usize) -> String {
    let start: String = text.chars().take(max).collect();
    visible(&start).chars().take(max).collect()
}

impl From<RequestError> for Problem {
    fn from(failure: RequestError) -> Self {
        Self::from(&failure)
    }
}

impl From<&RequestError> for Problem {
    fn from(failure: &RequestError) -> Self {
        let kind = match failure {
            failure if failure.is_local() => FailureKind::Generator,
            RequestError::Resolve { .. } | RequestError::Connect { .. } => FailureKind::Connect,
            RequestError::Tls { .. } => FailureKind::Tls,
            RequestError::Timeout { phase, .. } => FailureKind::Timeout(*phase),
            RequestError::Reset { .. } => FailureKind::Reset,
            RequestError::Truncated { .. } => FailureKind::Truncated,
            RequestError::Protocol(_) => FailureKind::Protocol,
            RequestError::TooLarge { .. } | RequestError::HeadTooLarge { .. } => FailureKind::TooLarge,
            _ => FailureKind::Other,
        };
        Self::new(kind, failure.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_of_connect_failures_is_the_name_in_results() {
        let names = [FailureKind::Connect, FailureKind::Timeout(Phase::Connect)].map(|kind| kind.to_string());
        assert_eq!(names, weir_results::CONNECT_FAILURES);
    }

    #[test]
    fn from_error_of_this_machine_is_a_failure_of_the_generator() {
        let connect = |source| RequestError::Connect { addr: ([127, 0, 0, 1], 1).into(), source };
        let kind = |code| Problem::from(connect(std::io::Error::from_raw_os_error(code))).kind.to_string();
        assert_eq!((kind(24).as_str(), kind(111).as_str()), ("generator", "connect"));
    }

    #[test]
    fn example_makes_control_characters_visible_and_is_short() {
        let problem = |detail: &str| {
            let problem = Problem::new(FailureKind::StreamError, detail);
            String::from(problem.example(Redaction::without_secrets()))
        };
        assert_eq!(problem("a\u{1b}[31m\u{202e}b\r\n\u{9b}é"), r"a\u{1b}[31m\u{202e}b\r\n\u{9b}é");
        assert_eq!(problem(&"\n".repeat(500)).chars().count(), EXAMPLE_CHARS);
    }
}
