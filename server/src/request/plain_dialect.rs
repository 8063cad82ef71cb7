//! The errors of endpoints that imitate no provider.

use http::HeaderMap;
use serde_json::{Value, json};

use super::{Dialect, Problem};

#[derive(Debug)]
struct Plain;

/// The dialect of endpoints that imitate no provider: `{"status": "error", "error": "..."}`.
pub fn plain_dialect(_headers: &HeaderMap) -> &'static dyn Dialect {
    &Plain
}

/// Returns such an error, as it is in an answer or in a stream.
pub fn plain_error(problem: &Problem) -> Value {
    let Problem { message, known, .. } = problem;
    match &**known {
        [] => json!({"status": "error", "error": message}),
        known => json!({"status": "error", "error": message, "known": known}),
    }
}

impl Dialect for Plain {
    fn error_body(&self, problem: &Problem, _digits: &str) -> Value {
        plain_error(problem)
    }

    fn error_schema(&self) -> &'static str {
        "ChainError"
    }
}
