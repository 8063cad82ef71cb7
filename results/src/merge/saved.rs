//! A saved report.

use serde::de::IgnoredAny;
use serde_json::error::Category;

use crate::histogram::with_memory_limit;
use crate::report::Report;
use crate::summary::SCHEMA;

use super::error::ReadError;
use super::shape::Shape;

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
        // Lists would be read as objects, too.
        if text.trim_ascii_start().first() != Some(&b'{') {
            let is_json = serde_json::from_slice::<IgnoredAny>(text);
            return Err(is_json.map_or_else(
                |source| ReadError::Json { name: name.clone(), source },
                |_| ReadError::Other { name: name.clone() },
            ));
        }
        // Counts first, so that a report of any size takes no memory before its limits are checked.
        let shape: Shape<'_> = match serde_json::from_slice(text) {
            Ok(shape) => shape,
            Err(source) if source.classify() != Category::Data => {
                return Err(ReadError::Json { name, source });
            }
            Err(source) => return Err(ReadError::Broken { name, source }),
        };
        let Some(found) = shape.schema.and_then(|schema| schema.get().parse::<u64>().ok()) else {
            return Err(ReadError::Other { name });
        };
        if found != u64::from(SCHEMA) {
            let weir = shape.weir.and_then(|weir| serde_json::from_str(weir.get()).ok());
            return Err(ReadError::Schema {
                name,
                found,
                weir: weir.unwrap_or_else(|| "unknown".to_owned()),
            });
        }
        if let Some((list, found, max)) = shape.excess() {
            return Err(ReadError::TooMany { name, list, found, max });
        }
        // Parses the text again, so that an error has a line number.
        match with_memory_limit(|| serde_json::from_slice(text)) {
            Ok(report) => Ok(Self { name, report }),
            Err(source) => Err(ReadError::Broken { name, source }),
        }
    }
}
