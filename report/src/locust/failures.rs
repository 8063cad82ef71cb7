//! `weir_failures.csv` and `weir_exceptions.csv`.

use std::time::Duration;

use super::columns::load;
use crate::csv::{CsvFile, LineEnd, Row};
use crate::format::{Format, RenderError};
use weir_results::{FailureCount, Report, Summary, TaskFigures, instant_of_label, utc_label};

const FAILURE_COLUMNS: [&str; 6] = ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"];
const EXCEPTION_COLUMNS: [&str; 4] = ["Count", "Message", "Traceback", "Nodes"];

/// Locust's failures: a row for each kind of each task. The error is the kind with its first message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failures;

impl Format for Failures {
    fn file_name(&self) -> &'static str {
        "weir_failures.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::CrLf);
        file.push(&Row::of(&FAILURE_COLUMNS))?;
        if let Some(summary) = load(report) {
            for task in &summary.tasks {
                for (kind, failure) in &task.figures.failures {
                    file.push(&row(summary, task, kind, failure))?;
                }
            }
        }
        file.into_bytes()
    }
}

fn row(summary: &Summary, task: &TaskFigures, kind: &str, failure: &FailureCount) -> Row {
    let began = instant_of_label(&summary.started);
    let mut row = Row::default();
    row.text(&task.method);
    row.text(&task.name);
    row.text(&format!("{kind}: {}", failure.example));
    row.number(failure.count);
    for since_s in [failure.first_s, failure.last_s] {
        let since = Duration::try_from_secs_f64(since_s).unwrap_or_default();
        let at = began.and_then(|began| began.checked_add(since));
        row.text(&at.map(utc_label).unwrap_or_default());
    }
    row
}

/// Locust's exceptions are those of users' Python code. There is none here, so the file has a header only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exceptions;

impl Format for Exceptions {
    fn file_name(&self) -> &'static str {
        "weir_exceptions.csv"
    }

    fn render(&self, _: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::CrLf);
        file.push(&Row::of(&EXCEPTION_COLUMNS))?;
        file.into_bytes()
    }
}
