//! Errors as this backend writes them, and others that have no way of their own.

use http::HeaderMap;
use serde_json::{Value, json};

use crate::api::{Dialect, Problem};

#[derive(Debug)]
struct ChainBackend;

/// This API's dialect.
pub(in crate::api) fn dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &ChainBackend
}

/// The error in an answer or in a stream.
pub(super) fn error_body(problem: &Problem) -> Value {
    let Problem { message, known, .. } = problem;
    match &**known {
        [] => json!({"status": "error", "error": message}),
        known => json!({"status": "error", "error": message, "known": known}),
    }
}

impl Dialect for ChainBackend {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
        error_body(problem)
    }

    fn error_schema(&self) -> &'static str {
        "ChainError"
    }
}
