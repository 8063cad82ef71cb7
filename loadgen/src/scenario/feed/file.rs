//! Rows of a CSV or JSONL file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::scenario::error::{Invalid, ScenarioProblem};

use super::check::Rows;

/// A larger file is a mistake: all of its rows are in memory.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads a file by what its name ends in; `key` is where the scenario names it.
pub(super) fn read(path: &Path, key: &str) -> Result<Rows, Invalid> {
    let shown = path.display();
    let refusal = |because: String| Invalid::new(key, ScenarioProblem::File(because));
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => read_csv,
        Some("jsonl") => read_jsonl,
        _ => return Err(refusal(format!("{shown}: a file that ends in .csv or .jsonl is needed"))),
    };
    let cannot = |error| refusal(format!("{shown}: cannot be read: {error}"));
    let file = File::open(path).map_err(cannot)?;
    let bytes = file.metadata().map_err(cannot)?.len();
    if bytes > FILE_BYTES_MAX {
        let because = format!("{shown}: it has {bytes} bytes; at most {FILE_BYTES_MAX} are read");
        return Err(refusal(because));
    }
    // What grows while it is read, or never had a size, is cut off all the same.
    let rows = read(&mut BufReader::new(file.take(FILE_BYTES_MAX)));
    rows.map_err(|fault| refusal(format!("{shown}:{}: {}", fault.line, fault.because)))
}

/// What is wrong with a line of a file.
struct Fault {
    /// From 1.
    line: u64,
    because: String,
}

/// The first line names the columns.
fn read_csv(file: &mut dyn BufRead) -> Result<Rows, Fault> {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| csv_fault(&error))?;
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if let Some(name) = twice(&columns) {
        return Err(Fault { line: 1, because: format!("the column `{name}` is there twice") });
    }
    let mut rows = Rows::with_columns(columns);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| csv_fault(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        rows.push_cells(record.iter()).map_err(|because| Fault { line, because })?;
    }
    Ok(rows)
}

fn twice(columns: &[String]) -> Option<&String> {
    let mut sorted: Vec<&String> = columns.iter().collect();
    sorted.sort();
    sorted.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}

fn csv_fault(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    let because = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} of {expected_len} cells, one for each column")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Fault { line, because }
}

/// Each line is a text or an object; empty ones are left out.
fn read_jsonl(file: &mut dyn BufRead) -> Result<Rows, Fault> {
    let mut rows = Rows::default();
    for (line, text) in (1..).zip(file.lines()) {
        let fault = |because| Fault { line, because };
        let text = text.map_err(|error| fault(error.to_string()))?;
        if !text.trim().is_empty() {
            let row = serde_json::from_str(&text).map_err(|error| fault(not_json(&error)))?;
            rows.push(row).map_err(fault)?;
        }
    }
    Ok(rows)
}

/// What serde says, without a line: it has seen only one.
fn not_json(error: &serde_json::Error) -> String {
    let (text, column) = (error.to_string(), error.column());
    let what = text.strip_suffix(&format!(" at line {} column {column}", error.line())).unwrap_or(&text);
    format!("not JSON: {what} at column {column}")
}
