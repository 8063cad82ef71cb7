//! Which files a report leaves.

use super::format::Format;
use super::{HistogramLog, Html, Json, Junit, Markdown, Timeline, locust};
use weir_results::{Measured, Report};

/// Those of every report.
const ALWAYS: [&dyn Format; 6] = [&Json, &Html, &Timeline, &HistogramLog, &Markdown, &Junit];

/// Locust's own, of a report of one load: they have no place for another.
const OF_ONE_LOAD: [&dyn Format; 4] =
    [&locust::Stats, &locust::History, &locust::Failures, &locust::Exceptions];

/// The names of all files that a report may leave.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    ALWAYS.iter().chain(&OF_ONE_LOAD).map(|file| file.file_name())
}

/// The files that a report leaves in its folder.
#[must_use]
pub fn files(report: &Report) -> Vec<&'static dyn Format> {
    let mut files = ALWAYS.to_vec();
    if let [section] = report.sections.as_slice()
        && matches!(section.measured, Measured::Load(_))
    {
        files.extend(OF_ONE_LOAD);
    }
    files
}
