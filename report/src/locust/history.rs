//! `weir_stats_history.csv`: a row a second.

use std::time::UNIX_EPOCH;

use super::columns::{AGGREGATED, head, load, push_content_size, push_moments, push_percentiles};
use crate::csv::{LineEnd, Row, Sheet};
use crate::format::{Format, RenderError};
use weir_results::{Histogram, Phase, Report, Second, instant_of_label};

/// Rates are means over so many seconds, as in Locust. (It leaves out the last two as well, which its workers may not
/// have reported yet; ours are complete.)
const RATE_WINDOW_S: usize = 10;

const COLUMNS_BEFORE: [&str; 6] = ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"];
const COLUMNS_AFTER: [&str; 7] = [
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
];

/// Locust's history, without `--csv-full-history`: percentiles and totals are those so far, all requests together.
/// They begin anew after the warm-up; that of a later run, in a report of several, they leave out. Latencies are within
/// 1 % of those measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History;

impl Format for History {
    fn file_name(&self) -> &'static str {
        "weir_stats_history.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut sheet = Sheet::new(LineEnd::CrLf);
        sheet.push(&head(&COLUMNS_BEFORE, &COLUMNS_AFTER))?;
        let Some(summary) = load(report) else { return sheet.into_bytes() };
        let started = instant_of_label(&summary.started).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let epoch_s = started.unwrap_or_default().as_secs();
        let mut total = Total::default();
        for (place, second) in summary.timeline.iter().enumerate() {
            let recent = summary.timeline.get(..=place).unwrap_or_default();
            let recent = recent.get(recent.len().saturating_sub(RATE_WINDOW_S)..).unwrap_or_default();
            total.add(second);
            sheet.push(&total.row(epoch_s, second, recent))?;
        }
        sheet.into_bytes()
    }
}

/// The sums so far.
#[derive(Default)]
struct Total {
    has_measured: bool,
    requests: u64,
    failures: u64,
    bytes: u64,
    e2e: Histogram,
}

impl Total {
    fn add(&mut self, second: &Second) {
        match (self.has_measured, second.phase != Phase::Measured) {
            (true, true) => return,
            (false, false) => *self = Self { has_measured: true, ..Self::default() },
            (false, true) | (true, false) => {}
        }
        self.requests += second.ended();
        self.failures += second.failed;
        self.bytes += second.bytes_received;
        second.e2e.add_to(&mut self.e2e);
    }

    /// The row at the end of a second.
    fn row(&self, epoch_s: u64, second: &Second, recent: &[Second]) -> Row {
        let mean = |figure: fn(&Second) -> u64| {
            recent.iter().map(figure).sum::<u64>() as f64 / recent.len().max(1) as f64
        };
        let mut row = Row::default();
        row.number(epoch_s + second.at_s + 1);
        row.number(second.users);
        row.text("");
        row.text(AGGREGATED);
        row.number(format_args!("{:.6}", mean(Second::ended)));
        row.number(format_args!("{:.6}", mean(|second| second.failed)));
        push_percentiles(&mut row, &self.e2e, self.requests);
        row.number(self.requests);
        row.number(self.failures);
        push_moments(&mut row, &self.e2e);
        push_content_size(&mut row, self.bytes, self.requests);
        row
    }
}
