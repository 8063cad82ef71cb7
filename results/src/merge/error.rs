//! Why reports cannot be read, or not be made into one.

use crate::summary::SCHEMA;

/// Why a file is not a report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("{name}: is no JSON: {source}")]
    Json {
        /// The file.
        name: String,
        /// Where, and what is wrong.
        source: serde_json::Error,
    },
    /// It is something else.
    #[error("{name}: is no summary.json of weir: it has no `schema` that is a number")]
    Other {
        /// The file.
        name: String,
    },
    /// It was written by another version.
    #[error(
        "{name}: has schema {found}, of weir {weir}; this is weir {}, which reads schema {SCHEMA}",
        env!("CARGO_PKG_VERSION")
    )]
    Schema {
        /// The file.
        name: String,
        /// Its schema.
        found: u64,
        /// The version that wrote it.
        weir: String,
    },
    /// A value in it is not what it should be.
    #[error("{name}: is not what weir writes: {source}")]
    Broken {
        /// The file.
        name: String,
        /// Which, and where.
        source: serde_json::Error,
    },
}

/// Why reports are not of one thing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is no report to merge")]
    None,
    /// They differ where they must not.
    #[error(
        "{first} and {second} cannot be merged: {what} is `{in_first}` in the first, `{in_second}` in the second"
    )]
    Different {
        /// The first file.
        first: String,
        /// The one that does not fit.
        second: String,
        /// In what they differ.
        what: String,
        /// Its value in the first file.
        in_first: String,
        /// Its value in the other.
        in_second: String,
    },
    /// The medians of a speedup are made of traces that are not in the file, nor are the runs of a search.
    #[error("{first} and {second} cannot be merged: the section `{section}` is {what}")]
    Single {
        /// The first file.
        first: String,
        /// The other.
        second: String,
        /// The section's name.
        section: String,
        /// What it is, and what to do instead.
        what: &'static str,
    },
    /// When a run began is no date.
    #[error("{name}: `started` is {started:?}; an instant like \"2026-11-21T02:46:09Z\" is needed")]
    Started {
        /// The file.
        name: String,
        /// What stands there.
        started: String,
    },
}
