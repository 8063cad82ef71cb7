//! Reads the rows of a CSV or JSONL file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::scenario::error::{Invalid, ScenarioProblem};

use super::rows::Rows;

/// The largest size of a file: all of its rows are in memory.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads a file in the format of its extension; `key` is its key in the scenario.
pub(super) fn read(path: &Path, key: &str) -> Result<Rows, Invalid> {
    let shown = path.display();
    let invalid = |because: String| Invalid::new(key, ScenarioProblem::File(because));
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => read_csv,
        Some("jsonl") => read_jsonl,
        _ => return Err(invalid(format!("{shown}: expected a .csv or .jsonl file"))),
    };
    let unreadable = |error| invalid(format!("{shown}: cannot be read: {error}"));
    // Opening a pipe would wait for its writer, possibly for ever.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(invalid(format!("{shown}: expected a regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        let because = format!("{shown}: the file has {bytes} bytes; expected at most {FILE_BYTES_MAX}");
        return Err(invalid(because));
    }
    // The limit also applies to a file that grows, or has no size.
    let rows = read(&mut BufReader::new(file.take(FILE_BYTES_MAX)));
    rows.map_err(|error| invalid(format!("{shown}:{}: {}", error.line, error.message)))
}

/// The error of a line.
struct LineError {
    /// From 1.
    line: u64,
    message: String,
}

/// The first line names the columns.
fn read_csv(file: &mut dyn BufRead) -> Result<Rows, LineError> {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| csv_error(&error))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if let Some(name) = duplicate(&columns) {
        return Err(LineError { line: 1, message: format!("duplicate column `{name}`") });
    }
    let mut rows = Rows::with_columns(columns);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| csv_error(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        rows.push_cells(record.iter()).map_err(|message| LineError { line, message })?;
    }
    Ok(rows)
}

fn duplicate(columns: &[String]) -> Option<&String> {
    let mut sorted: Vec<&String> = columns.iter().collect();
    sorted.sort();
    sorted.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}

fn csv_error(error: &csv::Error) -> LineError {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} of {expected_len} cells")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    LineError { line, message }
}

/// Each line is a text or an object; empty lines are skipped.
fn read_jsonl(file: &mut dyn BufRead) -> Result<Rows, LineError> {
    let mut rows = Rows::default();
    for (line, text) in (1..).zip(file.lines()) {
        let error_of = |message| LineError { line, message };
        let text = text.map_err(|error| error_of(error.to_string()))?;
        if !text.trim().is_empty() {
            let row = serde_json::from_str(&text).map_err(|error| error_of(json_message(&error)))?;
            rows.push(row).map_err(error_of)?;
        }
    }
    Ok(rows)
}

/// Returns the message of the error without the line, which is always 1.
fn json_message(error: &serde_json::Error) -> String {
    let (text, column) = (error.to_string(), error.column());
    let what = text.strip_suffix(&format!(" at line {} column {column}", error.line())).unwrap_or(&text);
    format!("not JSON: {what} at column {column}")
}
