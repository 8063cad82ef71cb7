//! Formats of reports.

use weir_results::Report;

/// One format of a report: one file.
pub trait Format {
    /// The name of the file in the report's folder.
    fn file_name(&self) -> &'static str;

    /// The content of the file.
    ///
    /// # Errors
    /// Fails if the figures cannot be represented in this format.
    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError>;
}

/// Why a report could not be rendered. None of these is the user's mistake.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A value that JSON cannot hold.
    #[error("as json: {0}")]
    Json(#[from] serde_json::Error),
    /// The page's template failed.
    #[error("as html: {0}")]
    Page(#[from] minijinja::Error),
    /// A row does not fit its table.
    #[error("as csv: {0}")]
    Csv(csv::Error),
    /// The report is not valid XML.
    #[error("as junit: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// A histogram could not be encoded.
    #[error("histogram {tag}: {reason}")]
    Histogram {
        /// The histogram's tag in the log.
        tag: String,
        /// The encoder's message.
        reason: String,
    },
}
