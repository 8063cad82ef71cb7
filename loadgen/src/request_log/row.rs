//! Rows, and what they refer to.

use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;

use crate::record::{Sample, Verdict, visible_start};
use crate::redact::{RedactedText, Redaction};

/// The longest error in a row, in characters.
const ERROR_CHARS: usize = 200;

/// What the rows refer to.
#[derive(Clone, Debug)]
pub(crate) struct RunMetadata {
    /// By task number.
    pub(crate) endpoints: Vec<Endpoint>,
    /// The start of the run, on both clocks.
    pub(crate) epoch: Instant,
    pub(crate) epoch_wall: SystemTime,
    pub(crate) users: u64,
}

/// The name and method of a task.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) method: String,
}

/// A finished request until it is written. Only failures allocate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The task's number.
    pub(super) task: usize,
    pub(super) status: Option<StatusCode>,
    pub(super) began: Instant,
    pub(super) took: Duration,
    pub(super) error: Option<RedactedText>,
}

impl Row {
    pub(super) fn of(task: usize, sample: &Sample, redaction: Redaction<'_>) -> Self {
        let began = sample.sent.unwrap_or(sample.intended);
        let error = match &sample.verdict {
            Verdict::Completed | Verdict::RateLimited => None,
            Verdict::Failed(problem) => {
                let detail = redaction.redact(&problem.detail);
                Some(detail.map(|detail| visible_start(&format!("{}: {detail}", problem.kind), ERROR_CHARS)))
            }
        };
        let took = sample.ended.saturating_duration_since(began);
        Self { task, status: sample.answer.status, began, took, error }
    }
}
