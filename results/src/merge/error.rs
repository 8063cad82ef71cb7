//! Why reports cannot be read or merged.

use crate::summary::SCHEMA;
use crate::visible::visible;

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not JSON.
    #[error("{name}: not valid JSON: {}", visible(&source.to_string()))]
    Json {
        /// The file.
        name: String,
        /// The cause, with its position.
        source: serde_json::Error,
    },
    /// The file is JSON, but not a report.
    #[error("{name}: not a summary.json of weir: `schema` is missing or not a number")]
    Other {
        /// The file.
        name: String,
    },
    /// The file was written by another version.
    #[error(
        "{name}: has schema {found}, of weir {}; this is weir {}, which reads schema {SCHEMA}",
        visible(weir),
        env!("CARGO_PKG_VERSION")
    )]
    Schema {
        /// The file.
        name: String,
        /// The schema of the file.
        found: u64,
        /// The version that wrote it.
        weir: String,
    },
    /// The report has more parts than any that was measured.
    #[error("{name}: {list}: expected at most {max} items, found {found}")]
    TooMany {
        /// The file.
        name: String,
        /// The list that is too long.
        list: &'static str,
        /// Its number of items.
        found: usize,
        /// The largest number.
        max: usize,
    },
    /// A value of the report is invalid.
    #[error("{name}: not a valid summary.json: {}", visible(&source.to_string()))]
    Broken {
        /// The file.
        name: String,
        /// The cause, with its position.
        source: serde_json::Error,
    },
}

/// Why reports cannot be merged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are no reports.
    #[error("there is no report to merge")]
    None,
    /// The reports measured different things.
    #[error(
        "{first} and {second} cannot be merged: {what} is `{in_first}` in the first, `{in_second}` in the second; \
         report different runs one by one"
    )]
    Different {
        /// The first file.
        first: String,
        /// The file that differs.
        second: String,
        /// The property that differs.
        what: String,
        /// Its value in the first file.
        in_first: String,
        /// Its value in the other.
        in_second: String,
    },
    /// Sections of this kind cannot be merged: the file holds neither the traces of a speedup nor the runs of a search.
    #[error("{first} and {second} cannot be merged: the section `{section}` is {what}")]
    Single {
        /// The first file.
        first: String,
        /// The other.
        second: String,
        /// The section's name.
        section: String,
        /// The kind of section, and what to do instead.
        what: &'static str,
    },
    /// The start of a run is not a valid instant.
    #[error("{name}: `started` is {started:?}: expected an instant like \"2026-11-21T02:46:09Z\"")]
    Started {
        /// The file.
        name: String,
        /// The invalid text.
        started: String,
    },
}
