//! A report as it was saved.

use serde_json::Value;

use crate::report::Report;
use crate::summary::SCHEMA;

use super::error::ReadError;

/// A report, and the file that it is from.
#[derive(Clone, Debug)]
pub struct SavedReport {
    /// The file, as errors name it.
    pub name: String,
    /// What it holds.
    pub report: Report,
}

impl SavedReport {
    /// Reads the text of a `summary.json`.
    ///
    /// # Errors
    /// It is something else, of another version, or broken.
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
        // From the text once more: then an error says in which line.
        match serde_json::from_slice(text) {
            Ok(report) => Ok(Self { name, report }),
            Err(source) => Err(ReadError::Broken { name, source }),
        }
    }
}
