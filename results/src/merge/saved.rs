//! A saved report.

use serde_json::Value;

use crate::report::Report;
use crate::summary::SCHEMA;

use super::error::ReadError;

/// A report and the name of its file.
#[derive(Clone, Debug)]
pub struct SavedReport {
    /// The file name for error messages.
    pub name: String,
    /// The report.
    pub report: Report,
}

impl SavedReport {
    /// Reads the text of a `summary.json`.
    ///
    /// # Errors
    /// Fails if the text is not a report, of another version, or invalid.
    pub fn read(name: &str, text: &[u8]) -> Result<Self, ReadError> {
        let name = name.to_owned();
        let value: Value = match serde_json::from_slice(text) {
            Ok(value) => value,
            Err(source) => return Err(ReadError::Json { name, source }),
        };
        let Some(found) = value.get("schema").and_then(Value::as_u64) else {
            return Err(ReadError::Other { name });
        };
        if found != u64::from(SCHEMA) {
            let weir = value.get("weir").and_then(Value::as_str).unwrap_or("unknown").to_owned();
            return Err(ReadError::Schema { name, found, weir });
        }
        drop(value);
        // Parses the text again, so that an error has a line number.
        match serde_json::from_slice(text) {
            Ok(report) => Ok(Self { name, report }),
            Err(source) => Err(ReadError::Broken { name, source }),
        }
    }
}
