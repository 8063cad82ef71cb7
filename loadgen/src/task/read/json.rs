//! Parses the JSON of a server, and fails on the errors in it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::{FailureKind, Problem};

/// The longest piece of an error event that a failure repeats.
const ERROR_CHARS: usize = 160;

pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(json)
        .map_err(|error| protocol_problem(&format!("not the JSON that was expected: {error}")))
}

/// An answer that is not one of its API.
pub(crate) fn protocol_problem(detail: &str) -> Problem {
    Problem::new(FailureKind::Protocol, detail)
}

/// Refuses a stream one of whose events has an error in it.
pub(crate) fn fail_on_error(error: Option<&RawValue>) -> Result<(), Problem> {
    error.map_or(Ok(()), |error| Err(stream_error(error.get())))
}

/// A stream that reports a failure.
pub(crate) fn stream_error(said: &str) -> Problem {
    let said: String = said.chars().take(ERROR_CHARS).collect();
    Problem::new(FailureKind::StreamError, format!("error event: {said}"))
}
