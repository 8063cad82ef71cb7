//! Columns and values in Locust's format.

use crate::csv::Row;
use weir_results::units::to_ms;
use weir_results::{Histogram, Measured, Report, Summary};

/// Locust's `PERCENTILES_TO_REPORT`, as the heads of their columns.
const PERCENTILES: [(f64, &str); 11] = [
    (0.5, "50%"),
    (0.66, "66%"),
    (0.75, "75%"),
    (0.8, "80%"),
    (0.9, "90%"),
    (0.95, "95%"),
    (0.98, "98%"),
    (0.99, "99%"),
    (0.999, "99.9%"),
    (0.9999, "99.99%"),
    (1.0, "100%"),
];

/// The rows' name for all requests together.
pub(super) const AGGREGATED: &str = "Aggregated";

/// Returns the first load: the files hold a single one.
pub(super) fn load(report: &Report) -> Option<&Summary> {
    report.sections.iter().find_map(|section| match &section.measured {
        Measured::Load(summary) => Some(&**summary),
        Measured::Speedup(_) | Measured::Search(_) => None,
    })
}

/// A header with the percentiles between two groups of columns.
pub(super) fn head(before: &[&str], after: &[&str]) -> Row {
    let mut row = Row::default();
    let percentiles = PERCENTILES.map(|(_, name)| name);
    before.iter().chain(&percentiles).chain(after).for_each(|name| row.text(name));
    row
}

/// Each percentile in whole milliseconds; `N/A` if there was no request. There is a number however few the samples
/// are, because readers of these files expect one.
pub(super) fn push_percentiles(row: &mut Row, latency: &Histogram, requests: u64) {
    for (q, _) in PERCENTILES {
        if requests == 0 {
            row.text("N/A");
        } else {
            row.number(latency.value_at(q).map_or(0.0, to_ms).round());
        }
    }
}

/// Median, mean, least and greatest, in milliseconds.
pub(super) fn push_mean_and_extremes(row: &mut Row, latency: &Histogram) {
    let moments = [latency.value_at(0.5), latency.mean(), latency.min(), latency.max()];
    moments.into_iter().for_each(|value| row.fraction(value.map_or(0.0, to_ms)));
}

/// The mean size of a response in bytes.
pub(super) fn push_content_size(row: &mut Row, bytes: u64, requests: u64) {
    row.fraction(if requests == 0 { 0.0 } else { bytes as f64 / requests as f64 });
}
