//! Why a saved histogram cannot be read.

/// Why a saved histogram could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// `hdr` is not base64.
    #[error("hdr: not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// `hdr` is not an HdrHistogram.
    #[error("hdr: not an HdrHistogram in V2 format: {0:?}")]
    Format(hdrhistogram::serialization::DeserializeError),
    /// The histogram has another resolution.
    #[error("hdr: expected {needed} significant digits, found {found}")]
    Digits {
        /// The digits of the histogram that was read.
        found: u32,
        /// The required digits.
        needed: u8,
    },
    /// The histogram has no head.
    #[error("hdr: not an HdrHistogram in V2 format, deflated")]
    Head,
    /// The histogram would take more memory than any that was measured.
    #[error("hdr: expected durations of at most a day, found a larger histogram")]
    TooLarge,
    /// The histograms of a report would take too much memory.
    #[error("hdr: expected histograms of at most 1 GiB in all, found more")]
    ReportTooLarge,
}
