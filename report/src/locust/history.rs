//! `weir_stats_history.csv`: a row per second.

use std::time::UNIX_EPOCH;

use super::columns::{AGGREGATED, head, load, push_content_size, push_mean_and_extremes, push_percentiles};
use crate::csv::{CsvFile, LineEnd, Row};
use crate::format::{Format, RenderError};
use weir_results::{Histogram, Phase, Report, Second, instant_of_label};

/// Rates are means over this number of seconds, as in Locust. (Locust also leaves out the last two, which its workers
/// may not have reported yet; here they are complete.)
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

/// Locust's history without `--csv-full-history`: percentiles and totals are cumulative, over all requests.
/// They start again after the warm-up, and exclude the warm-up of later merged runs. Latencies are within 1 % of the
/// measured ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History;

impl Format for History {
    fn file_name(&self) -> &'static str {
        "weir_stats_history.csv"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut file = CsvFile::new(LineEnd::CrLf);
        file.push(&head(&COLUMNS_BEFORE, &COLUMNS_AFTER))?;
        let Some(summary) = load(report) else { return file.into_bytes() };
        let started = instant_of_label(&summary.started).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let epoch_s = started.unwrap_or_default().as_secs();
        let mut total = Total::default();
        for (place, second) in summary.timeline.iter().enumerate() {
            let recent = summary.timeline.get(..=place).unwrap_or_default();
            let recent = recent.get(recent.len().saturating_sub(RATE_WINDOW_S)..).unwrap_or_default();
            total.add(second);
            file.push(&total.row(epoch_s, second, recent))?;
        }
        file.into_bytes()
    }
}

/// The cumulative sums.
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

    /// Returns the row at the end of a second.
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
        push_mean_and_extremes(&mut row, &self.e2e);
        push_content_size(&mut row, self.bytes, self.requests);
        row
    }
}
