//! What a report can be written as.

use weir_results::Report;

/// One form of a report, one file.
pub trait Format {
    /// The name of the file in the report's folder.
    fn file_name(&self) -> &'static str;

    /// The content of the file.
    ///
    /// # Errors
    /// When the figures cannot be put into this form.
    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError>;
}

/// Why a report could not be put into a form. None of these is the user's doing.
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
        /// What the encoder said.
        reason: String,
    },
}
