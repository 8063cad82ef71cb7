//! A request as a row.

use std::time::{Duration, Instant};

use http::StatusCode;

use crate::record::{Sample, Verdict};

/// The longest error in a row, in characters.
const ERROR_CHARS: usize = 200;

/// What is kept of a request until it is written. Nothing in it is allocated unless it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The task's number.
    pub(super) task: usize,
    pub(super) status: Option<StatusCode>,
    pub(super) began: Instant,
    pub(super) took: Duration,
    pub(super) error: Option<String>,
}

impl Row {
    pub(super) fn of(task: usize, sample: &Sample) -> Self {
        let began = sample.sent.unwrap_or(sample.intended);
        let error = match &sample.verdict {
            Verdict::Completed | Verdict::RateLimited => None,
            Verdict::Failed(problem) => {
                Some(format!("{}: {}", problem.kind, problem.detail).chars().take(ERROR_CHARS).collect())
            }
        };
        let took = sample.ended.saturating_duration_since(began);
        Self { task, status: sample.answer.status, began, took, error }
    }
}
