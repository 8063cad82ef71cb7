//! The files of a report.

use super::figures::FiguresCsv;
use super::format::Format;
use super::{HistogramLog, Html, Json, Junit, Markdown, Timeline, locust};
use weir_results::{Measured, Report};

/// The formats of every report.
const COMMON_FORMATS: [&dyn Format; 7] =
    [&Json, &Html, &Timeline, &FiguresCsv, &HistogramLog, &Markdown, &Junit];

/// Locust's formats, which hold a single load.
const LOCUST_FORMATS: [&dyn Format; 4] =
    [&locust::Stats, &locust::History, &locust::Failures, &locust::Exceptions];

/// Returns the names of all files that a report may have.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    COMMON_FORMATS.iter().chain(&LOCUST_FORMATS).map(|file| file.file_name())
}

/// Returns the names of Locust's CSV files.
pub fn locust_file_names() -> impl Iterator<Item = &'static str> {
    LOCUST_FORMATS.iter().map(|file| file.file_name())
}

/// Returns the formats in which a report is written.
#[must_use]
pub fn files(report: &Report) -> Vec<&'static dyn Format> {
    let mut files = COMMON_FORMATS.to_vec();
    if let [section] = report.sections.as_slice()
        && matches!(section.measured, Measured::Load(_))
    {
        files.extend(LOCUST_FORMATS);
    }
    files
}
